import { LEVELS, type SourceFinding } from '../finding.ts';

/** Rules of the three checkers about the same problem, which are reported once. */
const SAME: readonly (readonly string[])[] = [
  ['secret-in-image', 'buildkit/SecretsUsedInArgOrEnv', 'hadolint/DL3064'],
  ['base-latest', 'hadolint/DL3006', 'hadolint/DL3007'],
  ['root-user', 'hadolint/DL3002'],
  [
    'package-cache-left',
    'hadolint/DL3009',
    'hadolint/DL3019',
    'hadolint/DL3032',
    'hadolint/DL3036',
    'hadolint/DL3040',
    'hadolint/DL3042',
    'hadolint/DL3060',
  ],
  ['dockerfile-unreadable', 'buildkit/BuildError', 'hadolint/DL1000', 'hadolint/DL3061'],
  ['buildkit/JSONArgsRecommended', 'hadolint/DL3025'],
  ['buildkit/MaintainerDeprecated', 'hadolint/DL4000'],
  ['buildkit/WorkdirRelativePath', 'hadolint/DL3000'],
  ['buildkit/DuplicateStageName', 'hadolint/DL3024'],
  ['buildkit/FromPlatformFlagConstDisallowed', 'hadolint/DL3029'],
  ['buildkit/MultipleInstructionsDisallowed', 'hadolint/DL3012', 'hadolint/DL4003', 'hadolint/DL4004'],
  ['buildkit/UndefinedVar', 'hadolint/DL3044'],
];
const PROBLEM = new Map(
  SAME.flatMap((rules, problem) => rules.map((rule) => [rule, { problem, order: rules.indexOf(rule) }] as const)),
);

/**
 * Merges the findings of several checkers: the same problem on the same lines appears once, under its first name, with
 * the other names beside it and the highest of their levels. Sorted by file and line.
 * @param extentOf the lines of the instruction that contains a line, because checkers report different lines of it.
 */
export function mergeFindings(
  findings: readonly SourceFinding[],
  extentOf: (file: string, line: number) => readonly [from: number, to: number] = (_, line) => [line, line],
): SourceFinding[] {
  const merged: SourceFinding[] = [];
  /** Index in `merged` of the finding of a problem at an instruction. */
  const places = new Map<string, number>();
  const ordered = [...findings].sort(
    (one, other) => (PROBLEM.get(one.rule)?.order ?? 0) - (PROBLEM.get(other.rule)?.order ?? 0),
  );
  for (const finding of ordered) {
    const problem = PROBLEM.get(finding.rule)?.problem;
    const key = `${problem}\0${extentOf(finding.file, finding.line)[0]}\0${finding.file}`;
    const at = problem === undefined ? undefined : places.get(key);
    const kept = at === undefined ? undefined : merged[at];
    if (at === undefined || !kept || kept.rule === finding.rule) {
      if (problem !== undefined && at === undefined) places.set(key, merged.length);
      merged.push(finding);
      continue;
    }
    const also = [...new Set([...(kept.also ?? []), finding.rule])];
    const level = LEVELS.indexOf(finding.level) < LEVELS.indexOf(kept.level) ? finding.level : kept.level;
    merged[at] = { ...kept, level, also };
  }
  return merged.sort(
    (one, other) => compare(one.file, other.file) || one.line - other.line || compare(one.rule, other.rule),
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
