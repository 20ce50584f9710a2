import {
  coversVerdict,
  MAX_BUNDLE_BYTES,
  parseBundle,
  parseStatement,
  renameInputs,
  sameVerdict,
} from '@tidegate/attest';
import {
  counted,
  type Descriptor,
  type Digest,
  digestOf,
  type Evidence,
  hexOf,
  manifestsOf,
  type Policy,
  PredicateType,
  sameScan,
  type VerifiedFact,
} from '@tidegate/core';
import { copyReferrers, type Registry } from '@tidegate/oci';
import type { Services } from '../services.ts';
import { signedPayloads } from '../sign/payloads.ts';
import type { Target } from '../target.ts';
import type { OwnEvidence } from './own-evidence.ts';
import type { Proven } from './proven.ts';
import { attachStatement, readContent, readStatements } from './store.ts';
import { usePublished } from './use-published.ts';

interface Reusing {
  readonly policy: Policy;
  /** Published evidence that this run is based on. */
  readonly proven: Proven | undefined;
}

/**
 * Replace evidence in the layout with evidence of this signer that the registry has already and that says the same, with
 * its signatures: a run of the same commit then adds nothing. The gate judges what was published like anything else.
 *
 * - SBOMs, provenance and baselines: equal except for times and identifiers of the run.
 * - Scans: of the same SBOM with the same findings, while at most half of the allowed age is over. Later a new one is
 *   worth publishing.
 * - Verdicts: of the same evidence by the same policy, with the same result of each rule. If this run judged only a part,
 *   because it is based on a verdict of the whole policy, that one says more.
 *
 * @returns digests of the published statements in use
 */
async function reusePublished(
  target: Target,
  own: OwnEvidence,
  reusing: Reusing,
  services: Pick<Services, 'clock' | 'log' | 'signal'>,
): Promise<ReadonlySet<Digest>> {
  const { registry } = own;
  const used = new Set<Digest>();
  const subjects = manifestsOf(target.image);
  const before = new Map<Digest, ReadonlyMap<string, Digest>>();
  for (const subject of subjects) {
    before.set(subject.digest, await digestsByType(target, subject));
    const { digests } = await usePublished(target, subject, own.statements);
    for (const digest of digests) used.add(digest);
    const scan = await reuseScan(target, registry, subject, own, reusing, services);
    if (scan) used.add(scan);
  }
  // Together: the verdict on the index is of no other evidence than those on the platforms.
  const verdicts = await Promise.all(
    subjects.map((subject) => verdictOf(target, registry, subject, own, before.get(subject.digest) ?? new Map())),
  );
  const areSame = verdicts.every((one) => one === undefined || one.published !== undefined);
  for (const one of verdicts) {
    const bytes = areSame ? one?.published : one?.renamed;
    if (!one || !bytes) continue;
    await attachStatement(target, one.subject, { statement: parseStatement(bytes), bytes });
    if (areSame) used.add(digestOf(bytes));
  }
  await copySignatures(target, registry, subjects, own, services);
  return used;
}

/**
 * Like `reusePublished`, for a push to these registries. With several, each has verdicts of its own, and nothing is
 * reused.
 */
export async function reuseOwn(
  target: Target,
  [own, ...others]: readonly OwnEvidence[],
  registries: readonly Registry[],
  reusing: Reusing,
  services: Pick<Services, 'clock' | 'log' | 'signal'>,
): Promise<void> {
  if (!own || others.length > 0 || registries.length > 1) return;
  const used = await reusePublished(target, own, reusing, services);
  if (used.size > 0) services.log.info(`${counted(used.size, 'statement')} published before say the same.`);
}

async function digestsByType(target: Target, subject: Descriptor): Promise<ReadonlyMap<string, Digest>> {
  const held = await readStatements(target, subject);
  return new Map(held.map(({ predicateType, digest }) => [predicateType, digest]));
}

type Dated = Evidence & { readonly kind: 'scan' | 'verdict' };

/** The newest one of `kind` about `subject`, if its bundle contains the statement itself. */
function newest<K extends Dated['kind']>(
  { facts }: OwnEvidence,
  kind: K,
  subject: Digest,
): { readonly fact: VerifiedFact; readonly evidence: Extract<Dated, { kind: K }> } | undefined {
  const at = (one: Dated) => (one.kind === 'scan' ? one.finishedOn : one.decidedOn).getTime();
  const found = facts.flatMap((fact) => {
    const { evidence } = fact;
    if (evidence?.kind !== kind || fact.subject !== subject) return [];
    return [{ fact, evidence: evidence as Extract<Dated, { kind: K }> }];
  });
  const [first] = found.toSorted((a, b) => at(b.evidence) - at(a.evidence));
  return first && first.evidence.statement === first.fact.payload ? first : undefined;
}

