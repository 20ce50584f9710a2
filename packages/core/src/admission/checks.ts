import type { Evidence, ProvenanceEvidence } from '../evidence.ts';
import { PredicateType } from '../evidence.ts';
import { decide } from '../gate/index.ts';
import type { Digest } from '../image/digest.ts';
import type { Image } from '../image/image.ts';
import { formatPlatform } from '../image/platform.ts';
import type { Policy, Requirable, RuleName } from '../policy.ts';
import { formatRepository, type Repository } from '../reference/reference.ts';
import { counted } from '../text/wording.ts';
import { type CertifiedIdentity, type ExpectedIdentity, matches, shownMatch, type TextMatch } from './identity.ts';

/** One thing that was looked at. `why` may hold text from outside: escape when shown. */
export interface Check {
  readonly name: string;
  readonly outcome: 'pass' | 'fail' | 'not-applicable';
  readonly why: string;
}

/** What somebody who deploys an image asks of it. All of it is the caller's. */
export interface Expectations {
  /** Kinds of evidence that must be there, signed by whom the caller trusts. */
  readonly require: readonly Requirable[];
  /**
   * `every`: the index and each platform's manifest. Others sign less: `root` is the digest that the reference names,
   * `platforms` each platform's manifest.
   */
  readonly scope: 'every' | 'root' | 'platforms';
  /** Whose certificates count, for the claims that were asked. */
  readonly identity?: ExpectedIdentity;
  /** Where the image is: a verdict for another repository does not count. */
  readonly destination?: Repository;
  /** How findings of the scan are judged; `require` here is not looked at. */
  readonly policy: Policy;
  readonly provenance?: {
    /** As provenance names it: `https://github.com/acme/app`; `git+` in front, `.git` and a ref behind do not matter. */
    readonly source?: string;
    readonly commit?: string;
    readonly builder?: TextMatch;
  };
}

/** A signature or attestation that verified, with the evidence it carries. */
export interface VerifiedFact {
  readonly subject: Digest;
  readonly predicateType: string;
  readonly signer: string;
  /** What its certificate says; absent for a key, which certifies nothing. */
  readonly identity?: CertifiedIdentity;
  readonly evidence?: Evidence;
}

/** One that did not: somebody else's, damaged, or of another image. */
export interface RefusedFact {
  readonly subject: Digest;
  /** Where it lies: a referrer's digest, or a tag. */
  readonly where: string;
  readonly why: string;
}

interface Subject {
  readonly digest: Digest;
  readonly name: string;
}

/** Everything that was asked, each with pass or fail, in the order in which one would ask. */
export function admissionChecks(
  image: Image,
  verified: readonly VerifiedFact[],
  refused: readonly RefusedFact[],
  expectations: Expectations,
  now: Date,
): readonly Check[] {
  const { require, scope } = expectations;
  const root: Subject = { digest: image.root.digest, name: 'the image' };
  const platforms: readonly Subject[] = image.platforms.map(({ platform, descriptor }) => ({
    digest: descriptor.digest,
    name: formatPlatform(platform),
  }));
  const alone = platforms.some(({ digest }) => digest === root.digest);
  const index = alone || scope === 'platforms' ? [] : [{ ...root, name: 'index' }];
  const every = scope === 'root' ? [root] : [...index, ...platforms];
  const perPlatform = scope === 'root' ? [root] : platforms;
  const facts = { verified, refused };
  const { destination } = expectations;
  const all = verified.flatMap((fact) => (fact.evidence ? [fact.evidence] : []));
  const evidence = newest(destination ? ofDestination(all, formatRepository(destination)) : all);
  const judged = judgedImage(image, scope);
  return [
    signerCheck(facts),
    ...claimChecks(expectations.identity, verified),
    ...presence(require, 'signature', every, ({ digest }) =>
      verified.some((fact) => fact.subject === digest && fact.predicateType === PredicateType.signature),
    ),
    ...presence(require, 'provenance', every, ({ digest }) => has(evidence, 'provenance', digest)),
    ...provenanceChecks(evidence, every, certifiedSubjects(verified), expectations.provenance ?? {}),
    ...presence(require, 'sbom', perPlatform, ({ digest }) => has(evidence, 'sbom', digest)),
    ...gateChecks('scan', require, judged, evidence, expectations.policy, now),
    ...gateChecks('verdict', require, judged, evidence, expectations.policy, now, expectations.destination),
    readableCheck(evidence),
  ];
}

export function admitted(checks: readonly Check[]): boolean {
  // An image about which nothing was asked has not been verified.
  return checks.every(({ outcome }) => outcome !== 'fail') && checks.some(({ outcome }) => outcome === 'pass');
}

/** What the gate is to look at: it asks for a verdict on the index wherever there is one. */
function judgedImage(image: Image, scope: Expectations['scope']): Image {
  const [first] = image.platforms;
  switch (scope) {
    case 'every':
      return image;
    case 'platforms':
      return first ? { ...image, root: first.descriptor } : image;
    case 'root':
      return {
        root: image.root,
        platforms: [{ platform: { os: 'every', architecture: 'platform' }, descriptor: image.root }],
      };
  }
}

