import { counted, TidegateError } from '@tidegate/core';
import { LEVELS, type Level, type SourceFinding } from '@tidegate/source';

/** Rules that no comment can suppress: BuildKit rejects such a file, and a file that was not read has no comments. */
const NOT_IGNORED: ReadonlySet<string> = new Set([
  ...['dockerfile-unreadable', 'file-not-read'],
  ...['ignore-without-reason', 'ignore-unused'],
]);

/** JSON has no comments. */
function orIgnore({ rule, file }: SourceFinding): string {
  if (NOT_IGNORED.has(rule) || /\.json$/i.test(file)) return '';
  return ` Or add the comment # tidegate: ignore=${rule} with a reason above it.`;
}

/** Findings at this level or above. */
function failingFindings(findings: readonly SourceFinding[], failOn: Level | 'none'): readonly SourceFinding[] {
  if (failOn === 'none') return [];
  return findings.filter(({ level }) => LEVELS.indexOf(level) <= LEVELS.indexOf(failOn));
}

/** @throws TidegateError `gate` that names the first failing findings */
export function assertClean(findings: readonly SourceFinding[], failOn: Level | 'none'): void {
  const failing = failingFindings(findings, failOn);
  const [first] = failing;
  if (!first) return;
  const more = failing.length > 1 ? `, and ${counted(failing.length - 1, 'more finding')}` : '';
  throw new TidegateError(
    'source-rule-failed',
    `${first.file}:${first.line} ${first.rule}: ${first.message.replace(/\.$/, '')}${more}.`,
    { next: `${first.fix}${orIgnore(first)}` },
  );
}
