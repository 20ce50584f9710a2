import { MAX_STATEMENT_BYTES, type Trust } from '@tidegate/attest';
import {
  admissionChecks,
  admitted,
  type Check,
  type Descriptor,
  type Digest,
  type Expectations,
  formatPlatform,
  type Image,
  type Index,
  isDigest,
  isManifestType,
  knownPlatform,
  manifestsOf,
  type PlatformImage,
  type RefusedFact,
  TidegateError,
  type VerifiedFact,
} from '@tidegate/core';
import { readImage, readManifest, type Store } from '@tidegate/oci';
import type { Services } from './services.ts';
import { factOf, type SignedFacts, signedFacts } from './verify-evidence.ts';

export interface VerifyImageOptions {
  readonly trust: Trust;
  readonly expectations: Expectations;
  /** Digest the image must have. */
  readonly expectedDigest?: Digest;
}

export interface VerifiedImage {
  readonly image: Image;
  /** What to deploy: what the reference named when it was looked at. Never the tag again. */
  readonly digest: Digest;
  readonly passed: boolean;
  readonly checks: readonly Check[];
  readonly signers: readonly string[];
  readonly refused: readonly RefusedFact[];
}

/**
 * Verify an image where it lies, as somebody who is about to run it: the reference is resolved once, everything after
 * speaks of digests. What must hold comes from the caller; nothing that is found can change it.
 * @throws TidegateError where the image or the store cannot be read. An image that must not run is a result, not an error.
 */
export async function verifyImage(
  store: Store,
  root: Descriptor,
  { trust, expectations, expectedDigest }: VerifyImageOptions,
  services: Pick<Services, 'clock' | 'signal' | 'log'>,
): Promise<VerifiedImage> {
  const { signal } = services;
  const { image, attestations } = await readPublished(store, root, signal);
  const subjects = expectations.scope === 'root' ? [image.root] : manifestsOf(image);
  const found = await Promise.all(subjects.map(({ digest }) => signedFacts(store, digest, trust, signal)));
  const attested = await Promise.all(attestations.map((one) => attestationManifest(store, one, trust, signal)));
  const all = [...found, ...attested];
  const verified: readonly VerifiedFact[] = all.flatMap((one) => one.verified);
  const refused = all.flatMap((one) => one.refused);
  const checks = [
    digestCheck(image, expectedDigest),
    ...admissionChecks(image, verified, refused, expectations, services.clock()),
  ];
  return {
    image,
    digest: image.root.digest,
    passed: admitted(checks),
    checks,
    signers: [...new Set(verified.map(({ signer }) => signer))],
    refused,
  };
}

function digestCheck(image: Image, expected: Digest | undefined): Check {
  const { digest } = image.root;
  const platforms = image.platforms.map(({ platform }) => formatPlatform(platform)).join(', ');
  if (expected !== undefined && expected !== digest) {
    return { name: 'digest', outcome: 'fail', why: `It is ${digest}, expected ${expected}.` };
  }
  return { name: 'digest', outcome: 'pass', why: `${digest}, for ${platforms}.` };
}

/** BuildKit's way to keep attestations: a manifest for `unknown/unknown` in the index, about one of the platforms. */
interface AttestationManifest {
  readonly descriptor: Descriptor;
  readonly about: Digest;
}

interface Published {
  readonly image: Image;
  readonly attestations: readonly AttestationManifest[];
}

const REFERENCE_TYPE = 'vnd.docker.reference.type';
const REFERENCE_DIGEST = 'vnd.docker.reference.digest';

/** As `readImage`, and with the attestation manifests that BuildKit puts beside the platforms. */
async function readPublished(store: Store, root: Descriptor, signal: AbortSignal): Promise<Published> {
  const manifest = await readManifest(store, root, { signal });
  const kept = manifest.kind === 'index' ? attestationsOf(manifest) : [];
  if (manifest.kind !== 'index' || kept.length === 0) {
    return { image: await readImage(store, root, { signal }), attestations: [] };
  }
  const aside = new Set<Digest>(kept.map(({ descriptor }) => descriptor.digest));
  const platforms = manifest.manifests
    .filter(({ digest }) => !aside.has(digest))
    .map((entry): PlatformImage => {
      const at = `${store.name}: ${root.digest}: entry ${entry.digest}`;
      if (!entry.platform || !isManifestType(entry.mediaType)) {
        throw new TidegateError('layout', `${at} is no platform's manifest.`, {
          next: 'Give an image index of plain platforms.',
        });
      }
      const { mediaType, digest, size } = entry;
      return { platform: knownPlatform(entry.platform, at), descriptor: { mediaType, digest, size } };
    });
  const there = new Set(platforms.map(({ descriptor }) => descriptor.digest));
  if (platforms.length === 0) throw new TidegateError('layout', `${store.name}: ${root.digest} has no platforms.`);
  return { image: { root, platforms }, attestations: kept.filter(({ about }) => there.has(about)) };
}

function attestationsOf(index: Index): readonly AttestationManifest[] {
  return index.manifests.flatMap((descriptor) => {
    const { annotations = {}, platform } = descriptor;
    const about = annotations[REFERENCE_DIGEST];
    const is = annotations[REFERENCE_TYPE] === 'attestation-manifest' && platform?.os === 'unknown';
    return is && isDigest(about) ? [{ descriptor, about }] : [];
  });
}

/**
 * github-builder signs BuildKit's attestation manifest and not the image: its statements then are as good as signed
 * themselves, for the digest names their bytes. Statements about another image count for nothing.
 */
async function attestationManifest(
  store: Store,
  { descriptor, about }: AttestationManifest,
  trust: Trust,
  signal: AbortSignal,
): Promise<SignedFacts> {
  const { verified, refused } = await signedFacts(store, descriptor.digest, trust, signal);
  const [by] = verified;
  if (!by) return { verified: [], refused: refused.map((one) => ({ ...one, subject: about })) };
  const manifest = await readManifest(store, descriptor, { signal });
  const facts = manifest.kind === 'manifest' ? manifest.layers : [];
  const said = await Promise.all(
    facts
      .filter(({ mediaType }) => mediaType === 'application/vnd.in-toto+json')
      .map(async (layer) => {
        const payload = await store.fetchBytes(layer, { limit: MAX_STATEMENT_BYTES, signal });
        return factOf(about, layer.annotations?.['in-toto.io/predicate-type'] ?? '', by.signer, payload);
      }),
  );
  return { verified: said, refused: [] };
}
