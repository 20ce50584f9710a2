import { counted, groupBy, TidegateError } from '@tidegate/core';
import { LEVELS, type Level, type SourceFinding } from '@tidegate/source';

/** GitHub shows ten annotations of each kind per step and drops the rest; the tenth error is the step's own. */
export const MOST_ANNOTATIONS = 9;

/** One annotation of a finding of the source rules. Untrusted text, not escaped. */
interface LintAnnotation {
  readonly level: 'error' | 'warning';
  readonly title: string;
  readonly message: string;
  readonly file: string;
  readonly line: number;
}

/** The other annotations of the step. */
export interface OtherAnnotations {
  /** Maximum number of ours: the findings of the scan may have annotations, too. */
  readonly most?: number | undefined;
  /** The error that the step fails with, if it is known. */
  readonly failure?: unknown;
}

/**
 * Annotations for findings of the source rules: those that fail the run are errors and come first, others are warnings.
 * A note is annotated only if it fails the run. The last annotation counts the rest.
 * Each fault has one annotation: findings of one rule on one line share it, and the step's own error may be it.
 */
export function lintAnnotations(
  findings: readonly SourceFinding[],
  failOn: Level | 'none',
  { most = MOST_ANNOTATIONS, failure }: OtherAnnotations = {},
): readonly LintAnnotation[] {
  const worth = byGravity(findings).filter(
    (finding) => (fails(finding, failOn) || finding.level !== 'note') && !isSaidBy(failure, finding),
  );
  const faults = [...groupBy(worth, faultOf).values()];
  const shown = faults.slice(0, Math.max(0, most));
  const rest = faults.slice(shown.length).flat();
  return shown.flatMap((fault, at) => {
    const [first] = fault;
    if (!first) return [];
    const last = at === shown.length - 1 && rest.length > 0 ? [restText(rest, failOn)] : [];
    const told = (text: (finding: SourceFinding) => string) => [...new Set(fault.map(text))];
    const sentences = [
      ...told(({ message }) => message),
      ...told(({ why }) => why),
      ...told(({ fix }) => fix),
      ...last,
    ];
    return {
      level: fails(first, failOn) ? 'error' : 'warning',
      title: first.rule,
      message: sentences.join(' '),
      ...{ file: first.file, line: first.line },
    };
  });
}

function faultOf({ file, level, line, rule }: SourceFinding): string {
  return [level, rule, line, file].join(' ');
}

/** BuildKit rejected the line for what the rule found: the error of the step is annotated there. */
function isSaidBy(failure: unknown, { file, line, rule }: SourceFinding): boolean {
  if (rule !== 'dockerfile-unreadable' || !(failure instanceof TidegateError)) return false;
  const { id, place } = failure;
  return id === 'dockerfile-syntax' && place?.file === file && place.line === line;
}

export function fails({ level }: SourceFinding, failOn: Level | 'none'): boolean {
  return failOn !== 'none' && LEVELS.indexOf(level) <= LEVELS.indexOf(failOn);
}

export function byGravity(findings: readonly SourceFinding[]): readonly SourceFinding[] {
  return findings.toSorted((one, other) => LEVELS.indexOf(one.level) - LEVELS.indexOf(other.level));
}

function restText(rest: readonly SourceFinding[], failOn: Level | 'none'): string {
  const failing = rest.filter((finding) => fails(finding, failOn)).length;
  const which = failing > 0 ? `, ${failing} of them blocking,` : '';
  return `${counted(rest.length, 'more finding')}${which} ${rest.length === 1 ? 'is' : 'are'} in the job summary.`;
}
