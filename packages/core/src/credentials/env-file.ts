import { type NamedValue, secretPairs } from './pairs.ts';

/** Flag `s`: on Windows a line ends in a carriage return, which `.` would not match. */
const LINE = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]{0,199})[ \t]*=(.*)$/s;

export interface EnvLine extends NamedValue {
  /** Position of the line in the text. */
  readonly at: number;
}

/** Secrets of an environment file (`.env`): lines with a secret name and a secret value. */
export function secretsOfEnvFile(text: string): readonly EnvLine[] {
  const lines: EnvLine[] = [];
  let at = 0;
  for (const line of text.split('\n')) {
    const [, name, rest = ''] = LINE.exec(line) ?? [];
    if (name !== undefined) lines.push({ name, value: withoutQuotes(rest), at });
    at += line.length + 1;
  }
  return secretPairs(lines);
}

/** Removes quotes, and the comment after an unquoted value. */
function withoutQuotes(rest: string): string {
  const text = rest.trim();
  const quote = text.charAt(0);
  const end = quote === '"' || quote === "'" ? text.indexOf(quote, 1) : -1;
  if (end > 0) return text.slice(1, end);
  const comment = text.search(/(?:^|\s)#/);
  return comment < 0 ? text : text.slice(0, comment).trimEnd();
}
