import {
  type CertificateIdentity,
  certifiedProvenance,
  MAX_OUTPUTS_BYTES,
  MAX_STATEMENT_BYTES,
  makeStatement,
  outputsDocument,
  parseStatement,
  readOutputs,
} from '@tidegate/attest';
import { type Descriptor, type Digest, digestOf, MediaType, PredicateType, TidegateError } from '@tidegate/core';
import {
  type AttestedImage,
  contentOfBytes,
  type ImageLayout,
  imageIndex,
  makeAttestations,
  readImage,
} from '@tidegate/oci';
import { attachLocal, attachStatement, type HeldStatement, readContent, readStatements } from '../evidence/store.ts';
import type { Services } from '../services.ts';
import { replaceImage, type Target } from '../target.ts';

/** In this order, as BuildKit lists them. */
const TYPES = [PredicateType.spdx, PredicateType.provenance] as const;
const INDEX = 'application/vnd.oci.image.index.v1+json';

/**
 * Add SBOM and provenance of each platform to the image's index, where Docker's tools look for them: the very statements
 * that are signed, a second time as BuildKit stores them. The image gets a new root with another digest, and the
 * evidence about the old root moves to it. So this comes after the SBOMs, and before scans, verdict and signatures, which
 * are about the new root.
 * @returns the new root
 */
export async function addDockerAttestations(target: Target, { log }: Pick<Services, 'log'>): Promise<Descriptor> {
  const { layout, image } = target;
  const entries: unknown[] = [];
  for (const { descriptor } of image.platforms) {
    const held = await readStatements(target, descriptor);
    const statements = TYPES.map((type) => only(held, type, descriptor.digest, layout));
    const made = makeAttestations(
      descriptor.digest,
      statements.map(({ bytes, digest, predicateType }) => ({ digest, predicateType, size: bytes.byteLength })),
    );
    for (const bytes of [made.config, made.manifest]) {
      const mediaType = bytes === made.manifest ? MediaType.manifest : MediaType.config;
      await layout.push({ mediaType, digest: digestOf(bytes), size: bytes.length }, contentOfBytes(bytes));
    }
    entries.push(made.entry);
  }
  const bytes = await indexWith(target, entries);
  const root = { mediaType: MediaType.index, digest: digestOf(bytes), size: bytes.length };
  await layout.push(root, contentOfBytes(bytes));
  await layout.add(root);
  await moveEvidence(target, root);
  if (root.digest !== image.root.digest) await layout.unlist(image.root);
  replaceImage(target, await readImage(layout, root, { attestations: true }));
  log.info(
    `SBOM and provenance for Docker's tools are in the index: the image is now ${root.digest}. This digest is signed and tagged.`,
  );
  return root;
}

function only(held: readonly HeldStatement[], type: string, about: Digest, { name }: ImageLayout): HeldStatement {
  const [one, ...others] = held.filter(({ predicateType }) => predicateType === type);
  if (one && others.length === 0) return one;
  throw new TidegateError(
    'sbom-missing',
    `${name} contains ${one ? others.length + 1 : 0} statements of type ${type} about ${about}, expected one.`,
    { next: 'Build the image with build-image, whose provenance docker-attestations needs.' },
  );
}

/** The index of the image with these entries in the place of older ones for unknown/unknown; a new one for a manifest. */
async function indexWith({ layout, image }: Target, entries: readonly unknown[]): Promise<Buffer> {
  const { root, platforms } = image;
  const isIndex = platforms.every(({ descriptor }) => descriptor.digest !== root.digest);
  const own = isIndex ? await layout.fetchBytes(root) : imageIndex(platforms, {});
  const { manifests, ...index }: { manifests: readonly Descriptor[] } = JSON.parse(own.toString());
  const kept = manifests.filter(({ platform }) => platform?.os !== 'unknown');
  // Fields in the order in which Go writes them.
  const { schemaVersion, mediaType = INDEX, ...rest } = index as Readonly<Record<string, unknown>>;
  return Buffer.from(JSON.stringify({ schemaVersion, mediaType, manifests: [...kept, ...entries], ...rest }));
}

/** Attaches the evidence of the old root to the new one. Of an image of one platform, the old root is that platform. */
async function moveEvidence(target: Target, root: Descriptor): Promise<void> {
  const { layout, image } = target;
  const old = image.root;
  if (old.digest === root.digest) return;
  const isPlatform = image.platforms.some(({ descriptor }) => descriptor.digest === old.digest);
  for (const { bytes, predicateType } of await readStatements(target, old)) {
    // SBOMs are about platforms.
    if (isPlatform && predicateType !== PredicateType.provenance) continue;
    const { predicate } = parseStatement(bytes);
    await attachStatement(target, root, makeStatement(predicateType, [{ digest: root.digest }], predicate));
  }
  for (const record of await layout.referrers(old.digest, MediaType.outputs)) {
    const outputs = readOutputs(await readContent(layout, record, MAX_OUTPUTS_BYTES), old.digest);
    await attachLocal(layout, root, outputsDocument(root.digest, outputs), MediaType.outputs);
    await layout.unlist(record);
  }
  if (isPlatform) return;
  for (const referrer of await layout.referrers(old.digest)) await layout.unlist(referrer);
}

/**
 * Check that the attestations for Docker are the evidence in the layout: a signature of the root covers them. The
 * provenance may lack what the certificate adds when it is signed.
 * @throws TidegateError `evidence-not-signable`
 */
export async function assertOwnAttestations(target: Target, certified: CertificateIdentity | undefined): Promise<void> {
  for (const { about, descriptor, statements } of (target.image as AttestedImage).attestations ?? []) {
    const found = target.image.platforms.find((one) => one.descriptor.digest === about);
    const held = found ? await readStatements(target, found.descriptor) : [];
    const own = new Set(held.map(({ digest }) => digest));
    for (const { digest, size, predicateType } of statements) {
      if (own.has(digest)) continue;
      if (certified && predicateType === PredicateType.provenance) {
        const blob = { mediaType: MediaType.inToto, digest, size };
        const bytes = await target.layout.fetchBytes(blob, { limit: MAX_STATEMENT_BYTES });
        const joined = certifiedProvenance(bytes, certified);
        if (joined && own.has(digestOf(joined.bytes))) continue;
      }
      throw new TidegateError(
        'evidence-not-signable',
        `${target.layout.name} contains in the attestation manifest ${descriptor.digest} a statement of type ${predicateType} that is not the evidence about ${about}.`,
        { next: 'Run generate-sbom again with docker-attestations: true.' },
      );
    }
  }
}
