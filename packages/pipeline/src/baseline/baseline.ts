import type { Trust } from '@tidegate/attest';
import {
  type BaselineEvidence,
  type Digest,
  formatExactPlatform,
  formatRepository,
  inEarlierRuns,
  inLaterRuns,
  type LiveFinding,
  type LiveTag,
  type Log,
  liveFindings,
  liveInAll,
  manifestsOf,
  messageOf,
  type OneOrMore,
  type Repository,
  type ScanEvidence,
  TidegateError,
} from '@tidegate/core';
import { type Registry, readImage } from '@tidegate/oci';
import { currentDigest } from '../push/preflight.ts';
import type { Services } from '../services.ts';
import { SignedContents } from '../verify/signed-contents.ts';
import { signedFacts } from '../verify/verify-evidence.ts';

/** Findings of the live image: the image that the tags of a run point to now, in every destination. */
export interface Baseline {
  /** Absent if there is nothing to compare with; `why` states the reason. */
  readonly live?: BaselineEvidence['live'];
  readonly why?: string | undefined;
  /** The signer whose signatures were required. */
  readonly signer?: string | undefined;
  /** By platform. A missing platform was not published, or its scan does not verify. */
  readonly findings: Readonly<Record<string, readonly LiveFinding[]>>;
}

export interface LiveImageQuery {
  /** Of every destination. */
  readonly registries: OneOrMore<Registry>;
  /** Tags that this run sets, most specific first. */
  readonly tags: readonly string[];
  /** Trust in the signer of this run, as it signed in earlier runs. */
  readonly trust: Trust;
  readonly signer: string;
}

type LiveServices = Pick<Services, 'log' | 'signal'>;

/**
 * Read the findings of the live image: the image that the tags of this run point to, which users have now. They come
 * from scans that the signer of this run has signed before. That signer's verdict must also name this repository: one
 * key may sign for several repositories, and anyone with push access can copy images. With several destinations, only
 * what the live image of each one has is live: otherwise the first one could be an old repository with many findings.
 * Unreadable or unverified data is not an error: without a baseline, every finding counts.
 */
export async function readBaseline(
  { registries, ...question }: LiveImageQuery,
  services: LiveServices,
): Promise<Baseline> {
  const each = await Promise.all(registries.map((registry) => readDestination({ ...question, registry }, services)));
  return inCommon(each);
}

type DestinationQuery = Omit<LiveImageQuery, 'registries'> & { readonly registry: Registry };

async function readDestination(question: DestinationQuery, services: LiveServices): Promise<Baseline> {
  try {
    return await baselineOf(question, services);
  } catch (error) {
    if (services.signal.aborted) throw services.signal.reason;
    if (!(error instanceof TidegateError)) throw error;
    return nothing(`Cannot read the live image: ${messageOf(error)}`);
  }
}

/** @param why one sentence */
export function nothing(why: string): Baseline {
  return { why, findings: {} };
}

/** Only what all of them have. Without one of them there is nothing: every finding is new there. */
function inCommon(baselines: readonly Baseline[]): Baseline {
  const without = baselines.find(({ live }) => !live);
  const [first, ...others] = baselines;
  if (without || !first) return without ?? nothing('The run has no destination.');
  const findings = Object.entries(first.findings).flatMap(([platform, own]) => {
    const there = others.map((one) => (Object.hasOwn(one.findings, platform) ? one.findings[platform] : undefined));
    return there.every((one) => one !== undefined) ? [[platform, liveInAll([own, ...there])] as const] : [];
  });
  return { ...first, live: baselines.flatMap(({ live = [] }) => live), findings: Object.fromEntries(findings) };
}

