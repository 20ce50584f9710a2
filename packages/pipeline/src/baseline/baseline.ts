import { baselineStatement, MAX_STATEMENT_BYTES, parseStatement, type Trust } from '@tidegate/attest';
import {
  type BaselineEvidence,
  type Descriptor,
  type Digest,
  type Evidence,
  formatExactPlatform,
  formatRepository,
  hasCode,
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

/** What the image has that a run's tags point at now. */
export interface Baseline {
  /** Absent: nothing can be compared, for the reason `why`. */
  readonly live?: NonNullable<BaselineEvidence['live']>;
  readonly why?: string;
  /** Whose signatures were asked for. */
  readonly signer?: string;
  /** By platform. One that is missing was not published, or its scan does not verify. */
  readonly findings: Readonly<Record<string, readonly LiveFinding[]>>;
}

export interface LiveImageQuery {
  readonly registry: Registry;
  /** Tags that this run sets, most specific first. */
  readonly tags: readonly string[];
  /** Of the signer of this run, in earlier runs. */
  readonly trust: Trust;
  readonly signer: string;
}

type LiveServices = Pick<Services, 'log' | 'signal'>;

/**
 * Findings of the live image: the image that the tags of this run point at, which is what users have now. They are read from scans that the signer of this run has signed before. And that signer's
 * verdict must name this very repository: one key may sign for several, and whoever may push can copy images.
 * Whatever cannot be read or verified is no error: without a baseline every finding counts.
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
 * The widest tag of this run that exists. All that exist must point to the same image: which of them is the widest is
 * a matter of their order, and the order is an input.
 */
async function liveTag(registry: Registry, tags: readonly string[], signal: AbortSignal) {
  const digests = await Promise.all(tags.map((tag) => currentDigest(registry, tag, signal)));
  const there = tags.flatMap((tag, at) => (digests[at] ? [{ tag, digest: digests[at] }] : []));
  if (new Set(there.map(({ digest }) => digest)).size > 1) return { others: there.map(({ tag }) => tag) };
  return there.at(-1);
}

/**
 * Under a policy that extends another, the live image counts only if it was admitted under this very policy: a repository
 * could admit it first under a policy of its own, without what it must extend, and then have nothing new.
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
 * Keep, beside each platform, which of its findings the live image has, or why nothing is compared: the gate before the
 * push then judges by the same, and the signature is over it. The platforms must have been scanned already. What the
 * layout brought of this kind is taken out: whoever built it has no say in it.
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

/** By what statements are, and not by what their manifests call them: a hidden one would let findings pass. */
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
    // The gate fails for what cannot be read.
    if (hasCode(error, 'evidence', 'integrity')) return false;
    throw error;
  }
}

function findingsHere({ evidence }: Target, subject: Digest): readonly LiveFinding[] {
  return evidence
    .all()
    .flatMap((one) => (one.kind === 'scan' && one.subject === subject ? liveFindings(one.findings) : []));
}

/**
 * What the image was compared with must be what is live when the tags move: another push may have come between, and a
 * tag that this push does not set says nothing about it.
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
      throw new TidegateError('conflict', `${compared}, but this push does not set that tag.`, { next });
    }
    const now = before.get(tag);
    if (now === digest || now === image.root.digest) continue;
    throw new TidegateError('conflict', `${compared}, but the tag now points to ${now ?? 'nothing'}.`, { next });
  }
}

/** Whose earlier signatures count for a run of this signer. */
export function ofEarlierRuns(trust: Trust): Trust {
  return trust.identities ? { ...trust, identities: trust.identities.map(inEarlierRuns) } : trust;
}

/** What reports show: of each platform, what it was compared with. */
export function baselinesIn({ evidence }: Pick<Target, 'evidence'>): readonly BaselineEvidence[] {
  return evidence.all().filter((one) => one.kind === 'baseline');
}

/** One line of the log: with what findings are compared, or a warning that every finding counts, and why. */
export function announceBaseline({ live, why = '' }: Baseline, log: Pick<Log, 'info' | 'warning'>): void {
  if (live) log.info(`Findings are compared with ${live.repository}:${live.tag} (${live.digest}).`);
  else log.warning(`Findings are not compared with a live image, so every finding counts. ${why}`.trim());
}
