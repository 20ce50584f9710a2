import { baselineStatement, MAX_STATEMENT_BYTES, parseStatement, type Trust } from '@tidegate/attest';
import {
  type BaselineEvidence,
  type Descriptor,
  type Digest,
  type Evidence,
  formatExactPlatform,
  formatRepository,
  hasKind,
  inEarlierRuns,
  type LiveFinding,
  type Log,
  liveFindings,
  liveKey,
  MediaType,
  manifestsOf,
  messageOf,
  type Policy,
  PredicateType,
  type ScanEvidence,
  TidegateError,
} from '@tidegate/core';
import { type ImageLayout, type Registry, readImage } from '@tidegate/oci';
import { attachStatement, readContent } from '../evidence/store.ts';
import { currentDigest, type TagsBefore } from '../push/preflight.ts';
import type { Services } from '../services.ts';
import type { Target } from '../target.ts';
import { SignedContents } from '../verify/signed-contents.ts';
import { signedFacts } from '../verify/verify-evidence.ts';

/** Findings of the live image: the image that the tags of a run point to now. */
export interface Baseline {
  /** Absent if there is nothing to compare with; `why` states the reason. */
  readonly live?: NonNullable<BaselineEvidence['live']>;
  readonly why?: string;
  /** The signer whose signatures were required. */
  readonly signer?: string;
  /** By platform. A missing platform was not published, or its scan does not verify. */
  readonly findings: Readonly<Record<string, readonly LiveFinding[]>>;
}

export interface LiveImageQuery {
  readonly registry: Registry;
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
 * key may sign for several repositories, and anyone with push access can copy images.
 * Unreadable or unverified data is not an error: without a baseline, every finding counts.
 */
export async function readBaseline(question: LiveImageQuery, services: LiveServices): Promise<Baseline> {
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

async function baselineOf(
  { registry, tags, trust, signer }: LiveImageQuery,
  services: LiveServices,
): Promise<Baseline> {
  const { signal } = services;
  const repository = formatRepository(registry);
  const live = await liveTag(registry, tags, signal);
  if (live === undefined) return nothing(`None of the tags of this run exists in ${registry.name} yet.`);
  if ('others' in live) {
    return nothing(`The tags ${live.others.join(', ')} of ${registry.name} point to different images.`);
  }
  const image = await readImage(registry, await registry.resolve(live.digest, { signal }), { signal });
  const contents = new SignedContents(registry, signal);
  const newest = new Map<Digest, ScanEvidence>();
  const policies = new Set<Digest>();
  for (const { digest } of manifestsOf(image)) {
    const { verified, refused } = await signedFacts(registry, digest, trust, signal, { contents });
    for (const { where, why } of refused) services.log.debug(`${where} is ignored: ${why}`);
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
    live: { repository, ...live, policies: [...policies].toSorted() },
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

/**
 * Under a policy that extends another, the live image counts only if it was admitted under this exact policy. Otherwise
 * a repository could first admit it under its own policy, without the policies that it must extend, and then have no
 * new findings.
 */
export function underPolicy(
  baseline: Baseline,
  { digest, sources }: { readonly digest: Digest; readonly sources: { readonly setBy?: string | undefined } },
): Baseline {
  const { live } = baseline;
  if (!live || sources.setBy !== 'extends' || live.policies.includes(digest)) return baseline;
  return nothing(`${live.repository}:${live.tag} (${live.digest}) passed the gate under a different policy.`);
}

/**
 * Store with each platform which of its findings the live image has, or why nothing is compared. The gate before the
 * push then uses the same baseline, and the signature covers it. The platforms must have been scanned already. Baseline
 * evidence that the layout already contains is removed: the builder of the layout must not influence it.
 */
export async function keepBaseline(target: Target, baseline: Baseline): Promise<void> {
  const { live, why, signer, findings } = baseline;
  await dropBaseline(target);
  for (const { platform, descriptor } of target.image.platforms) {
    const name = formatExactPlatform(platform);
    const there = Object.hasOwn(findings, name) ? findings[name] : undefined;
    const here = new Set(findingsHere(target, descriptor.digest).map(liveKey));
    const facts =
      live && signer !== undefined && there
        ? { live, signer, findings: there.filter((one) => here.has(liveKey(one))) }
        : { why: why ?? `The live image has no signed scan of ${name}.`, findings: [] };
    await attachStatement(target, descriptor, baselineStatement(descriptor.digest, facts));
  }
}

/**
 * Select statements by their content, not by the type in their manifests: a disguised baseline would let findings pass.
 */
export async function dropBaseline(target: Target): Promise<void> {
  const { image, layout } = target;
  for (const { digest } of manifestsOf(image)) {
    for (const referrer of await layout.referrers(digest, MediaType.inToto)) {
      if (await isBaseline(layout, referrer)) await layout.unlist(referrer);
    }
  }
}

async function isBaseline(layout: ImageLayout, referrer: Descriptor): Promise<boolean> {
  try {
    const { predicateType } = parseStatement(await readContent(layout, referrer, MAX_STATEMENT_BYTES));
    return predicateType === PredicateType.baseline;
  } catch (error) {
    // Unreadable evidence fails the gate later.
    if (hasKind(error, 'evidence', 'integrity')) return false;
    throw error;
  }
}

function findingsHere({ evidence }: Target, subject: Digest): readonly LiveFinding[] {
  return evidence
    .all()
    .flatMap((one) => (one.kind === 'scan' && one.subject === subject ? liveFindings(one.findings) : []));
}

/**
 * Check that the baseline is still the live image when the tags move: another push may have happened in between. Tags
 * that this push does not set are ignored.
 * @throws TidegateError `conflict`
 */
export function assertStillLive(
  { alreadyLive }: Pick<Policy, 'alreadyLive'>,
  evidence: readonly Evidence[],
  { image }: Pick<Target, 'image'>,
  { registry, before }: { readonly registry: Registry; readonly before: TagsBefore },
): void {
  if (alreadyLive !== 'report') return;
  for (const one of evidence) {
    if (one.kind !== 'baseline' || !one.live) continue;
    const { repository, tag, digest } = one.live;
    const compared = `The image was compared with ${repository}:${tag} (${digest})`;
    const next =
      'Scan again, with the tags and the destination of this push: in the reusable workflow, re-run all jobs.';
    if (repository !== formatRepository(registry) || !before.has(tag)) {
      throw new TidegateError('baseline-moved', `${compared}, but this push does not set that tag.`, { next });
    }
    const now = before.get(tag);
    if (now === digest || now === image.root.digest) continue;
    throw new TidegateError('baseline-moved', `${compared}, but the tag now points to ${now ?? 'nothing'}.`, { next });
  }
}

/** Trust in earlier signatures, for a run of this signer. */
export function ofEarlierRuns(trust: Trust): Trust {
  return trust.identities ? { ...trust, identities: trust.identities.map(inEarlierRuns) } : trust;
}

/** For reports: the baseline that each platform was compared with. */
export function baselinesIn({ evidence }: Pick<Target, 'evidence'>): readonly BaselineEvidence[] {
  return evidence.all().filter((one) => one.kind === 'baseline');
}

/** Log one line: the baseline that findings are compared with, or a warning that every finding counts, and why. */
export function announceBaseline({ live, why = '' }: Baseline, log: Pick<Log, 'info' | 'warning'>): void {
  if (live) log.info(`Findings are compared with ${live.repository}:${live.tag} (${live.digest}).`);
  else log.warning(`Findings are not compared with a live image, so every finding counts. ${why}`.trim());
}