async function baselineOf(
  { registry, tags, trust, signer }: DestinationQuery,
  services: LiveServices,
): Promise<Baseline> {
  const { signal } = services;
  const repository = formatRepository(registry);
  const live = await liveTag(registry, tags, signal);
  if (live === undefined) return nothing(`None of the tags of this run exists in ${registry.name} yet.`);
  if ('others' in live) {
    return nothing(`The tags ${live.others.join(', ')} of ${registry.name} point to different images.`);
  }
  const image = await readImage(registry, await registry.resolve(live.digest, { signal }), {
    signal,
    attestations: true,
  });
  const contents = new SignedContents(registry, signal);
  const newest = new Map<Digest, ScanEvidence>();
  const policies = new Set<Digest>();
  for (const { digest } of manifestsOf(image)) {
    const { verified, refused } = await signedFacts(registry, digest, trust, signal, { contents });
    for (const { where, why } of refused) services.log.debug(`${where} is ignored: ${why}`);
    const unread = refused.find(({ isUnread }) => isUnread);
    // The newest scan may be among them.
    if (unread) return nothing(`Not all evidence of ${registry.name}:${live.tag} was read. ${unread.why}`);
    for (const { evidence } of verified) {
      if (evidence?.kind === 'verdict' && digest === image.root.digest) {
        if (evidence.passed && evidence.destination === repository) policies.add(evidence.policy);
      }
      if (evidence?.kind !== 'scan') continue;
      const other = newest.get(digest);
      if (!other || other.finishedOn < evidence.finishedOn) newest.set(digest, evidence);
    }
  }
  const name = `${registry.name}:${live.tag} (${live.digest})`;
  if (newest.size === 0) return nothing(`${name} has no scan signed by ${signer}.`);
  if (policies.size === 0) return nothing(`${name} has no passed verdict for ${repository} signed by ${signer}.`);
  return {
    live: [{ repository, ...live, policies: [...policies].toSorted() }],
    signer,
    findings: Object.fromEntries(
      image.platforms.flatMap(({ platform, descriptor }) => {
        const scan = newest.get(descriptor.digest);
        return scan ? [[formatExactPlatform(platform), liveFindings(scan.findings)]] : [];
      }),
    ),
  };
}

/**
 * Find the widest existing tag of this run. All existing tags must point to the same image: which tag is the widest
 * depends on their order, and the order is an input.
 */
async function liveTag(registry: Registry, tags: readonly string[], signal: AbortSignal) {
  const digests = await Promise.all(tags.map((tag) => currentDigest(registry, tag, signal)));
  const there = tags.flatMap((tag, at) => (digests[at] ? [{ tag, digest: digests[at] }] : []));
  if (new Set(there.map(({ digest }) => digest)).size > 1) return { others: there.map(({ tag }) => tag) };
  return there.at(-1);
}

/** The origin of the policy. */
export interface PolicySources {
  readonly setBy?: string | undefined;
}

interface NamedPolicy {
  readonly digest: Digest;
  readonly sources: PolicySources;
}

/**
 * Under a policy that extends another, the live image counts only if it was admitted under this exact policy. Otherwise
 * a repository could first admit it under its own policy, without the policies that it must extend, and then have no
 * new findings.
 */
export function underPolicy(baseline: Baseline, policy: NamedPolicy): Baseline {
  const why = underAnother(baseline, policy);
  return why === undefined ? baseline : nothing(why);
}

/**
 * Like `underPolicy`, for a baseline that was published with an image, perhaps by a run under a different policy. It
 * counts only where one of its live images is: with the image, anyone who may push copies its evidence from a repository
 * whose live image has more findings.
 */
export function publishedBaseline(
  baseline: BaselineEvidence,
  policy: NamedPolicy,
  destination: Repository,
): BaselineEvidence {
  const why = ofAnother(baseline, formatRepository(destination)) ?? underAnother(baseline, policy);
  if (why === undefined) return baseline;
  const { live: _, ...rest } = baseline;
  return { ...rest, why, findings: [] };
}

function ofAnother({ live }: Pick<BaselineEvidence, 'live'>, repository: string): string | undefined {
  if (!live || live.some((one) => one.repository === repository)) return undefined;
  return `The image was compared with ${namesOf(live)}, and not with an image of ${repository}.`;
}

function underAnother({ live }: Pick<BaselineEvidence, 'live'>, { digest, sources }: NamedPolicy): string | undefined {
  if (sources.setBy !== 'extends') return undefined;
  const other = live?.find(({ policies }) => !policies.includes(digest));
  return other && `${nameOf(other)} passed the gate under a different policy.`;
}

export function nameOf({ repository, tag, digest }: LiveTag): string {
  return `${repository}:${tag} (${digest})`;
}

export function namesOf(live: readonly LiveTag[]): string {
  return live.map(nameOf).join(' and ');
}

/** Trust in earlier signatures, for a run of this signer. */
export function ofEarlierRuns(trust: Trust): Trust {
  return trust.identities ? { ...trust, identities: trust.identities.map(inEarlierRuns) } : trust;
}

/** The same, of runs for the same branch or git tag. */
export function ofSameRef(trust: Trust): Trust {
  return trust.identities ? { ...trust, identities: trust.identities.map(inLaterRuns) } : trust;
}

/** Log one line: the baseline that findings are compared with, or a warning that every finding counts, and why. */
export function announceBaseline({ live, why = '' }: Baseline, log: Pick<Log, 'info' | 'warning'>): void {
  if (live) log.info(`Findings are compared with ${namesOf(live)}.`);
  else log.warning(`Findings are not compared with a live image, so every finding counts. ${why}`.trim());
}
