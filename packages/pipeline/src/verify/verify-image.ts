import { evidenceOf, MAX_STATEMENT_BYTES, type Trust } from '@tidegate/attest';
import {
  admissionChecks,
  admitted,
  type Check,
  type Descriptor,
  type Digest,
  type Expectations,
  formatPlatform,
  type Image,
  isDigest,
  MediaType,
  manifestsOf,
  mapLimited,
  PredicateType,
  type RefusedFact,
  type VerifiedFact,
} from '@tidegate/core';
import { readImage, readManifest, type Store } from '@tidegate/oci';
import type { Services } from '../services.ts';
import { type Lane, SignedContents } from './signed-contents.ts';
import { type SignedFacts, signedFacts } from './verify-evidence.ts';
import { wantedBy } from './wanted.ts';

/** Number of manifests whose signatures are read concurrently. */
const AT_ONCE = 8;

export interface VerifyImageOptions {
  readonly trust: Trust;
  readonly expectations: Expectations;
  /** Digest the image must have. */
  readonly expectedDigest?: Digest | undefined;
  /** Shared by images that are verified at the same time. */
  readonly lane?: Lane | undefined;
}

export interface VerifiedImage {
  readonly image: Image;
  /** The digest to deploy: the one that the reference resolved to. The tag is never resolved again. */
  readonly digest: Digest;
  readonly passed: boolean;
  readonly checks: readonly Check[];
  readonly signers: readonly string[];
  readonly refused: readonly RefusedFact[];
}

/**
 * Verify a published image before it is run: the reference is resolved once, all later steps use digests. The caller
 * sets the requirements; nothing in the registry can change them.
 * @throws TidegateError if the image or the store cannot be read. An image that fails verification is a result, not an
 * error.
 */
export async function verifyImage(
  store: Store,
  root: Descriptor,
  { trust, expectations, expectedDigest, lane }: VerifyImageOptions,
  services: Pick<Services, 'clock' | 'signal' | 'log'>,
): Promise<VerifiedImage> {
  const { signal } = services;
  const { image, attestations } = await readPublished(store, root, signal);
  const subjects = expectations.scope === 'root' ? [image.root] : manifestsOf(image);
  const contents = new SignedContents(store, signal, { lane });
  const wanted = wantedBy(expectations, (trust.identities ?? []).length > 0);
  const found = await mapLimited(subjects, AT_ONCE, ({ digest }) =>
    signedFacts(store, digest, trust, signal, { contents, wanted }),
  );
  const attested = await mapLimited(attestations, AT_ONCE, async (one) =>
    attestationManifest(
      store,
      one,
      await signedFacts(store, one.descriptor.digest, trust, signal, { contents }),
      signal,
    ),
  );
  if (contents.warning !== undefined) services.log.warning(contents.warning);
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

/**
 * How BuildKit stores attestations: a manifest for `unknown/unknown` in the index, which refers to one of the
 * platforms.
 */
interface AttestationManifest {
  readonly descriptor: Descriptor;
  readonly about: Digest;
}

const REFERENCE_TYPE = 'vnd.docker.reference.type';
const REFERENCE_DIGEST = 'vnd.docker.reference.digest';

function attestationOf(entry: Descriptor): readonly AttestationManifest[] {
  const { annotations = {}, platform } = entry;
  const about = annotations[REFERENCE_DIGEST];
  // No node runs unknown/unknown. Anything that a node may run is a platform, regardless of its annotations.
  const nobodys = platform?.os === 'unknown' && platform.architecture === 'unknown';
  const is = nobodys && annotations[REFERENCE_TYPE] === 'attestation-manifest' && isDigest(about);
  return is ? [{ descriptor: entry, about }] : [];
}

/** Like `readImage`, but accepts the attestation manifests that BuildKit adds to the index. */
async function readPublished(store: Store, root: Descriptor, signal: AbortSignal) {
  const manifest = await readManifest(store, root, { signal });
  const isIgnored = (entry: Descriptor) => attestationOf(entry).length > 0;
  const image = await readImage(store, root, { signal, manifest, isIgnored });
  const kept = manifest.kind === 'index' ? manifest.manifests.flatMap(attestationOf) : [];
  const there = new Set(image.platforms.map(({ descriptor }) => descriptor.digest));
  return { image, attestations: kept.filter(({ about }) => there.has(about)) };
}

/**
 * github-builder signs BuildKit's attestation manifest and not the image. The statements in it are then as trustworthy
 * as if they were signed, because the manifest names their bytes by digest. Only a signature of the whole manifest has
 * this effect: an attestation about that manifest does not vouch for it. Each statement must describe the image itself,
 * because only the index, which may be unsigned, states which image the manifest belongs to.
 */
async function attestationManifest(
  store: Store,
  { descriptor, about }: AttestationManifest,
  { verified, refused }: SignedFacts,
  signal: AbortSignal,
): Promise<SignedFacts> {
  const by = verified.find(({ predicateType }) => predicateType === PredicateType.signature);
  if (!by) return { verified: [], refused: refused.map((one) => ({ ...one, subject: about })) };
  const manifest = await readManifest(store, descriptor, { signal });
  const facts = manifest.kind === 'manifest' ? manifest.layers : [];
  const said = await Promise.all(
    facts
      .filter(({ mediaType }) => mediaType === MediaType.inToto)
      .map(async (layer): Promise<VerifiedFact> => {
        const evidence = evidenceOf(await store.fetchBytes(layer, { limit: MAX_STATEMENT_BYTES, signal }), about);
        // Never accept it as a signature of the image, regardless of the layer's type: the image itself was not signed.
        return {
          subject: about,
          predicateType: MediaType.inToto,
          signer: by.signer,
          identity: by.identity,
          evidence,
        };
      }),
  );
  return { verified: said, refused: [] };
}
