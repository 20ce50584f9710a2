import { withoutEnd } from '@tidegate/core';

/** White space as in Go's unicode.IsSpace: JavaScript's \s lacks U+0085 and includes U+FEFF. */
const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const LEADING = new RegExp(`^${SPACE.source}+`);

export function isSpace(character: string): boolean {
  return SPACE.test(character);
}

export function trimStart(text: string): string {
  return text.replace(LEADING, '');
}

/** By index: a pattern anchored only at the end takes quadratic time on a line full of blanks. */
export function trim(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text[end - 1] ?? '')) end -= 1;
  return trimStart(text.slice(0, end));
}

/** Trims the characters of Go's `\s` at both ends: `[\t\n\f\r ]`. */
export function trimBlanks(text: string): string {
  return withoutEnd(text, '\t\n\f\r ').replace(/^[\t\n\f\r ]+/, '');
}

/**
 * Separates a keyword from its arguments, and arguments where quotes have no meaning: ASCII blanks without line feed.
 */
const BLANKS = /[\t\v\f\r ]+/;

/** Splits at the first blanks: one or two parts. */
export function cutAtBlanks(text: string): readonly [string] | readonly [string, string] {
  const found = BLANKS.exec(text);
  return found ? [text.slice(0, found.index), text.slice(found.index + found[0].length)] : [text];
}

export function splitAtBlanks(text: string): string[] {
  return text.split(BLANKS);
}
