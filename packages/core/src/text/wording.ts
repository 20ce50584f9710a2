import { formatDuration } from './terminal.ts';

/** `1 finding`, `2 findings`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** With a first capital letter: a sentence out of an imperative. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The first `most` texts, and how many others there are: `a, b and 3 more`. */
export function listed(texts: readonly string[], most: number): string {
  return `${texts.slice(0, most).join(', ')}${texts.length > most ? ` and ${texts.length - most} more` : ''}`;
}

/** An age in milliseconds, never below zero; from two days on in days and hours: `5 d`, `6 d 3 h`. */
export function formatAge(given: number): string {
  const milliseconds = Math.max(0, given);
  const hours = Math.floor(milliseconds / 3_600_000);
  if (!(hours >= 48)) return formatDuration(milliseconds);
  if (!Number.isFinite(hours)) return 'any time';
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/**
 * At most `longest` characters: a name of a hundred thousand must not displace the rest of a message or a table. A text
 * of several words ends after a whole word. The only way to shorten a text that people read.
 */
export function clipped(text: string, longest = 80): string {
  if (text.length <= longest) return text;
  const characters = [...text.slice(0, 2 * longest + 2)];
  if (characters.length <= longest) return text;
  const kept = characters.slice(0, longest - 1).join('');
  const end = /\s/.test(characters[longest - 1] ?? '') ? kept.length : kept.lastIndexOf(' ');
  // After a short first word, a long name is worth more than the word alone.
  return `${(end < kept.length / 2 ? kept : kept.slice(0, end)).trimEnd()}…`;
}

/** A value as in JSON, at most `longest` characters of it. */
export function quoted(value: string, longest = 80): string {
  return JSON.stringify(clipped(value, longest));
}
