import {
  COSIGN_LAYER,
  evidenceOf,
  REFERENCE,
  type Trust,
  type VerifiedSigner,
  verifyBundle,
  verifyCosignLayer,
} from '@tidegate/attest';
import {
  type Descriptor,
  type Digest,
  hasCode,
  hexOf,
  type Manifest,
  messageOf,
  PredicateType,
  type RefusedFact,
  TidegateError,
  type VerifiedFact,
} from '@tidegate/core';
import { readManifest, type Store } from '@tidegate/oci';
import { referredFacts } from './referred-evidence.ts';
import { SignedContents } from './signed-contents.ts';

/** Everything of one manifest that somebody signed, told apart by whether the caller trusts it. */
export interface SignedFacts {
  readonly verified: readonly VerifiedFact[];
  readonly refused: readonly RefusedFact[];
}

/** Anybody who may push can add referrers; reading thousands of them is not what an admission waits for. */
const MOST_SIGNATURES = 500;
const AT_ONCE = 8;
const BUNDLE = 'application/vnd.dev.sigstore.bundle';

interface Candidate {
  readonly where: string;
  readonly read: () => Promise<readonly VerifiedFact[]>;
}

/** Given the bytes of each statement that somebody trusted stands behind: facts alone are small, and outlive them. */
export type Keep = (subject: Digest, predicateType: string, statement: Uint8Array) => void;

export interface Reading {
  /** Shared by all manifests of one image. */
  readonly contents?: SignedContents;
  readonly keep?: Keep;
}

interface Asked {
  readonly store: Store;
  readonly subject: Digest;
  readonly trust: Trust;
  readonly signal: AbortSignal;
  readonly contents: SignedContents;
  readonly keep: Keep | undefined;
}

/**
 * Read and verify every signature and attestation of one manifest, wherever its kind of tool left it: bundles that
 * refer to it (cosign 3, GitHub, Tidegate), and layers under cosign 2's tags. What does not verify is told, and counts
 * for nothing: anybody can add a signature of their own to an image in a registry they may push to.
 * @throws TidegateError where the store cannot be read; that is no verdict.
 */
export async function signedFacts(
  store: Store,
  subject: Digest,
  trust: Trust,
  signal: AbortSignal,
  { contents = new SignedContents(store, signal), keep }: Reading = {},
): Promise<SignedFacts> {
  const asked: Asked = { store, subject, trust, signal, contents, keep };
  const candidates = [...(await bundleCandidates(asked)), ...(await cosignTagCandidates(asked))];
  if (candidates.length > MOST_SIGNATURES) {
    throw new TidegateError('evidence', `${store.name}: ${subject} has ${candidates.length} signatures.`, {
      next: `At most ${MOST_SIGNATURES} are read: remove those that are not needed.`,
    });
  }
  const verified: VerifiedFact[] = [];
  const refused: RefusedFact[] = [];
  const queue = candidates.values();
  const worker = async () => {
    for (const { where, read } of queue) {
      try {
        verified.push(...(await read()));
      } catch (error) {
        // Only what the content is at fault for: a list may name what is gone, too. A registry that does not answer is no
        // unsigned image.
        if (!hasCode(error, 'evidence', 'signature', 'integrity', 'layout', 'not-found')) throw error;
        refused.push({ subject, where, why: messageOf(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { verified, refused };
}

async function bundleCandidates(asked: Asked): Promise<readonly Candidate[]> {
  const { store, subject, trust, signal, contents, keep } = asked;
  const referrers = await store.referrers(subject, undefined, { signal });
  // cosign's entries in a fallback tag say no artifact type: those manifests have to be looked into.
  const candidates = referrers.filter(
    ({ artifactType = '' }) => artifactType === '' || artifactType.startsWith(BUNDLE),
  );
  return candidates.map((referrer) => ({
    where: referrer.digest,
    read: async () => {
      const manifest = await manifestOf(store, referrer, signal);
      const [layer, ...others] = manifest.layers;
      if (!(manifest.artifactType ?? layer?.mediaType ?? '').startsWith(BUNDLE)) return [];
      if (manifest.subject?.digest !== subject) {
        throw new TidegateError('integrity', `${referrer.digest} is listed as a referrer of ${subject} and is none.`);
      }
      if (!layer || others.length > 0) {
        throw new TidegateError('evidence', `${referrer.digest} holds ${manifest.layers.length} layers, expected one.`);
      }
      const verified = await contents.read(layer, (bytes) => verifyBundle(bytes, trust, subject));
      const { evidence, payload, signer } = verified;
      const fact = factOf(subject, evidence.predicateType, signer, payload);
      if (evidence.predicateType === REFERENCE) {
        return [fact, ...(await referredFacts(store, subject, verified, referrers, signal, keep))];
      }
      keep?.(subject, evidence.predicateType, payload);
      return [fact];
    },
  }));
}

/** cosign 2, `specs/SIGNATURE_SPEC.md`: an image whose layers are signatures, under a tag made of the digest. */
async function cosignTagCandidates(asked: Asked): Promise<readonly Candidate[]> {
  const found = await Promise.all(['sig', 'att'].map((kind) => cosignTag(asked, kind)));
  return found.flat();
}

async function cosignTag(asked: Asked, kind: string): Promise<readonly Candidate[]> {
  const { store, subject, trust, signal, contents, keep } = asked;
  const tag = `sha256-${hexOf(subject)}.${kind}`;
  let manifest: Manifest;
  try {
    manifest = await manifestOf(store, await store.resolve(tag, { signal }), signal);
  } catch (error) {
    if (hasCode(error, 'not-found')) return [];
    if (!hasCode(error, 'evidence', 'integrity', 'layout')) throw error;
    return [{ where: tag, read: () => Promise.reject(error) }];
  }
  const known = new Set<string>(Object.values(COSIGN_LAYER));
  return manifest.layers
    .filter(({ mediaType }) => known.has(mediaType))
    .map((layer) => ({
      where: `${tag}, ${layer.digest}`,
      read: async () => {
        const verified = await contents.read(layer, (bytes) =>
          verifyCosignLayer(bytes, layer.mediaType, layer.annotations ?? {}, trust, subject),
        );
        const { evidence, payload, signer } = verified;
        keep?.(subject, evidence.predicateType, payload);
        return [factOf(subject, evidence.predicateType, signer, payload)];
      },
    }));
}

async function manifestOf(store: Store, descriptor: Descriptor, signal: AbortSignal): Promise<Manifest> {
  const manifest = await readManifest(store, descriptor, { signal });
  if (manifest.kind === 'manifest') return manifest;
  throw new TidegateError('evidence', `${descriptor.digest} in ${store.name} is an index, expected a manifest.`);
}

/** What a signed payload says; an image signature says nothing but that it was made. */
function factOf(subject: Digest, predicateType: string, signer: VerifiedSigner, payload: Uint8Array): VerifiedFact {
  const { name, identity } = signer;
  const fact = { subject, predicateType, signer: name, ...(identity ? { identity } : {}) };
  if (predicateType === PredicateType.signature) return fact;
  const evidence = evidenceOf(payload, subject);
  return { ...fact, ...(evidence ? { evidence } : {}) };
}
