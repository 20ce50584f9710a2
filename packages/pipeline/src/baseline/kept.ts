import { baselineStatement, MAX_STATEMENT_BYTES, parseStatement } from '@tidegate/attest';
import {
  type BaselineEvidence,
  type Descriptor,
  type Digest,
  formatExactPlatform,
  hasKind,
  type LiveFinding,
  liveFindings,
  liveKey,
  MediaType,
  manifestsOf,
  PredicateType,
} from '@tidegate/core';
import type { ImageLayout } from '@tidegate/oci';
import { attachStatement, readContent } from '../evidence/store.ts';
import type { Target } from '../target.ts';
import type { Baseline } from './baseline.ts';

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

/** For reports: the baseline that each platform was compared with. */
export function baselinesIn({ evidence }: Pick<Target, 'evidence'>): readonly BaselineEvidence[] {
  return evidence.all().filter((one) => one.kind === 'baseline');
}
