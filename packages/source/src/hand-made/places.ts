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

export function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** From 0. */
export function lineIndex(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Every character but line breaks becomes a blank, so that lines and offsets stay what they are. */
export function blanked(text: string): string {
  return text.replace(/[^\r\n]/g, ' ');
}
