import { isMap, isScalar, type YAMLMap } from 'yaml';
import type { Edit } from './edit.ts';
import type { WorkflowFile, WorkflowJob } from './steps.ts';

/** Permissions that a Tidegate step needs: the commit, GitHub's registry, and an identity to sign with. */
function needed(pushesToGitHub: boolean): ReadonlyMap<string, string> {
  return new Map([
    ['contents', 'read'],
    ...(pushesToGitHub ? [['packages', 'write'] as const] : []),
    ['id-token', 'write'],
  ]);
}

/**
 * The edits that give a job the permissions that it lacks. `id-token` is in no default, so a job without `permissions`
 * gets its own.
 */
export function withPermissions(
  { root, lines }: WorkflowFile,
  { node, stepsLine, indent }: WorkflowJob,
  pushesToGitHub: boolean,
): readonly Edit[] {
  const own = node.get('permissions', true);
  const wanted = needed(pushesToGitHub);
  if (isScalar(own) && own.value === 'write-all') return [];
  const pad = ' '.repeat(indent);
  if (isMap(own) && !own.flow && own.items.length > 0) {
    const missing = missingFrom(own, wanted);
    const raised = raisedIn(own, wanted, lines);
    if (missing.length === 0) return raised;
    const last = own.items.at(-1)?.value;
    const at = isScalar(last) && last.range ? lineOf(lines, last.range[0]) + 1 : stepsLine;
    const column = columnOf(own, lines);
    const added = missing.map(([name, access]) => `${' '.repeat(column)}${name}: ${access}`);
    return [...raised, { from: at, to: at, lines: added }];
  }
  // `permissions: {}` and other words in one line are replaced; without any, those of the workflow are the base.
  const base = isMap(own) ? own : root.get('permissions', true);
  const entries = new Map([...(isMap(base) ? entriesOf(base) : []), ...wanted]);
  const block = [`${pad}permissions:`, ...[...entries].map(([name, access]) => `${pad}  ${name}: ${access}`)];
  const at = own && (own as { range?: readonly number[] }).range?.[0];
  const line = typeof at === 'number' ? lineOf(lines, at) : stepsLine;
  return [{ from: line, to: typeof at === 'number' ? line + 1 : line, lines: block }];
}

function entriesOf(map: YAMLMap): [string, string][] {
  return map.items.flatMap(({ key, value }): [string, string][] =>
    isScalar(key) && isScalar(value) ? [[String(key.value), String(value.value)]] : [],
  );
}

function missingFrom(map: YAMLMap, wanted: ReadonlyMap<string, string>): readonly [string, string][] {
  const has = new Map(entriesOf(map));
  return [...wanted].filter(([name]) => !has.has(name));
}

/** `packages: read` of a job that pushes becomes `write`; the rest of the line stays. */
function raisedIn(map: YAMLMap, wanted: ReadonlyMap<string, string>, lines: readonly string[]): readonly Edit[] {
  return map.items.flatMap(({ key, value }): Edit[] => {
    if (!isScalar(key) || !isScalar(value) || !value.range) return [];
    if (wanted.get(String(key.value)) !== 'write' || value.value === 'write') return [];
    const at = lineOf(lines, value.range[0]);
    const line = lines[at] ?? '';
    return [{ from: at, to: at + 1, lines: [line.replace(/(:\s*)[\w-]+/, '$1write')] }];
  });
}

function columnOf(map: YAMLMap, lines: readonly string[]): number {
  const key = map.items[0]?.key;
  if (!isScalar(key) || !key.range) return 0;
  const line = lines[lineOf(lines, key.range[0])] ?? '';
  return line.length - line.trimStart().length;
}

function lineOf(lines: readonly string[], offset: number): number {
  let start = 0;
  for (const [at, line] of lines.entries()) {
    if (offset < start + line.length + 1) return at;
    start += line.length + 1;
  }
  return lines.length - 1;
}
