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
  hasKind,
  hexOf,
  type Manifest,
  mapLimited,
  messageOf,
  PredicateType,
  type RefusedFact,
  TidegateError,
  type VerifiedFact,
} from '@tidegate/core';
import { readManifest, type Store } from '@tidegate/oci';
import { referredFacts } from '../evidence/referred.ts';
import { type Keep, SignedContents } from './signed-contents.ts';

/** All signed evidence of one manifest, split by whether the caller trusts the signer. */
export interface SignedFacts {
  readonly verified: readonly VerifiedFact[];
  readonly refused: readonly RefusedFact[];
}

/**
 * Maximum number of referrers read. Anyone with push access can add referrers, and the list alone could be megabytes.
 */
const MOST_SIGNATURES = 5000;
const AT_ONCE = 8;
const BUNDLE = 'application/vnd.dev.sigstore.bundle';

interface Candidate {
  readonly where: string;
  /** Size in bytes of the content that `read` fetches. */
  readonly size: number;
  readonly read: () => Promise<readonly VerifiedFact[]>;
}

export interface Reading {
  /** Shared by all manifests of one image. */
  readonly contents?: SignedContents | undefined;
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
 * Read and verify every signature and attestation of one manifest, wherever tools store them: bundles that refer to it
 * (cosign 3, GitHub, Tidegate), and layers under cosign 2's tags. Evidence that fails verification is reported and
 * ignored: anyone with push access can add their own signature to an image.
 * @throws TidegateError if the store cannot be read; that is not a verdict.
 */
export async function signedFacts(
  store: Store,
  subject: Digest,
  trust: Trust,
  signal: AbortSignal,
  { contents = new SignedContents(store, signal), keep }: Reading = {},
): Promise<SignedFacts> {
  const asked: Asked = { store, subject, trust, signal, contents, keep };
  const verified: VerifiedFact[] = [];
  const refused: RefusedFact[] = [];
  /** Anything that others attach to an image may cost time, but never changes the result. */
  const orRefused = async <T>(where: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      // Only errors of the content, including `not-found`: a list may name deleted manifests. A registry that does not
      // respond does not mean that the image is unsigned.
      if (!hasKind(error, 'evidence', 'signature', 'integrity', 'layout', 'not-found')) throw error;
      refused.push({ subject, where, why: messageOf(error) });
      return undefined;
    }
  };
  const referrers = await store.referrers(subject, undefined, { signal });
  // cosign's entries in a fallback tag have no artifact type, so those manifests must be read.
  const listed = referrers.filter(({ artifactType = '' }) => artifactType === '' || artifactType.startsWith(BUNDLE));
  if (listed.length > MOST_SIGNATURES) {
    const why = `${listed.length} signatures are listed, but only ${MOST_SIGNATURES} are read. Remove unneeded signatures.`;
    refused.push({ subject, where: store.name, why });
  }
  const bundles = await mapLimited(listed.slice(0, MOST_SIGNATURES), AT_ONCE, (one) =>
    orRefused(one.digest, () => bundleCandidate(asked, one, referrers)),
  );
  const candidates = [...bundles.filter((one) => one !== undefined), ...(await cosignTagCandidates(asked))];
  // The smallest first: content that is attached to exhaust the limits is larger than a signature.
  await mapLimited(
    candidates.toSorted((a, b) => a.size - b.size),
    AT_ONCE,
    async ({ where, read }) => {
      verified.push(...((await orRefused(where, read)) ?? []));
    },
  );
  return { verified, refused };
}

/** @returns undefined for a manifest that is not a bundle's */
async function bundleCandidate(
  { store, subject, trust, signal, contents, keep }: Asked,
  referrer: Descriptor,
  referrers: readonly Descriptor[],
): Promise<Candidate | undefined> {
  contents.assertTime();
  const manifest = await manifestOf(store, referrer, signal);
  const [layer, ...others] = manifest.layers;
  if (!(manifest.artifactType ?? layer?.mediaType ?? '').startsWith(BUNDLE)) return undefined;
  if (manifest.subject?.digest !== subject) {
    throw new TidegateError(
      'referrer-false',
      `${referrer.digest} is listed as a referrer of ${subject}, but is not one.`,
    );
  }
  if (!layer || others.length > 0) {
    throw new TidegateError(
      'evidence-invalid',
      `${referrer.digest} has ${manifest.layers.length} layers, expected one.`,
    );
  }
  return {
    where: referrer.digest,
    size: layer.size,
    read: async () => {
      const verified = await contents.read(layer, (bytes) => verifyBundle(bytes, trust, subject));
      const { evidence, payload, signer } = verified;
      const fact = factOf(subject, evidence.predicateType, signer, payload);
      if (evidence.predicateType === REFERENCE) {
        return [
          fact,
          ...(await referredFacts({ store, subject, listed: referrers, contents, signal }, verified, keep)),
        ];
      }
      keep?.(subject, evidence.predicateType, payload);
      return [fact];
    },
  };
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
    if (hasKind(error, 'not-found')) return [];
    if (!hasKind(error, 'evidence', 'integrity', 'layout')) throw error;
    return [{ where: tag, size: 0, read: () => Promise.reject(error) }];
  }
  const known = new Set<string>(Object.values(COSIGN_LAYER));
  return manifest.layers
    .filter(({ mediaType }) => known.has(mediaType))
    .map((layer) => ({
      where: `${tag}, ${layer.digest}`,
      size: layer.size,
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
  throw new TidegateError(
    'evidence-invalid',
    `${descriptor.digest} in ${store.name} is an index, expected a manifest.`,
  );
}

/** The fact in a signed payload. An image signature states only that it was made. */
function factOf(subject: Digest, predicateType: string, signer: VerifiedSigner, payload: Uint8Array): VerifiedFact {
  const { name, identity } = signer;
  const fact = { subject, predicateType, signer: name, identity };
  if (predicateType === PredicateType.signature) return fact;
  const evidence = evidenceOf(payload, subject);
  return { ...fact, evidence };
}
