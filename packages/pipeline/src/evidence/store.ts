/** Stores evidence in an image layout: as referrers of the manifest that it describes, found again by digest. */
import {
  bundleReferrer,
  contentsDocument,
  contentsEvidenceOf,
  evidenceOfStatement,
  localReferrer,
  MAX_BUNDLE_BYTES,
  MAX_CONTENTS_BYTES,
  MAX_STATEMENT_BYTES,
  MAX_SYFT_BYTES,
  type MadeBundle,
  parseBundle,
  parseStatement,
  type Referrer,
  readSyft,
  type StatementBytes,
  statementReferrer,
  syftEvidenceOf,
  syftProgram,
  syftReferrer,
  type Trust,
  unsignedEvidenceOf,
} from '@tidegate/attest';
import {
  type Descriptor,
  type Digest,
  digestOf,
  type Evidence,
  type ImageContents,
  type Manifest,
  MediaType,
  manifestsOf,
  messageOf,
  type SbomEvidence,
  TidegateError,
} from '@tidegate/core';
import { contentOfBytes, type ImageLayout, readManifest, type Store } from '@tidegate/oci';
import type { Target } from '../target.ts';
import { rememberBundle, signedEvidence } from '../verify/signed-evidence.ts';

/** Annotation of a referrer: the type of the statement in it. */
const PREDICATE_TYPE = 'in-toto.io/predicate-type';

/** Store a statement about `subject`. It replaces existing ones of the same predicate type. */
export async function attachStatement(
  target: Omit<Target, 'image'>,
  subject: Descriptor,
  made: StatementBytes,
): Promise<void> {
  await attachStatements(target, subject, [made]);
}

/** Store statements about `subject`. They replace existing ones of their predicate types. */
export async function attachStatements(
  { evidence, layout }: Omit<Target, 'image'>,
  subject: Descriptor,
  all: readonly StatementBytes[],
): Promise<void> {
  const types = new Set<string>(all.map(({ statement }) => statement.predicateType));
  const older = await layout.referrers(subject.digest, MediaType.inToto);
  const same = older.filter((one) => types.has(one.annotations?.[PREDICATE_TYPE] ?? ''));
  const referrers = all.map((made) => {
    const { statement, bytes } = made;
    const type = statement.predicateType;
    const digest = digestOf(bytes);
    const said = evidenceOfStatement(made, subject.digest, digest);
    evidence.addStated(subject.digest, digest, said ? [said] : []);
    evidence.addOwnStatement(subject.digest, digest, type, bytes);
    return statementReferrer(subject, bytes, type);
  });
  await replace(layout, same, referrers);
}

/** Store the syft-json document that the scan reads, byte for byte, and the evidence that was read from it. */
export async function attachSyft(
  { evidence, layout }: Target,
  subject: Descriptor,
  document: Uint8Array,
  said: SbomEvidence,
): Promise<void> {
  evidence.addStated(subject.digest, said.document, [said]);
  const older = await layout.referrers(subject.digest, MediaType.syft);
  await replace(layout, older, [syftReferrer(subject, document, said.program)]);
}

/**
 * The syft-json document of `subject` and its digest, verified to describe this manifest.
 * @throws TidegateError `evidence` when there is none, more than one, or one of another image.
 */
export async function readSyftOf(
  { evidence, layout }: Target,
  subject: Descriptor,
): Promise<{ readonly bytes: Uint8Array; readonly digest: Digest }> {
  const { bytes, program } = await readSyftBytes(layout, subject);
  const digest = digestOf(bytes);
  if (!evidence.stated(subject.digest, digest)?.every((one) => one.kind === 'sbom')) {
    evidence.addStated(subject.digest, digest, [{ ...readSyft(bytes, subject.digest), program }]);
  }
  return { bytes, digest };
}

/** Trusts no signer: before anything is signed, and on a pull request. */
export const TRUST_NONE: Trust = { publicKeys: [] };

export function trustsNone({ publicKeys, identities = [] }: Trust): boolean {
  return publicKeys.length === 0 && identities.length === 0;
}

/** Store the findings of a platform's layers. */
export async function attachContents(target: Target, subject: Descriptor, contents: ImageContents): Promise<void> {
  const document = contentsDocument(subject.digest, contents);
  target.evidence.addStated(subject.digest, digestOf(document), [
    { kind: 'contents', subject: subject.digest, contents },
  ]);
  await attachLocal(target.layout, subject, document, MediaType.contents);
}

/** Store a document that is never pushed. It replaces an older one of its type. */
export async function attachLocal(
  layout: ImageLayout,
  subject: Descriptor,
  document: Uint8Array,
  artifactType: string,
): Promise<void> {
  const older = await layout.referrers(subject.digest, artifactType);
  await replace(layout, older, [localReferrer(subject, document, artifactType)]);
}

/**
 * Store a bundle that was just created, next to existing bundles, and remember its evidence as verified with `trust`.
 * @param payload the signed bytes
 */
export async function attachBundle(
  target: Target,
  subject: Descriptor,
  made: MadeBundle,
  payload: { readonly predicateType: string; readonly digest: Digest },
  trust: Trust,
): Promise<void> {
  const referrer = bundleReferrer(subject, made.content, payload.predicateType);
  const [, content] = referrer.blobs;
  if (content)
    rememberBundle(target.evidence, subject.digest, content.descriptor.digest, made.bundle, trust, payload.digest);
  await replace(target.layout, [], [referrer]);
}

