/** Lines around a change. */
const CONTEXT = 3;

interface Line {
  readonly mark: ' ' | '+' | '-';
  readonly text: string;
}

/** A unified diff of two texts; '' if they are equal. */
export function unifiedDiff(path: string, before: string | undefined, after: string): string {
  const lines = compared(linesOf(before ?? ''), linesOf(after));
  const changed = lines.flatMap(({ mark }, at) => (mark === ' ' ? [] : [at]));
  if (changed.length === 0) return '';
  const parts = [`--- ${before === undefined ? '/dev/null' : `a/${path}`}`, `+++ b/${path}`];
  for (const [from, to] of hunks(changed, lines.length)) {
    const shown = lines.slice(from, to);
    const count = (mark: '+' | '-') => shown.filter((line) => line.mark === ' ' || line.mark === mark).length;
    const start = (mark: '+' | '-') =>
      lines.slice(0, from).filter((line) => line.mark === ' ' || line.mark === mark).length;
    const range = (mark: '+' | '-') => `${start(mark) + (count(mark) > 0 ? 1 : 0)},${count(mark)}`;
    parts.push(`@@ -${range('-')} +${range('+')} @@`, ...shown.map(({ mark, text }) => `${mark}${text}`));
  }
  return `${parts.join('\n')}\n`;
}

function linesOf(text: string): readonly string[] {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

function hunks(changed: readonly number[], length: number): readonly (readonly [from: number, to: number])[] {
  const found: [number, number][] = [];
  for (const at of changed) {
    const [from, to] = [Math.max(0, at - CONTEXT), Math.min(length, at + CONTEXT + 1)];
    const last = found.at(-1);
    if (last && from <= last[1]) last[1] = to;
    else found.push([from, to]);
  }
  return found;
}

/** The longest common subsequence of the lines: files here have a few hundred. */
function compared(before: readonly string[], after: readonly string[]): readonly Line[] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const row = lengths[i];
      if (row) row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const isSame = i < before.length && j < after.length && before[i] === after[j];
    if (isSame) lines.push({ mark: ' ', text: before[i] ?? '' });
    const removes = !isSame && i < before.length && (j >= after.length || at(i + 1, j) >= at(i, j + 1));
    if (removes) lines.push({ mark: '-', text: before[i] ?? '' });
    else if (!isSame) lines.push({ mark: '+', text: after[j] ?? '' });
    if (isSame || removes) i += 1;
    if (isSame || !removes) j += 1;
  }
  return lines;
}
