import { backslash, decoded, hidden, LINK_START, NESTED } from './decoders.ts';
import { type View, ViewWriter, viewOf } from './view.ts';

/** JSON in JSON in a URL: a text that was encoded more often is not searched. */
const DEEPEST = 3;

export interface Reading {
  readonly view: View;
  /** Whether it may have several lines: only escapes of line ends were decoded. */
  readonly hasLines: boolean;
}

/**
 * The text and its decoded forms, for every order in which encodings may be nested; each with and without invisible
 * characters.
 */
export function* viewsOf(text: string): Generator<Reading> {
  const seen = new Set<string>();
  let last: Reading[] = [{ view: viewOf(text), hasLines: true }];
  for (let depth = 0; last.length > 0; depth += 1) {
    const shown: View[] = [];
    for (const { view, hasLines } of last) {
      if (seen.has(view.text)) continue;
      seen.add(view.text);
      const visible = decoded(view, hidden);
      // The URL of a link may contain a secret, too.
      const hasLink = view.text.includes(LINK_START);
      yield { view, hasLines: hasLines && (!visible || hasLink) };
      if (visible && !seen.has(visible.text)) {
        seen.add(visible.text);
        yield { view: visible, hasLines };
      }
      shown.push(visible ?? view);
      if (visible && hasLink) shown.push(view);
    }
    last = depth < DEEPEST ? shown.flatMap((view) => decodedOnce(view, depth)) : [];
  }
}

function decodedOnce(of: View, depth: number): Reading[] {
  return NESTED.flatMap((decoder) => {
    const view = decoded(of, decoder);
    return view ? [{ view, hasLines: depth === 0 && decoder === backslash }] : [];
  });
}

/** Blanks and line ends become one blank: a log joins lines, and indents them. In a query, `+` is a blank as well. */
export function plain(view: View): View {
  let writer: ViewWriter | undefined;
  let from = 0;
  for (const { 0: blanks, index } of view.text.matchAll(BLANKS)) {
    writer ??= new ViewWriter(view);
    writer.copy(from, index);
    writer.add(' ', index);
    from = index + blanks.length;
  }
  writer?.copy(from, view.text.length);
  return writer?.end() ?? view;
}
const BLANKS = /[\s\u0085+]{2,}|[+\u0085]|[^\S ]/g;

/** Joins lines of base64 and hex: removes their ends, and BuildKit's prefix of each line. */
export function joined(view: View): View {
  let writer: ViewWriter | undefined;
  let from = 0;
  for (const { 0: lineEnd, index } of view.text.matchAll(LINE_END)) {
    writer ??= new ViewWriter(view);
    writer.copy(from, index);
    from = index + lineEnd.length;
  }
  writer?.copy(from, view.text.length);
  return writer?.end() ?? view;
}
const LINE_END = /(?<=[\w+/-])\r?\n(?:#\d{1,6} \d{1,9}(?:\.\d{1,9})? )?[ \t]{0,64}(?=[\w+/-])/g;
