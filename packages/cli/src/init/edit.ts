/** A change of lines: `[from, to)` becomes `lines`. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly lines: readonly string[];
}

/** The text with all edits. */
export function applied(lines: readonly string[], edits: readonly Edit[], isWindows: boolean): string {
  const result = [...lines];
  for (const { from, to, lines: replacement } of edits.toSorted((a, b) => b.from - a.from || b.to - a.to)) {
    const start = replacement.length > 0 ? from : commentStart(result, from);
    // The blank line that separated a removed step goes with it, unless another blank line does not follow.
    const end = replacement.length === 0 && (result[to] ?? '').trim() === '' && to < result.length - 1 ? to + 1 : to;
    result.splice(start, end - start, ...(isWindows ? replacement.map((line) => `${line}\r`) : replacement));
  }
  return result.join('\n');
}

/** A comment directly above a removed step describes it. */
function commentStart(lines: readonly string[], from: number): number {
  let start = from;
  while (/^\s*#/.test(lines[start - 1] ?? '')) start -= 1;
  return start;
}
