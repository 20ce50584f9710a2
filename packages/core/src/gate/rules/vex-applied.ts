import type { RuleResult } from '../../policy.ts';
import { clipped, counted } from '../../text/wording.ts';
import { namesPackages } from '../../vex/apply.ts';
import { judged, notApplicable, type RuleContext } from '../context.ts';
import { scansOf } from '../scans.ts';
import { suppress } from '../suppressed.ts';

const MOST = 10;

/**
 * Reports which statement suppressed which finding. A statement with the status not_affected or fixed fails unless it
 * names a package exactly: its author believes that it suppresses a finding, but it does not. A statement that cannot
 * be read is reported.
 */
export function vexApplied(context: RuleContext): readonly RuleResult[] {
  const rule = 'vex-applied';
  const { policy, image, now } = context;
  const { vex = [], unusableVex: unusable = [] } = policy;
  if (vex.length === 0) return notApplicable(rule, 'The policy names no VEX document.');
  const vague = vex.filter(
    (statement) => ['not_affected', 'fixed'].includes(statement.status) && !namesPackages(statement),
  );
  const problems = vague.map(
    ({ from, ids }) =>
      `${clipped(from)} (${clipped(ids[0] ?? '')}) suppresses nothing: name each package by a package URL with its version, and an image by its digest.`,
  );
  const suppressed = scansOf(context).flatMap(({ scan, subject }) =>
    suppress(policy, image, subject.digest, scan.findings, now).suppressed.filter(({ by }) => by === 'vex'),
  );
  const lines = new Set(
    suppressed.map(({ finding, from, reason }) => {
      const { name, version } = finding.package;
      return `${clipped(finding.id)} in ${clipped(name)} ${clipped(version)} (${clipped(reason)}; ${clipped(from)})`;
    }),
  );
  const shown = [...lines].slice(0, MOST).join(', ');
  const more = lines.size > MOST ? ` and ${lines.size - MOST} more` : '';
  const holds =
    lines.size === 0
      ? `${counted(vex.length, 'statement')}, none about a finding of this image.`
      : `${counted(lines.size, 'finding')} suppressed: ${shown}${more}.`;
  const left = unusable.slice(0, MOST).map(({ why }) => clipped(why, 200));
  const others = unusable.length > MOST ? ` And ${unusable.length - MOST} more.` : '';
  const reported =
    unusable.length > 0 ? ` ${counted(unusable.length, 'statement')} not used: ${left.join(' ')}${others}` : '';
  return judged(rule, problems, `${holds}${reported}`);
}
