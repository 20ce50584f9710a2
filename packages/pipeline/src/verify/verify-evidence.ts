import {
  COSIGN_LAYER,
  evidenceOfStatement,
  REFERENCE,
  type Trust,
  type VerifiedLayer,
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
import { type Keep, MOST_SIGNATURES, SignedContents } from './signed-contents.ts';
import type { PublishedStatement, VerifiedBundles, VerifiedContent } from './verified-bundles.ts';
import { EVERYTHING, inTurns, isSbom, type Wanted } from './wanted.ts';

/** All signed evidence of one manifest, split by whether the caller trusts the signer. */
export interface SignedFacts {
  readonly verified: readonly VerifiedFact[];
  readonly refused: readonly RefusedFact[];
}

const AT_ONCE = 8;
/** SBOMs of an image in different formats, and signatures of long ones. */
const FEW = 2;
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
  /** Bundles that were verified before are taken from it, and others are added. */
  readonly memory?: VerifiedBundles | undefined;
  /** Default: everything. */
  readonly wanted?: Wanted;
}

interface Asked {
  readonly store: Store;
  readonly subject: Digest;
  readonly trust: Trust;
  readonly signal: AbortSignal;
  readonly contents: SignedContents;
  readonly keep: Keep | undefined;
  readonly memory: VerifiedBundles | undefined;
  /** Whether a check still asks for evidence of this type. */
  readonly isAsked: (predicateType: string) => boolean;
}

/**
 * Read and verify the signatures and attestations of one manifest, wherever tools store them: bundles that refer to it
 * (cosign 3, GitHub, Tidegate), and layers under cosign 2's tags. Evidence that fails verification is reported and
 * ignored: anyone with push access can add their own signature to an image.
 * @throws TidegateError if the store cannot be read; that is not a verdict.
 */
export async function signedFacts(
  store: Store,
  subject: Digest,
  trust: Trust,
  signal: AbortSignal,
  { contents = new SignedContents(store, signal), keep, memory, wanted = EVERYTHING }: Reading = {},
): Promise<SignedFacts> {
  const verified: VerifiedFact[] = [];
  const refused: RefusedFact[] = [];
  const needsSbom = () => !wanted.isSelective || !verified.some(({ evidence }) => evidence?.kind === 'sbom');
  const isAsked = (type: string) => wanted.isAsked(type) && (!isSbom(type) || needsSbom());
  const asked: Asked = { store, subject, trust, signal, contents, keep, memory, isAsked };
  /** Anything that others attach to an image may cost time, but never changes the result. */
  const orRefused = async <T>(where: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      // Only errors of the content, including `not-found`: a list may name deleted manifests. A registry that does not
      // respond does not mean that the image is unsigned.
      if (!hasKind(error, 'evidence', 'signature', 'integrity', 'layout', 'not-found')) throw error;
      refused.push({
        subject,
        where,
        why: messageOf(error),
        isUnread: error.id === 'signatures-too-many' || undefined,
      });
      return undefined;
    }
  };
  // Each is read below, which shows whether it exists.
  const referrers = await store.referrers(subject, undefined, { signal, unchecked: true });
  // cosign's entries in a fallback tag have no artifact type, so those manifests must be read.
  const listed = referrers.filter(({ artifactType = '' }) => artifactType === '' || artifactType.startsWith(BUNDLE));
  contents.noteListed(listed.length);
  if (listed.length > MOST_SIGNATURES) {
    const why = `${listed.length} signatures are listed, but only ${MOST_SIGNATURES} are read. Remove unneeded signatures.`;
    refused.push({ subject, where: store.name, why, isUnread: true });
  }
  const readAll = async (bundles: readonly Descriptor[], tags: readonly string[] = []): Promise<void> => {
    const [found, tagged] = await Promise.all([
      mapLimited(bundles, AT_ONCE, (one) => orRefused(one.digest, () => bundleCandidate(asked, one, referrers))),
      Promise.all(tags.map((kind) => cosignTag(asked, kind))),
    ]);
    const candidates = [...found.filter((one) => one !== undefined), ...tagged.flat()];
    // The smallest first: content that is attached to exhaust the limits is larger than a signature.
    await mapLimited(
      candidates.toSorted((a, b) => a.size - b.size),
      AT_ONCE,
      async ({ where, read }) => {
        verified.push(...((await orRefused(where, read)) ?? []));
      },
    );
  };
  const { first, sboms, references, last } = inTurns(listed.slice(0, MOST_SIGNATURES), wanted);
  await readAll(first, wanted.isSelective ? ['att'] : ['sig', 'att']);
  if (!wanted.isSelective) return { verified, refused };
  const unread = new Set(sboms);
  const readInTurn = async (bundles: readonly Descriptor[], isNeeded: () => boolean): Promise<void> => {
    // The others can only be junk, which must not be read one by one.
    for (const some of [...bundles.slice(0, FEW).map((one) => [one]), bundles.slice(FEW)]) {
      if (some.length === 0 || !isNeeded()) continue;
      await readAll(some);
      for (const one of some) unread.delete(one);
    }
  };
  await readInTurn(sboms, needsSbom);
  await readInTurn(references, () => true);
  const isSigned = verified.some(({ predicateType }) => predicateType === PredicateType.signature);
  if (wanted.isAsked(PredicateType.signature) && !isSigned) await readAll([], ['sig']);
  if (wanted.lacksSigner(verified)) {
    await readAll([...last, ...unread], wanted.isAsked(PredicateType.signature) ? [] : ['sig']);
  }
  return { verified, refused };
}

