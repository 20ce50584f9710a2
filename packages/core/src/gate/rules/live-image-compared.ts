import type { BaselineEvidence } from '../../evidence.ts';
import type { RuleResult } from '../../policy.ts';
import { clipped, counted } from '../../text/wording.ts';
import { baselinesOf } from '../baseline.ts';
import { judged, notApplicable, platformsOf, type RuleContext, requires, type Subject } from '../context.ts';

/**
 * Applies where findings of the live image only warn. Reports the baseline of each platform, or why it has none. The
 * baseline must be signed by the signer whose earlier signatures were verified: a baseline of any other signer could
 * let every finding pass.
 */
export function liveImageCompared(context: RuleContext): readonly RuleResult[] {
  if (context.policy.alreadyLive !== 'report') {
    return notApplicable('live-image-compared', 'The policy treats findings of the live image like all others.');
  }
  const platforms = platformsOf(context.image).map((subject) => ({
    subject,
    baselines: baselinesOf(context.evidence, subject.digest),
  }));
  const problems = platforms.flatMap(({ subject, baselines }) =>
    baselines.flatMap((one) => problemsOf(one, subject, context).map((why) => `${subject.name}: ${why}`)),
  );
  const said = platforms.map(({ subject, baselines }) => `${subject.name}: ${sentenceOf(baselines)}`).join(' ');
  if (problems.length === 0 && platforms.every(({ baselines }) => baselines.every(({ live }) => !live))) {
    return notApplicable('live-image-compared', said);
  }
  return judged('live-image-compared', problems, said);
}

function problemsOf(one: BaselineEvidence, { digest }: Subject, context: RuleContext): readonly string[] {
  if (!one.live || !requires(context, 'signature')) return [];
  const covering = context.evidence.filter(
    (each) => each.kind === 'signature' && each.subject === digest && each.payload === one.statement,
  );
  if (covering.length === 0) return ['the baseline is not signed.'];
  const isOwn = covering.some((each) => each.kind === 'signature' && each.signer === one.signer);
  return isOwn
    ? []
    : [
        `the live image was verified with the signer ${clipped(one.signer ?? 'none', 300)}, which has not signed this image.`,
      ];
}

/** The baseline, or why there is none. */
function sentenceOf(baselines: readonly BaselineEvidence[]): string {
  const without = baselines.find(({ live }) => !live);
  if (baselines.length === 0) return 'there is no baseline, so every finding counts.';
  if (without)
    return `the image was not compared, so every finding counts: ${clipped(without.why ?? 'no reason given', 400)}`;
  return baselines
    .map(({ live = [], findings }) => {
      const images = live.map(({ repository, tag, digest }) => `${clipped(repository)}:${clipped(tag)} (${digest})`);
      const have = live.length > 1 ? 'have' : 'has';
      return `${images.join(' and ')} already ${have} ${counted(findings.length, 'finding')} of this image.`;
    })
    .join(' ');
}
