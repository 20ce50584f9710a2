import type { Trust } from '@tidegate/attest';
import {
  CONTENTS_RULES,
  type Descriptor,
  decide,
  type Evidence,
  type Image,
  manifestsOf,
  mapLimited,
  type NotJudged,
  type Policy,
  type RefusedFact,
  type ScanEvidence,
  type Verdict,
  type VerifiedFact,
  withReasons,
} from '@tidegate/core';
import { type Registry, readImage } from '@tidegate/oci';
import type { Services } from '../services.ts';
import { SignedContents } from '../verify/signed-contents.ts';
import { signedFacts } from '../verify/verify-evidence.ts';
import { platformFacts } from './facts.ts';

export interface JudgedPublished {
  readonly image: Image;
  readonly verdict: Verdict;
  /** Statements of trusted signers about the image. */
  readonly evidence: readonly Evidence[];
  /** Parts of the policy that published evidence cannot answer. */
  readonly notJudged: readonly string[];
  /** Signatures that did not verify, or are by other signers. */
  readonly refused: readonly RefusedFact[];
}

const AT_ONCE = 8;
const PUBLISHED: NonNullable<Policy['sbomFormats']> = ['spdx', 'cyclonedx'];

/**
 * The decision of the gate on a published image under another policy, or at another time, by the evidence beside it
 * alone: nothing is scanned. The newest scan of each platform counts.
 * @param now the time to judge at
 * @throws TidegateError if the registry cannot be read. A failed verdict is a result.
 */
export async function judgePublished(
  registry: Registry,
  root: Descriptor,
  { policy, trust, now }: { readonly policy: Policy; readonly trust: Trust; readonly now: Date },
  services: Pick<Services, 'signal'>,
): Promise<JudgedPublished> {
  const { signal } = services;
  const image = await readImage(registry, root, { signal, attestations: true });
  const contents = new SignedContents(registry, signal);
  const read = await mapLimited(manifestsOf(image), AT_ONCE, ({ digest }) =>
    signedFacts(registry, digest, trust, signal, { contents }),
  );
  const evidence = newestScans(read.flatMap(({ verified }) => verified.flatMap(evidenceFrom)));
  const facts = await platformFacts({ layout: registry, image }, { signal });
  const verdict = decide(answerable(policy), image, evidence, now, { facts, destinations: [registry] });
  const rules = withReasons(verdict.rules, policy, image, REASONS);
  return {
    ...{ image, verdict: { ...verdict, rules }, evidence },
    notJudged: [...(policy.contents ? ['contents'] : []), ...(policy.alreadyLive === 'report' ? ['no-worse'] : [])],
    refused: read.flatMap(({ refused }) => refused),
  };
}

const REASONS: NotJudged = {
  ...Object.fromEntries(
    CONTENTS_RULES.map((rule) => [rule, 'Not judged here: what was found in the layers is not published.']),
  ),
  'verdict-present': 'Not judged here: a published verdict is not evidence under another policy, or at another time.',
};

/** The signature of a bundle, and what it says. The old verdict is no evidence under another policy. */
function evidenceFrom({ subject, predicateType, payload, signer, evidence }: VerifiedFact): readonly Evidence[] {
  const signature: Evidence[] = payload ? [{ kind: 'signature', subject, predicateType, payload, signer }] : [];
  return evidence && evidence.kind !== 'verdict' && evidence.kind !== 'baseline' ? [...signature, evidence] : signature;
}

function newestScans(evidence: readonly Evidence[]): readonly Evidence[] {
  const newest = new Map<string, ScanEvidence>();
  for (const one of evidence) {
    if (one.kind !== 'scan') continue;
    const known = newest.get(one.subject);
    if (!known || known.finishedOn < one.finishedOn) newest.set(one.subject, one);
  }
  return evidence.filter((one) => one.kind !== 'scan' || newest.get(one.subject) === one);
}

/** The findings in layers and Syft's own format are not published. */
function answerable({ contents: _, ...policy }: Policy): Policy {
  const formats = (policy.sbomFormats ?? PUBLISHED).filter((format) => format !== 'syft');
  return {
    ...policy,
    require: policy.require.filter((kind) => kind !== 'verdict'),
    sbomFormats: formats.length > 0 ? formats : PUBLISHED,
  };
}
