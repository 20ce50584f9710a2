import {
  evidenceOf,
  MAX_STATEMENT_BYTES,
  parseStatement,
  REFERENCE,
  readReferences,
  type VerifiedBundle,
} from '@tidegate/attest';
import {
  type Descriptor,
  type Digest,
  type Evidence,
  hasCode,
  type Manifest,
  MediaType,
  messageOf,
  TidegateError,
  type VerifiedFact,
} from '@tidegate/core';
import { readManifest, type Store } from '@tidegate/oci';
import type { Keep } from './verify-evidence.ts';

type Referred = ReturnType<typeof readReferences>[number];

/** sign-image makes one for each statement that is too long for a bundle: an image has two SBOMs that may be. */
const MOST_REFERENCES = 8;
/** Unsigned statements that are looked through for those that are meant. */
const MOST_STATEMENTS = 64;

/**
 * What a signed reference stands for: statements that lie beside the image, each by its digest, which is as good as a
 * signature of the bytes. They are fetched, held to that digest and to this subject, and read.
 * What a trusted signer has named and nobody can read is `unreadable` evidence, and no absence.
 * @param listed referrers of `subject`
 * @throws TidegateError where the store cannot be read
 */
export async function referredFacts(
  store: Store,
  subject: Digest,
  { statement, signer }: VerifiedBundle,
  listed: readonly Descriptor[],
  signal: AbortSignal,
  keep?: Keep,
): Promise<readonly VerifiedFact[]> {
  const wanted = referencesOf(statement.predicate);
  if (wanted.length === 0) return [];
  // Of the reference's type, and never that of the statement: a reference to a signature is none.
  const fact = (evidence: Evidence | undefined): VerifiedFact => ({
    ...{ subject, predicateType: REFERENCE, signer: signer.name },
    ...(signer.identity ? { identity: signer.identity } : {}),
    ...(evidence ? { evidence } : {}),
  });
  const contents = await statementsBeside(store, subject, listed, wanted, signal);
  const facts: VerifiedFact[] = [];
  // One after the other: each is tens of megabytes.
  for (const one of wanted) facts.push(fact(await evidenceAt(store, subject, one, contents, signal, keep)));
  return facts;
}

/** Statements of ours: somebody else's references to other things are no evidence. */
function referencesOf(predicate: unknown): readonly Referred[] {
  try {
    const found = readReferences(predicate).filter(({ mediaType }) => mediaType === MediaType.inToto);
    if (found.length <= MOST_REFERENCES) return found;
  } catch (error) {
    if (hasCode(error, 'evidence', 'integrity')) return [];
    throw error;
  }
  throw new TidegateError('evidence', `A signed reference names more than ${MOST_REFERENCES} statements.`, {
    next: 'Sign the image with sign-image, which makes one reference for each statement.',
  });
}

/** Layers of the unsigned statements about `subject`, by digest: what a reference may mean. */
async function statementsBeside(
  store: Store,
  subject: Digest,
  listed: readonly Descriptor[],
  wanted: readonly Referred[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Digest, Descriptor>> {
  const types = new Set(wanted.map(({ predicateType }) => predicateType));
  const statements = listed.filter(({ artifactType = MediaType.inToto, annotations }) => {
    const type = annotations?.['in-toto.io/predicate-type'];
    return artifactType === MediaType.inToto && (type === undefined || types.has(type));
  });
  const contents = new Map<Digest, Descriptor>();
  for (const referrer of statements.slice(0, MOST_STATEMENTS)) {
    const manifest = await manifestAt(store, referrer, signal);
    if (manifest?.subject?.digest !== subject) continue;
    for (const layer of manifest.layers) contents.set(layer.digest, layer);
  }
  return contents;
}

/** undefined for a referrer that is none: whoever may push can lay one down, and the signature is over another digest. */
async function manifestAt(store: Store, referrer: Descriptor, signal: AbortSignal): Promise<Manifest | undefined> {
  try {
    const manifest = await readManifest(store, referrer, { signal });
    return manifest.kind === 'manifest' ? manifest : undefined;
  } catch (error) {
    if (hasCode(error, 'evidence', 'integrity', 'layout', 'not-found')) return undefined;
    throw error;
  }
}

async function evidenceAt(
  store: Store,
  subject: Digest,
  { predicateType, digest }: Referred,
  contents: ReadonlyMap<Digest, Descriptor>,
  signal: AbortSignal,
  keep: Keep | undefined,
): Promise<Evidence | undefined> {
  const unreadable = (why: string): Evidence => ({ kind: 'unreadable', subject, claimed: predicateType, why });
  const layer = contents.get(digest);
  if (!layer) return unreadable(`What was signed is ${digest}, and no statement beside the image has that digest.`);
  try {
    const bytes = await store.fetchBytes(layer, { limit: MAX_STATEMENT_BYTES, signal });
    const evidence = evidenceOf(bytes, subject);
    // By what it is, and not by what the reference calls it.
    if (keep && evidence && evidence.kind !== 'unreadable') keep(subject, parseStatement(bytes).predicateType, bytes);
    return evidence;
  } catch (error) {
    if (!hasCode(error, 'evidence', 'integrity', 'layout', 'not-found')) throw error;
    return unreadable(messageOf(error));
  }
}
