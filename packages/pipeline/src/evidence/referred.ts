import { MAX_STATEMENT_BYTES, REFERENCE, readReferences, typedEvidenceOf, type VerifiedBundle } from '@tidegate/attest';
import {
  type Descriptor,
  type Digest,
  type Evidence,
  hasKind,
  type Manifest,
  MediaType,
  mapLimited,
  messageOf,
  TidegateError,
  type VerifiedFact,
} from '@tidegate/core';
import { readManifest, type Store } from '@tidegate/oci';
import type { Keep, SignedContents } from '../verify/signed-contents.ts';

type Referred = ReturnType<typeof readReferences>[number];

/**
 * sign-image creates one reference for each statement that is too large for a bundle: an image has at most two such
 * SBOMs.
 */
const MOST_REFERENCES = 8;
/** Maximum number of unsigned statements that are searched for the referenced ones. */
const MOST_STATEMENTS = 5000;
const AT_ONCE = 8;

/** Location of a bundle. */
export interface ReferrerBundle {
  readonly store: Store;
  readonly subject: Digest;
  /** All referrers of `subject`. */
  readonly listed: readonly Descriptor[];
  readonly contents: SignedContents;
  readonly signal: AbortSignal;
  /** Whether statements of this type are fetched. Default: all. */
  readonly isAsked?: (predicateType: string) => boolean;
}

/**
 * Resolve a signed reference to the unsigned statements that it names by digest, which is equivalent to a signature of
 * their bytes. They are fetched, verified against that digest and this subject, and parsed.
 * A statement that a trusted signer references but that cannot be read becomes `unreadable` evidence; it does not count
 * as absent.
 * @throws TidegateError if the store cannot be read
 */
export async function referredFacts(
  beside: ReferrerBundle,
  { statement, signer }: VerifiedBundle,
  keep?: Keep,
): Promise<readonly VerifiedFact[]> {
  const { subject, isAsked = () => true } = beside;
  const wanted = referencesOf(statement.predicate).filter(({ predicateType }) => isAsked(predicateType));
  if (wanted.length === 0) return [];
  // Use the type of the reference, never that of the statement: a reference to a signature is not a signature.
  const fact = (evidence: Evidence | undefined): VerifiedFact => ({
    ...{ subject, predicateType: REFERENCE, signer: signer.name },
    identity: signer.identity,
    evidence,
  });
  const contents = await statementsBeside(beside, wanted);
  const facts: VerifiedFact[] = [];
  const kept = keep && ((...said: [Digest, string, Uint8Array]) => keep(...said, signer));
  // Sequentially: each has tens of megabytes.
  for (const one of wanted) facts.push(fact(await evidenceAt(beside, one, contents.get(one.digest) ?? [], kept)));
  return facts;
}

/** Only references to our statements: references by other tools to other content are not evidence. */
function referencesOf(predicate: unknown): readonly Referred[] {
  try {
    const found = readReferences(predicate).filter(({ mediaType }) => mediaType === MediaType.inToto);
    if (found.length <= MOST_REFERENCES) return found;
  } catch (error) {
    if (hasKind(error, 'evidence', 'integrity')) return [];
    throw error;
  }
  throw new TidegateError('signatures-too-many', `A signed reference lists more than ${MOST_REFERENCES} statements.`, {
    next: 'Sign the image with sign-image, which makes one reference for each statement.',
  });
}

/**
 * Layers of the unsigned statements about `subject` that a reference names. One digest may occur several times: an
 * attacker's manifest can state a wrong size, and must not hide the correct one.
 */
async function statementsBeside(
  { store, subject, listed, contents, signal }: ReferrerBundle,
  wanted: readonly Referred[],
): Promise<ReadonlyMap<Digest, readonly Descriptor[]>> {
  const types = new Set(wanted.map(({ predicateType }) => predicateType));
  const statements = listed.filter(({ artifactType = MediaType.inToto, annotations }) => {
    const type = annotations?.['in-toto.io/predicate-type'];
    return artifactType === MediaType.inToto && (type === undefined || types.has(type));
  });
  const found = new Map<Digest, Descriptor[]>(wanted.map(({ digest }) => [digest, []]));
  await mapLimited(statements.slice(0, MOST_STATEMENTS), AT_ONCE, async (referrer) => {
    contents.assertTime();
    const manifest = await manifestAt(store, referrer, signal);
    if (manifest?.subject?.digest !== subject) return;
    for (const layer of manifest.layers) {
      const same = found.get(layer.digest);
      if (same && !same.some(({ size }) => size === layer.size)) same.push(layer);
    }
  });
  return found;
}

/**
 * Undefined for a referrer that is not a valid manifest: anyone with push access can add one, and the signature covers
 * another digest.
 */
async function manifestAt(store: Store, referrer: Descriptor, signal: AbortSignal): Promise<Manifest | undefined> {
  try {
    const manifest = await readManifest(store, referrer, { signal });
    return manifest.kind === 'manifest' ? manifest : undefined;
  } catch (error) {
    if (hasKind(error, 'evidence', 'integrity', 'layout', 'not-found')) return undefined;
    throw error;
  }
}

async function evidenceAt(
  { store, subject, signal }: ReferrerBundle,
  { predicateType, digest }: Referred,
  layers: readonly Descriptor[],
  keep: ((subject: Digest, predicateType: string, statement: Uint8Array) => void) | undefined,
): Promise<Evidence | undefined> {
  const unreadable = (why: string): Evidence => ({ kind: 'unreadable', subject, claimed: predicateType, why });
  let why = `The signature is for ${digest}, but no statement attached to the image has that digest.`;
  for (const layer of layers) {
    try {
      const bytes = await store.fetchBytes(layer, { limit: MAX_STATEMENT_BYTES, signal });
      const { predicateType: type, evidence } = typedEvidenceOf(bytes, subject);
      // Use the type in the statement, not the type in the reference.
      if (keep && type !== undefined && evidence && evidence.kind !== 'unreadable') keep(subject, type, bytes);
      return evidence;
    } catch (error) {
      if (!hasKind(error, 'evidence', 'integrity', 'layout', 'not-found')) throw error;
      why = messageOf(error);
    }
  }
  return unreadable(why);
}
