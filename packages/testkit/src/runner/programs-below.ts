import { readdirSync, readFileSync } from 'node:fs';

/** The command lines of a process's children, and of theirs: what a step that does not end waits for. */
export function programsBelow(pid: number): readonly string[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    // `pid (name) state parent …`: a name may contain blanks and brackets.
    const [, parent] = / \(.*\) \S (\d+) /s.exec(textOf(`/proc/${entry}/stat`)) ?? [];
    if (parent !== undefined) children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(entry)]);
  }
  const below = (one: number): number[] => (children.get(one) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid).map((one) => `${one} ${textOf(`/proc/${one}/cmdline`).replaceAll('\0', ' ').slice(0, 200)}`);
}

/** A process may end meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