/** @returns undefined for a manifest that is not a bundle's, or that is gone although the list still names it */
async function bundleCandidate(
  asked: Asked,
  referrer: Descriptor,
  referrers: readonly Descriptor[],
): Promise<Candidate | undefined> {
  const { store, subject, signal, contents } = asked;
  contents.assertTime();
  const manifest = await manifestOf(store, referrer, signal).catch(absentIfNotFound);
  if (!manifest) return undefined;
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
      const known = asked.memory?.get(subject, referrer.digest, asked.trust);
      const read = known ?? (await contentOfBundle(asked, referrer, layer, referrers));
      if (isReadable(read)) asked.memory?.add(subject, referrer.digest, read);
      for (const { predicateType, bytes } of read.statements) asked.keep?.(subject, predicateType, bytes, read.signer);
      return read.facts;
    },
  };
}

async function contentOfBundle(
  { store, subject, trust, signal, contents, keep, memory, isAsked }: Asked,
  referrer: Descriptor,
  layer: Descriptor,
  listed: readonly Descriptor[],
): Promise<VerifiedContent> {
  const verified = await contents.read(layer, (bytes) => verifyBundle(bytes, trust, subject));
  const { evidence, payload, signer } = verified;
  const { predicateType } = evidence;
  const fact = { ...factOf(verified), referrer: referrer.digest, payload: evidence.payload };
  const isKept = keep !== undefined || memory !== undefined;
  if (predicateType !== REFERENCE) {
    return { signer, facts: [fact], statements: isKept ? [{ predicateType, bytes: payload }] : [] };
  }
  const statements: PublishedStatement[] = [];
  const collect: Keep = (_, type, bytes) => statements.push({ predicateType: type, bytes });
  const beside = { store, subject, listed, contents, signal, isAsked };
  const referred = await referredFacts(beside, verified, isKept ? collect : undefined);
  return { signer, facts: [fact, ...referred], statements };
}

/** What a reference names may be missing now and be there later. */
function isReadable({ facts }: VerifiedContent): boolean {
  return facts.every(({ evidence }) => evidence?.kind !== 'unreadable');
}

/** cosign 2, `specs/SIGNATURE_SPEC.md`: an image whose layers are signatures, under a tag made of the digest. */
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
        keep?.(subject, evidence.predicateType, payload, signer);
        return [factOf(verified)];
      },
    }));
}

function absentIfNotFound(error: unknown): undefined {
  if (!hasKind(error, 'not-found')) throw error;
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
function factOf({ evidence, payload, signer, statement }: VerifiedLayer): VerifiedFact {
  const { subject, predicateType } = evidence;
  const fact = { subject, predicateType, signer: signer.name, identity: signer.identity };
  if (predicateType === PredicateType.signature || !statement) return fact;
  return { ...fact, evidence: evidenceOfStatement({ statement, bytes: payload }, subject, evidence.payload) };
}
