import { lineIndex, lineStarts } from '../shell/lines.ts';

/** A place in a file where commands stand. */
export type Place =
  | { readonly kind: 'script'; readonly text: string; lineAt(offset: number): number }
  | { readonly kind: 'arguments'; readonly args: readonly string[]; readonly line: number };

/** A script that is lines of its file, from `first` on. */
export function scriptFrom(text: string, first = 1): Place {
  const starts = lineStarts(text);
  return { kind: 'script', text, lineAt: (offset) => first + lineIndex(starts, offset) };
}

/** A script whose lines cannot be told apart in its file. */
export function scriptAt(text: string, line: number): Place {
  return { kind: 'script', text, lineAt: () => line };
}

/** Every character but line breaks becomes a blank, so that lines and offsets stay what they are. */
export function blanked(text: string): string {
  return text.replace(/[^\r\n]/g, ' ');
}
