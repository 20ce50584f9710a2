/** For tests: the words that a reader of a summary or comment sees before opening anything. */

/** Escaped text as a reader sees it. */
export function shown(markdown: string): string {
  return markdown
    .replaceAll('<!-- -->', '')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
}

/** The text outside of every fold; tables and code count, their lines do not. */
export function outsideFolds(markdown: string): string {
  let depth = 0;
  let text = '';
  for (const part of markdown.split(/(<\/?details>)/)) {
    if (part === '<details>') depth += 1;
    else if (part === '</details>') depth -= 1;
    else if (depth === 0) text += part;
  }
  return text;
}

export function wordsOutsideFolds(markdown: string): number {
  const text = shown(outsideFolds(markdown).replace(/<!--.*?-->/gs, '')).replace(/<\/?[a-z]+>/g, '');
  return text.split(/[\s|]+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

/** The text inside the folds whose title begins like this. */
export function fold(markdown: string, title: string): string {
  const found = markdown.split('<details><summary>').filter((part) => part.startsWith(title));
  return shown(found.join('\n'));
}
