/**
 * Removes all of `characters` from the end of `text`. By index: a pattern that is anchored only at the end is tried
 * from each of its characters, and takes quadratic time on a text full of them.
 */
export function withoutEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text[end - 1] ?? '')) end -= 1;
  return text.slice(0, end);
}