async function replace(
  layout: ImageLayout,
  older: readonly Descriptor[],
  referrers: readonly Referrer[],
): Promise<void> {
  for (const { blobs, descriptor, manifest } of referrers) {
    await Promise.all(blobs.map((blob) => layout.push(blob.descriptor, contentOfBytes(blob.bytes))));
    await layout.push(descriptor, contentOfBytes(manifest));
  }
  const kept = new Set(referrers.map(({ descriptor }) => descriptor.digest));
  for (const one of older) if (!kept.has(one.digest)) await layout.unlist(one);
}

async function readSyftBytes(layout: ImageLayout, subject: Descriptor) {
  const found = await layout.referrers(subject.digest, MediaType.syft);
  const [only] = found;
  if (!only || found.length > 1) {
    throw new TidegateError(
      'sbom-missing',
      `${layout.name} contains ${found.length} syft-json SBOMs of ${subject.digest}, expected one.`,
      {
        next: 'Run generate-sbom on this layout before scan-image.',
      },
    );
  }
  return { bytes: await readContent(layout, only, MAX_SYFT_BYTES), program: syftProgram(only) };
}

export interface HeldStatement {
  readonly referrer: Descriptor;
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly predicateType: string;
}

/** The unsigned statements about `subject`, as exact bytes. */
export async function readStatements(
  { evidence, layout }: Pick<Target, 'layout' | 'evidence'>,
  subject: Descriptor,
): Promise<readonly HeldStatement[]> {
  const found = await layout.referrers(subject.digest, MediaType.inToto);
  return Promise.all(
    found.map(async (referrer) => {
      const { content } = await contentOf(layout, referrer);
      const own = evidence.ownStatement(subject.digest, content.digest);
      const bytes = own?.bytes ?? (await layout.fetchBytes(content, { limit: MAX_STATEMENT_BYTES }));
      const predicateType = own?.predicateType ?? parseStatement(bytes).predicateType;
      return { referrer, bytes, digest: content.digest, predicateType };
    }),
  );
}

/**
 * The single layer of an evidence manifest, and the manifest. @throws TidegateError `evidence` when it has another
 * shape.
 */
export async function contentOf(
  store: Store,
  referrer: Descriptor,
): Promise<{ readonly manifest: Manifest; readonly content: Descriptor }> {
  const manifest = await readManifest(store, referrer);
  const [content, ...others] = manifest.kind === 'manifest' ? manifest.layers : [];
  if (manifest.kind === 'manifest' && content && others.length === 0) return { manifest, content };
  throw new TidegateError(
    'evidence-invalid',
    `${referrer.digest} in ${store.name} is not valid evidence: expected a manifest with one layer.`,
  );
}

export async function readContent(store: Store, referrer: Descriptor, limit: number): Promise<Uint8Array> {
  const { content } = await contentOf(store, referrer);
  return store.fetchBytes(content, { limit });
}

/**
 * Read all evidence in the layout about the root and the platforms, strictly. Evidence that is unreadable, describes
 * another image or does not verify becomes `unreadable` evidence, which fails the gate: nothing is skipped.
 */
export async function readEvidence(target: Target, trust: Trust): Promise<readonly Evidence[]> {
  const evidence = new Set<Evidence>();
  for (const { digest: subject } of manifestsOf(target.image)) {
    for (const referrer of (await target.layout.referrers(subject)).toSorted(byType)) {
      for (const found of await readOne(target, referrer, subject, trust)) evidence.add(found);
    }
  }
  return [...evidence];
}

/** Statements before bundles: a bundle that repeats a statement byte for byte is then recognized and listed once. */
function byType(a: Descriptor, b: Descriptor): number {
  return Number(a.artifactType === MediaType.bundle) - Number(b.artifactType === MediaType.bundle);
}

/** The evidence in one referrer of `subject`, read or verified once. */
export async function readOne(
  target: Target,
  referrer: Descriptor,
  subject: Digest,
  trust: Trust,
): Promise<readonly Evidence[]> {
  const { evidence, layout } = target;
  const type = referrer.artifactType ?? '';
  const stated = async (content: Digest, read: () => Promise<readonly Evidence[]>) => {
    const found = evidence.stated(subject, content) ?? (await read());
    evidence.addStated(subject, content, found);
    return found;
  };
  try {
    const { content } = await contentOf(layout, referrer);
    const read = (limit: number) => layout.fetchBytes(content, { limit });
    switch (type) {
      case MediaType.inToto:
        return await stated(content.digest, async () => [
          unsignedEvidenceOf(await read(MAX_STATEMENT_BYTES), subject, referrer.annotations?.[PREDICATE_TYPE]),
        ]);
      case MediaType.syft:
        return await stated(content.digest, async () => {
          const program = syftProgram(referrer);
          return [{ ...syftEvidenceOf(await read(MAX_SYFT_BYTES), subject), program }];
        });
      case MediaType.contents:
        return await stated(content.digest, async () => [contentsEvidenceOf(await read(MAX_CONTENTS_BYTES), subject)]);
      case MediaType.bundle:
        // Without trusted signers no signature can be verified: bundles are then ignored.
        if (trustsNone(trust)) return [];
        return await verified(target, subject, content.digest, trust, () => read(MAX_BUNDLE_BYTES));
      default:
        // Artifacts of other tools: they are kept, but are not evidence.
        return [];
    }
  } catch (error) {
    const claimed = referrer.annotations?.[PREDICATE_TYPE] ?? type;
    return [{ kind: 'unreadable', subject, claimed, why: messageOf(error) }];
  }
}

async function verified(
  target: Target,
  subject: Digest,
  content: Digest,
  trust: Trust,
  read: () => Promise<Uint8Array>,
): Promise<readonly Evidence[]> {
  const known = target.evidence.verified(subject, content, trust);
  if (known) return known;
  const found = signedEvidence(target.evidence, subject, parseBundle(await read()), trust);
  target.evidence.addVerified(subject, content, trust, found);
  return found;
}
