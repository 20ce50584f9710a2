import type { Trust } from '@tidegate/attest';
import {
  capitalised,
  countsText,
  findingsTable,
  formatExactPlatform,
  mapEach,
  type OneOrMore,
  type Plan,
  type Policy,
  type SummaryFacts,
  summaryMarkdown,
  type Verdict,
} from '@tidegate/core';
import {
  baselinesIn,
  type PlatformContents,
  type PlatformSbom,
  type PlatformScan,
  type PushReport,
  platformSizes,
  type Target,
  trustsNone,
} from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import type { PlatformView } from '../registry/platform-view.ts';
import { clusterSections } from '../signing/cluster.ts';
import { verifyCommands } from '../signing/verify-commands.ts';
import { nameOf } from './failure-comment.ts';

interface ScanFacts {
  readonly target: Target;
  readonly policy: Policy;
  readonly scans: readonly PlatformScan[];
  readonly sboms?: readonly PlatformSbom[];
  readonly contents?: readonly PlatformContents[] | undefined;
  readonly views?: readonly PlatformView[];
  readonly verdict: Verdict;
}

/** The log's table, and the rules that failed. */
export function logScan({ scans, verdict }: Pick<ScanFacts, 'scans' | 'verdict'>, job: Job): void {
  for (const { platform, evidence } of scans) {
    const found = evidence.findings.length === 0 ? 'no findings' : `findings: ${countsText(evidence.findings)}`;
    job.log.info(`${platform}: ${found}.`);
    if (evidence.findings.length > 0) job.log.info(findingsTable(evidence.findings));
  }
  for (const rule of verdict.rules) {
    if (rule.outcome === 'fail') job.log.info(`${rule.rule}: ${rule.why}`);
  }
}

export async function scanFacts(facts: ScanFacts, job: Job): Promise<SummaryFacts> {
  const { target, policy, scans, verdict } = facts;
  const sizes = await platformSizes(target);
  return {
    name: nameOf(job),
    image: target.image,
    policy,
    verdict,
    baselines: baselinesIn(target),
    platforms: target.image.platforms.map((one) => {
      const platform = formatExactPlatform(one.platform);
      const scan = scans.find((each) => each.platform === platform)?.evidence;
      const layers = facts.contents?.find((each) => each.platform === platform)?.contents;
      const { causes, declared } = facts.views?.find((each) => each.platform === platform) ?? {};
      const packages = facts.sboms?.find((each) => each.platform === platform)?.packages;
      return {
        platform,
        scan,
        contents: layers,
        causes,
        declared,
        packages,
        ...sizes.get(one.descriptor.digest),
      };
    }),
  };
}

interface PushFacts {
  readonly target: Target;
  readonly policy: Policy;
  readonly plan: Plan;
  /** The signer of the image. */
  readonly trust: Trust;
  readonly verdict: Verdict;
  readonly pushed?: OneOrMore<PushReport> | undefined;
}

/** The summary of a push by itself. */
export async function reportPush(facts: PushFacts, job: Job): Promise<void> {
  const { target, policy, verdict } = facts;
  const said = { image: target.image, policy, verdict, ...pushFacts(facts.plan, facts.pushed, facts.trust) };
  await job.summarise(
    summaryMarkdown(job.redacted(said)) + clusterSections(facts.plan.images, facts.pushed, facts.trust),
    !verdict.passed,
  );
}

/** The publication in a summary, and how to verify it. */
export function pushFacts(plan: Plan, pushed: OneOrMore<PushReport> | undefined, trust: Trust): SummaryFacts {
  // Tags that other events would set are not worth reporting.
  const kept = plan.left
    .filter(({ fits }) => fits)
    .map(({ subject, reason }) => ({ tag: subject, reason, outcome: 'kept' as const }));
  const name = plan.images.join(', ');
  if (!pushed) {
    const planned = plan.tags.map(({ tag, reason }) => ({ tag, reason, outcome: 'planned' as const }));
    return {
      name,
      publication: { published: false, why: plan.publish ? 'Not published.' : plan.why },
      tags: [...planned, ...kept],
    };
  }
  const reasons = new Map(plan.tags.map(({ tag, reason }) => [tag, reason]));
  const { images } = plan;
  const [first, ...others] = mapEach(pushed, (report) => {
    const image = images[pushed.indexOf(report)] ?? plan.image;
    const byDigest = `${image}@${report.digest}`;
    return {
      name: image,
      tags: report.tags.map((one) => ({ ...one, reason: reasons.get(one.tag) ?? '' })),
      references: [byDigest, ...report.tags.map(({ tag }) => `${image}:${tag}`)],
      transfer: report.blobs,
      verifyCommands: trustsNone(trust) ? [] : untilCommand(verifyCommands(byDigest, trust)),
    };
  });
  return {
    ...first,
    name,
    publication: { published: true, why: `${capitalised(plan.trigger)}.` },
    tags: [...first.tags, ...kept],
    others: others.length > 0 ? others : undefined,
  };
}

/** The first command, with the comments before it; the folded section has all of them. */
function untilCommand(lines: readonly string[]): readonly string[] {
  return lines.slice(0, lines.findIndex((line) => !line.startsWith('#')) + 1);
}
