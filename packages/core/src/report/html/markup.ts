import { visible } from '../../text/terminal.ts';
import { clipped } from '../../text/wording.ts';

/** HTML whose texts from outside are escaped. Only `html` makes it. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Part = string | number | Html | readonly Html[] | undefined;

/** Longest text from outside in one place: a name of a hundred thousand characters must not displace the page. */
const LONGEST = 500;
const LONGEST_SENTENCE = 5000;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/**
 * Template for HTML. Every value that is not `Html` is escaped, so that it is text in an element and in a quoted
 * attribute alike; controls and bidirectional marks become visible, as in the log.
 */
export function html(fixed: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(fixed.map((piece, at) => piece + (at < parts.length ? written(parts[at]) : '')).join(''));
}

function written(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escaped(part);
  return part.map(({ text }) => text).join('');
}

/** A sentence or a command, which may be longer than a name. */
export function longText(text: string): Html {
  return new Html(escaped(text, LONGEST_SENTENCE));
}

function escaped(text: string, longest = LONGEST): string {
  // Cut twice: first, so that a long text costs little; and again, because one invisible character becomes up to eight.
  const shown = clipped(visible(clipped(text, longest).toWellFormed()), longest);
  return shown.replace(/[&<>"'`]/g, (one) => ENTITIES[one] ?? '');
}

export const NOTHING = html``;

/** A link only to http and https: `javascript:` and `data:` addresses are text. */
export function externalLink(label: string, url: string | undefined): Html {
  if (url === undefined || !/^https?:\/\//i.test(url) || !URL.canParse(url)) return html`<span>${label}</span>`;
  return html`<a href="${new URL(url).href}" rel="noreferrer noopener" target="_blank">${label}</a>`;
}

/** Our own sentences mark code with backticks, as in Markdown. */
export function withCode(sentence: string): Html {
  return html`${sentence.split('`').map((piece, at) => (at % 2 === 0 ? html`${piece}` : html`<code>${piece}</code>`))}`;
}

/** The first rows of a long list, and the rest folded: the script shows them page by page. */
export function folded(
  all: readonly Html[],
  first: number,
  more: (count: number, rest: readonly Html[]) => Html,
): Html {
  const rest = all.slice(first);
  return html`${all.slice(0, first)}${rest.length > 0 ? more(rest.length, rest) : NOTHING}`;
}