const FEW = 3;

/** Who signed; when nobody who counts did, what is there instead and why it does not count. */
function signerCheck({
  verified,
  refused,
}: {
  verified: readonly VerifiedFact[];
  refused: readonly RefusedFact[];
}): Check {
  const signers = [...new Set(verified.map(({ signer }) => signer))];
  if (signers.length > 0) {
    const others =
      refused.length > 0 ? ` ${counted(refused.length, 'other signature does', 'other signatures do')} not count.` : '';
    return { name: 'identity', outcome: 'pass', why: `Signed by ${signers.join(', ')}.${others}` };
  }
  if (refused.length === 0) {
    return { name: 'identity', outcome: 'fail', why: 'It is not signed: no signature and no attestation was found.' };
  }
  const reasons = [...new Set(refused.map(({ why }) => why))];
  const more = reasons.length > FEW ? ` And ${reasons.length - FEW} more reasons.` : '';
  return {
    name: 'identity',
    outcome: 'fail',
    why: `None of ${counted(refused.length, 'signature')} counts. ${reasons.slice(0, FEW).join(' ')}${more}`,
  };
}

/** Claims that a verifier may compare, and what an image may be when nobody does. */
const CLAIMS: readonly (readonly [name: string, claim: keyof ExpectedIdentity, open: string])[] = [
  ['source-repository', 'sourceRepository', 'any repository that calls the workflow may have built it'],
  ['source-repository-id', 'sourceRepositoryId', 'a repository that was made again under the same name counts, too'],
  ['source-ref', 'sourceRef', 'images of every branch and tag are accepted'],
  ['runner-environment', 'runnerEnvironment', 'any runner may have built it'],
];

/** One line for each claim of the certificate. What was not asked is not hidden behind what was. */
function claimChecks(expected: ExpectedIdentity | undefined, verified: readonly VerifiedFact[]): readonly Check[] {
  if (!expected) return [];
  return CLAIMS.map(([name, claim, open]): Check => {
    const match = expected[claim];
    if (!match) return { name, outcome: 'not-applicable', why: `Not asked for: ${open}.` };
    const found = [...new Set(verified.flatMap(({ identity }) => identity?.[claim] ?? []))];
    // What differs was refused before, and `identity` says so.
    if (found.length > 0) return { name, outcome: 'pass', why: `${found.join(', ')}.` };
    const why = verified.length > 0 ? 'Signed with a key, which does not certify it.' : 'No signature counts.';
    return { name, outcome: 'not-applicable', why };
  });
}

/** Manifests about which a certificate speaks, and not only a key. */
function certifiedSubjects(verified: readonly VerifiedFact[]): ReadonlySet<Digest> {
  return new Set(verified.flatMap(({ identity, subject }) => (identity?.sourceRepository ? [subject] : [])));
}

function presence(
  require: readonly Requirable[],
  kind: Requirable,
  subjects: readonly Subject[],
  there: (subject: Subject) => boolean,
): readonly Check[] {
  if (!require.includes(kind)) return [{ name: kind, outcome: 'not-applicable', why: 'Not asked for.' }];
  const missing = subjects.filter((subject) => !there(subject));
  const names = (of: readonly Subject[]) => of.map(({ name }) => name).join(', ');
  return missing.length > 0
    ? [{ name: kind, outcome: 'fail', why: `No ${kind} by a trusted signer: ${names(missing)}.` }]
    : [{ name: kind, outcome: 'pass', why: `There for ${names(subjects)}.` }];
}

function has(evidence: readonly Evidence[], kind: Evidence['kind'], subject: Digest): boolean {
  return evidence.some((each) => each.kind === kind && each.subject === subject);
}

/** Where it was built from, and by whom. A statement of another source is not outvoted by one that fits. */
function provenanceChecks(
  evidence: readonly Evidence[],
  subjects: readonly Subject[],
  certified: ReadonlySet<Digest>,
  { source, commit, builder }: NonNullable<Expectations['provenance']>,
): readonly Check[] {
  const compare = (
    name: string,
    expected: string | undefined,
    isCertified: boolean,
    ask: (found: ProvenanceEvidence) => string | undefined,
  ) => {
    if (expected === undefined) return [];
    const problems = subjects.flatMap((subject): string[] => {
      const found = evidence.filter(
        (each): each is ProvenanceEvidence => each.kind === 'provenance' && each.subject === subject.digest,
      );
      // The certificate has said it already, and not everybody publishes provenance.
      if (found.length === 0 && isCertified && certified.has(subject.digest)) return [];
      if (found.length === 0) return [`${subject.name}: there is no provenance.`];
      return found.flatMap((each) => {
        const other = ask(each);
        return other === undefined ? [] : [`${subject.name}: ${other}, expected ${expected}.`];
      });
    });
    const outcome = problems.length > 0 ? ('fail' as const) : ('pass' as const);
    return [{ name, outcome, why: problems.length > 0 ? problems.join(' ') : `${expected}.` }];
  };
  return [
    ...compare('provenance-source', source, true, (found) =>
      found.source && sameSource(found.source.uri, source ?? '')
        ? undefined
        : `built from ${found.source?.uri ?? 'no source'}`,
    ),
    ...compare('provenance-commit', commit, true, (found) =>
      found.source?.commit === commit ? undefined : `built from commit ${found.source?.commit ?? 'unknown'}`,
    ),
    ...compare('provenance-builder', builder && shownMatch(builder), false, (found) =>
      builder && matches(builder, found.builder) ? undefined : `built by ${found.builder || 'nobody'}`,
    ),
  ];
}

