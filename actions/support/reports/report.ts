import type { Trust } from '@tidegate/attest';
import {
  countsText,
  findingsTable,
  formatExactPlatform,
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
import { clusterSection } from '../signing/cluster.ts';
import { verifyCommands } from '../signing/verify-commands.ts';

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
    job.log.info(`${platform}: ${countsText(evidence.findings)}.`);
    if (evidence.findings.length > 0) job.log.info(findingsTable(evidence.findings));
  }
  for (const rule of verdict.rules) {
    if (rule.outcome === 'fail') job.log.info(`${rule.rule}: ${rule.why}`);
  }
}

/** Display name of an image whose repository is not known yet. */
export function nameOf({ env }: Job): string {
  return env.GITHUB_REPOSITORY ?? 'image';
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
  readonly pushed?: PushReport | undefined;
}

/** The summary of a push by itself. */
export async function reportPush(facts: PushFacts, job: Job): Promise<void> {
  const { target, policy, verdict } = facts;
  const said = { image: target.image, policy, verdict, ...pushFacts(facts.plan, facts.pushed, facts.trust) };
  await job.summarise(
    summaryMarkdown(job.redacted(said)) + clusterSection(facts.plan.image, facts.pushed, facts.trust),
    !verdict.passed,
  );
}

/** The publication in a summary, and how to verify it. */
export function pushFacts(plan: Plan, pushed: PushReport | undefined, trust: Trust): SummaryFacts {
  // Tags that other events would set are not worth reporting.
  const kept = plan.left
    .filter(({ fits }) => fits)
    .map(({ subject, reason }) => ({ tag: subject, reason, outcome: 'kept' as const }));
  if (!pushed) {
    const planned = plan.tags.map(({ tag, reason }) => ({ tag, reason, outcome: 'planned' as const }));
    return {
      name: plan.image,
      publication: { published: false, why: plan.publish ? 'Not published.' : plan.why },
      tags: [...planned, ...kept],
    };
  }
  const byDigest = `${plan.image}@${pushed.digest}`;
  const reasons = new Map(plan.tags.map(({ tag, reason }) => [tag, reason]));
  return {
    name: plan.image,
    publication: { published: true, why: plan.why },
    tags: [...pushed.tags.map((one) => ({ ...one, reason: reasons.get(one.tag) ?? '' })), ...kept],
    references: [byDigest, ...pushed.tags.map(({ tag }) => `${plan.image}:${tag}`)],
    transfer: pushed.blobs,
    verifyCommands: trustsNone(trust) ? [] : untilCommand(verifyCommands(byDigest, trust)),
  };
}

/** The first command, with the comments before it; the folded section has all of them. */
function untilCommand(lines: readonly string[]): readonly string[] {
  return lines.slice(0, lines.findIndex((line) => !line.startsWith('#')) + 1);
}