async function reuseScan(
  target: Target,
  registry: Registry,
  subject: Descriptor,
  own: OwnEvidence,
  { policy: { maxScanAge, maxDatabaseAge }, proven }: Reusing,
  { clock }: Pick<Services, 'clock'>,
): Promise<Digest | undefined> {
  const held = (await readStatements(target, subject)).find((one) => one.predicateType === PredicateType.scan);
  const made = held && target.evidence.stated(subject.digest, held.digest)?.find((one) => one.kind === 'scan');
  const last = newest(own, 'scan', subject.digest);
  if (!made || !last) return undefined;
  // The published SBOM that was scanned now and the document that was scanned then are of one run of Syft.
  const isOfProven = proven?.inputs.has(last.fact.payload ?? last.evidence.sbom) ?? false;
  const published = isOfProven ? { ...last.evidence, sbom: made.sbom } : last.evidence;
  if (!sameScan(made, published)) return undefined;
  const now = clock().getTime();
  const isFresh = (on: Date, limit: number) => (now - on.getTime()) * 2 <= limit;
  if (!isFresh(last.evidence.finishedOn, maxScanAge)) return undefined;
  if (!isFresh(last.evidence.database.built, maxDatabaseAge)) return undefined;
  const bytes = await statementIn(registry, last.fact);
  if (!bytes) return undefined;
  await attachStatement(target, subject, { statement: parseStatement(bytes), bytes });
  return last.fact.payload;
}

interface HeldVerdict {
  readonly subject: Descriptor;
  /** Names the published statements that are used; undefined if nothing changed. */
  readonly renamed: Uint8Array | undefined;
  /** The newest published one, if it says the same. */
  readonly published: Uint8Array | undefined;
}

async function verdictOf(
  target: Target,
  registry: Registry,
  subject: Descriptor,
  own: OwnEvidence,
  before: ReadonlyMap<string, Digest>,
): Promise<HeldVerdict | undefined> {
  const held = (await readStatements(target, subject)).find((one) => one.predicateType === PredicateType.verdict);
  if (!held) return undefined;
  const now = await digestsByType(target, subject);
  const changed = new Map(
    [...before].flatMap(([type, old]) => {
      const used = now.get(type);
      return used === undefined || used === old ? [] : [[hexOf(old), hexOf(used)] as const];
    }),
  );
  const renamed = renameInputs(held.bytes, changed)?.bytes;
  const last = newest(own, 'verdict', subject.digest);
  const bytes = last && (await statementIn(registry, last.fact));
  const made = renamed ?? held.bytes;
  const published = bytes && (sameVerdict(made, bytes) || coversVerdict(bytes, made)) ? bytes : undefined;
  return { subject, renamed, published };
}

/** The signed bytes, which were verified before. */
async function statementIn(registry: Registry, { referrer, payload }: VerifiedFact): Promise<Uint8Array | undefined> {
  if (referrer === undefined || payload === undefined) return undefined;
  const bundle = await readContent(registry, await registry.resolve(referrer), MAX_BUNDLE_BYTES);
  const statement = parseBundle(bundle).payload;
  return digestOf(statement) === payload ? statement : undefined;
}

/** Take the published signatures of everything that the layout now shares with the registry. */
async function copySignatures(
  target: Target,
  registry: Registry,
  subjects: readonly Descriptor[],
  { facts }: OwnEvidence,
  { signal }: Pick<Services, 'signal'>,
): Promise<void> {
  for (const subject of subjects) {
    const wanted = new Set((await signedPayloads(target, subject)).map(({ digest }) => digest));
    const bundles = new Set<Digest>();
    for (const { referrer, payload, subject: of } of facts) {
      if (of !== subject.digest || referrer === undefined || payload === undefined) continue;
      // One signature of each is enough.
      if (wanted.delete(payload)) bundles.add(referrer);
    }
    if (bundles.size === 0) continue;
    const filter = ({ digest }: Descriptor) => bundles.has(digest);
    await copyReferrers(registry, target.layout, subject.digest, { signal, filter });
  }
}