/** `git+https://github.com/acme/app.git@refs/heads/main` is `https://github.com/acme/app`. */
function sameSource(found: string, expected: string): boolean {
  const bare = (uri: string) =>
    uri
      .replace(/^git\+/, '')
      .replace(/^([a-z+]+:\/\/[^@]*)@.*/s, '$1')
      .replace(/\.git$/, '')
      .replace(/\/$/, '');
  return bare(found) === bare(expected);
}

/**
 * What can be asked of evidence that is published and signed. The gate's other rules read what stays with whoever
 * built the image (its layers, its syft-json); that they held is what the verdict says.
 */
const RULES_OF: Readonly<Record<'scan' | 'verdict', ReadonlySet<RuleName>>> = {
  scan: new Set<RuleName>([
    ...(['scan-present', 'scan-recent', 'database-recent', 'database-source', 'scanner-agrees'] as const),
    ...(['severity-threshold', 'severity-unknown', 'known-exploited', 'epss-threshold', 'risk-threshold'] as const),
    ...(['ignore-current', 'vex-applied'] as const),
  ]),
  verdict: new Set<RuleName>(['verdict-present']),
};

/** The gate's own rules about scans and verdicts, over what is signed. */
function gateChecks(
  kind: 'scan' | 'verdict',
  require: readonly Requirable[],
  image: Image,
  evidence: readonly Evidence[],
  policy: Policy,
  now: Date,
  destination?: Repository,
): readonly Check[] {
  if (!require.includes(kind)) return [{ name: kind, outcome: 'not-applicable', why: 'Not asked for.' }];
  const asked = { ...policy, require: [kind] as const, sbomFormats: ['spdx', 'cyclonedx'] as const };
  const { rules } = decide(
    asked,
    image,
    evidence.filter((each) => each.kind === kind),
    now,
    destination ? { destination } : {},
  );
  const ours = rules.filter(({ rule, outcome }) => outcome !== 'not-applicable' && RULES_OF[kind].has(rule));
  // The gate tells each problem by itself; here a rule is one line.
  const lines = new Map<string, Check>();
  for (const { rule, outcome, why } of ours) {
    const known = lines.get(rule);
    lines.set(rule, known ? { ...known, why: `${known.why} ${why}` } : { name: rule, outcome, why });
  }
  return [...lines.values()];
}

/** Signed by whom we trust, and not to be read: nobody may call that absent. */
function readableCheck(evidence: readonly Evidence[]): Check {
  const unreadable = evidence.flatMap((each) => (each.kind === 'unreadable' ? [`${each.claimed}: ${each.why}`] : []));
  return unreadable.length > 0
    ? { name: 'evidence-readable', outcome: 'fail', why: unreadable.join(' ') }
    : { name: 'evidence-readable', outcome: 'pass', why: 'Everything that is signed could be read.' };
}

/**
 * An image that was copied here with its evidence has verdicts for both places. Those for others say nothing, unless
 * there is none for this one: then they are the reason why it fails.
 */
function ofDestination(evidence: readonly Evidence[], expected: string): readonly Evidence[] {
  const judgedHere = new Set(
    evidence.flatMap((each) => (each.kind === 'verdict' && each.destination === expected ? [each.subject] : [])),
  );
  return evidence.flatMap((each): Evidence[] => {
    if (each.kind !== 'verdict' || each.destination === expected) return [each];
    return judgedHere.has(each.subject) ? [] : [{ ...each, destination: each.destination ?? 'no repository' }];
  });
}

/**
 * An image is scanned and judged again while it lives, and its old scans stay where they are: of each manifest the
 * newest scan and the newest verdict count.
 */
function newest(evidence: readonly Evidence[]): readonly Evidence[] {
  const time = (each: Evidence) =>
    each.kind === 'scan' ? each.finishedOn.getTime() : each.kind === 'verdict' ? each.decidedOn.getTime() : undefined;
  const last = new Map<string, Evidence>();
  const others: Evidence[] = [];
  for (const each of evidence) {
    const at = time(each);
    if (at === undefined) {
      others.push(each);
      continue;
    }
    const key = `${each.kind} ${each.subject}`;
    const known = last.get(key);
    // Dates that are none never are newer, and are kept only where nothing else is.
    if (known === undefined || !(at <= (time(known) ?? Number.NEGATIVE_INFINITY))) {
      if (known === undefined || Number.isFinite(at)) last.set(key, each);
    }
  }
  return [...others, ...last.values()];
}
