import { counted, TidegateError } from '@tidegate/core';
import { LEVELS, type Level, type SourceFinding } from '@tidegate/source';

/** BuildKit rejects such a file, whatever is ignored. */
const UNREADABLE = 'dockerfile-unreadable';
const orIgnore = (rule: string) => `Or add the comment # tidegate: ignore=${rule} with a reason above it.`;

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
    {
      next: first.rule === UNREADABLE ? first.fix : `${first.fix} ${orIgnore(first.rule)}`,
    },
  );
}
