import { visible, visibleLine } from './terminal.ts';

/**
 * Makes text from outside safe for GitHub-flavoured Markdown (job summaries, READMEs). A package may be called
 * `</details><img src=https://evil…>`, and a CVE's title may contain a table or a link: none of it may become markup.
 */

/** ASCII punctuation that can open markup anywhere in a line (CommonMark 0.31, 2.4: each may be backslash-escaped). */
const MARKUP = /[\\`*_{}[\]()#+!|~$^=:@.-]/g;

/**
 * GitHub looks for mentions (`@name`, `@team/name`, `name@example.com`) and references (`#7`, `owner/name#7`, `GH-7`)
 * in the finished page, where neither a backslash nor an entity is left. The text must be in two pieces there. A comment
 * makes two, and unlike a zero-width space it is not copied with the name of a package.
 */
const LINKED_LATER = /\\@|\\#(?=\d|$)|GH\\-(?=\d|$)/gi;
export const SPLIT = '<!-- -->';

/** Plain text in a paragraph or a table cell: one line, no markup, no HTML, no autolink, no @mention, no #reference. */
export function escapeMarkdown(text: string): string {
  return visibleLine(text)
    .replace(MARKUP, (character) => `\\${character}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(LINKED_LATER, (found) => `${found}${SPLIT}`);
}

/**
 * Inline code that is safe in a table, too: GitHub splits a cell at `|` before it reads backticks, and a code span has
 * no escapes. So this is HTML's element, with every special character as an entity.
 */
export function inlineCode(text: string): string {
  const body = visibleLine(text).replace(/[^A-Za-z0-9 \u0080-\u{10ffff}]/gu, (character) =>
    /[/,;%]/.test(character) ? character : `&#${character.codePointAt(0)};`,
  );
  return `<code>${body}</code>`;
}

/** A link to an http(s) URL; any other URL (javascript:, data:, relative) leaves only its escaped text. */
export function link(text: string, address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return escapeMarkdown(text);
  const target = url.href.replace(
    /[()<>|\\[\]`*_"'\s]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
  return `[${escapeMarkdown(text)}](${target})`;
}

/** A table whose headers and cells are Markdown: escape text from outside first. */
export function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(headers), line(headers.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A fenced block of several lines; the fence is longer than any run of backticks inside. */
export function codeBlock(text: string, language = ''): string {
  const body = text
    .split(/\r\n|\r|\n/)
    .map(visible)
    .join('\n');
  const longest = Math.max(2, ...(body.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${body}\n${fence}`;
}

/**
 * A section that is closed at first. `title` is HTML, not Markdown: `inlineCode` makes text from outside safe in it,
 * `escapeMarkdown` would show its backslashes.
 */
export function folded(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}
