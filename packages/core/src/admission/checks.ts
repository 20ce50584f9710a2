import type { Evidence, ProvenanceEvidence } from '../evidence.ts';
import { PredicateType } from '../evidence.ts';
import { decide } from '../gate/index.ts';
import type { Digest } from '../image/digest.ts';
import type { Image } from '../image/image.ts';
import { formatPlatform } from '../image/platform.ts';
import type { Policy, Requirable, RuleName } from '../policy.ts';
import { formatRepository, type Repository } from '../reference/reference.ts';
import { counted } from '../text/wording.ts';
import type { Check, Expectations, RefusedFact, VerifiedFact } from './check.ts';
import { newest, ofDestination } from './current-evidence.ts';
import { type ExpectedIdentity, matches, shownMatch } from './identity.ts';

interface Subject {
  readonly digest: Digest;
  readonly name: string;
}

/** All requested checks, each with pass or fail, in the order in which a person would check. */
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
    ...gateChecks('tests', require, judged, evidence, expectations.policy, now),
    ...(expectations.predicates ?? []).map((type) => predicateCheck(type, every, evidence)),
    ...gateChecks('reproduced', require, judged, evidence, expectations.policy, now),
    ...gateChecks('verdict', require, judged, evidence, expectations.policy, now, expectations.destination),
    readableCheck(evidence, refused),
  ];
}

export function admitted(checks: readonly Check[]): boolean {
  // An image without any requested check has not been verified.
  return checks.every(({ outcome }) => outcome !== 'fail') && checks.some(({ outcome }) => outcome === 'pass');
}

/** The part of the image that the gate judges: it requires a verdict on the index if there is one. */
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

/** The signer; without a trusted one, the signatures that were found and why they failed. */
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
      refused.length > 0
        ? ` ${counted(refused.length, 'other signature is', 'other signatures are')} not trusted.`
        : '';
    return { name: 'identity', outcome: 'pass', why: `Signed by ${signers.join(', ')}.${others}` };
  }
  if (refused.length === 0) {
    return {
      name: 'identity',
      outcome: 'fail',
      why: 'The image is not signed: no signature and no attestation was found.',
    };
  }
  const reasons = [...new Set(refused.map(({ why }) => why))];
  const more =
    reasons.length > FEW ? ` ${counted(reasons.length - FEW, 'more reason is', 'more reasons are')} not shown.` : '';
  return {
    name: 'identity',
    outcome: 'fail',
    why: `None of ${counted(refused.length, 'signature')} is trusted. ${reasons.slice(0, FEW).join(' ')}${more}`,
  };
}

/** Claims that a verifier may compare, and the images that pass if it does not. */
const CLAIMS: readonly (readonly [name: string, claim: keyof ExpectedIdentity, open: string])[] = [
  ['source-repository', 'sourceRepository', 'any repository that calls the workflow may have built it'],
  [
    'source-repository-id',
    'sourceRepositoryId',
    'a repository that was deleted and recreated under the same name passes, too',
  ],
  ['source-ref', 'sourceRef', 'images of every branch and tag pass'],
  ['runner-environment', 'runnerEnvironment', 'any runner may have signed it'],
];

/** One line for each claim of the certificate, so that claims that were not compared are visible, too. */
function claimChecks(expected: ExpectedIdentity | undefined, verified: readonly VerifiedFact[]): readonly Check[] {
  if (!expected) return [];
  return CLAIMS.map(([name, claim, open]): Check => {
    const match = expected[claim];
    if (!match) return { name, outcome: 'not-applicable', why: `Not checked: ${open}.` };
    const found = [...new Set(verified.flatMap(({ identity }) => identity?.[claim] ?? []))];
    // A different value failed earlier, and `identity` reports it.
    if (found.length > 0) return { name, outcome: 'pass', why: `${found.join(', ')}.` };
    const why =
      verified.length > 0 ? 'Signed with a key, which does not certify this claim.' : 'There is no trusted signature.';
    return { name, outcome: 'not-applicable', why };
  });
}

/** Manifests that a certificate covers, and not only a key. */
function certifiedSubjects(verified: readonly VerifiedFact[]): ReadonlySet<Digest> {
  return new Set(verified.flatMap(({ identity, subject }) => (identity?.sourceRepository ? [subject] : [])));
}

function presence(
  require: readonly Requirable[],
  kind: Requirable,
  subjects: readonly Subject[],
  there: (subject: Subject) => boolean,
): readonly Check[] {
  if (!require.includes(kind)) return [{ name: kind, outcome: 'not-applicable', why: 'Not required.' }];
  const missing = subjects.filter((subject) => !there(subject));
  const names = (of: readonly Subject[]) => of.map(({ name }) => name).join(', ');
  return missing.length > 0
    ? [{ name: kind, outcome: 'fail', why: `No ${kind} by a trusted signer: ${names(missing)}.` }]
    : [{ name: kind, outcome: 'pass', why: `Found for ${names(subjects)}.` }];
}

/** Evidence of the user's own type. Its newest statement counts no more than another: nothing in it is judged. */
function predicateCheck(type: string, subjects: readonly Subject[], evidence: readonly Evidence[]): Check {
  const isThere = ({ digest }: Subject) =>
    evidence.some((each) => each.kind === 'predicate' && each.subject === digest && each.predicateType === type);
  const missing = subjects.filter((subject) => !isThere(subject));
  const names = (of: readonly Subject[]) => of.map(({ name }) => name).join(', ');
  return missing.length > 0
    ? { name: 'predicate', outcome: 'fail', why: `No evidence of type ${type} by a trusted signer: ${names(missing)}.` }
    : { name: 'predicate', outcome: 'pass', why: `${type}: found for ${names(subjects)}.` };
}

function has(evidence: readonly Evidence[], kind: Evidence['kind'], subject: Digest): boolean {
  return evidence.some((each) => each.kind === kind && each.subject === subject);
}

/**
 * Source and builder in the provenance. All statements must match: one with another source fails, even if others match.
 */
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
      // The certificate already proves it, and not every publisher has provenance.
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
      builder && matches(builder, found.builder) ? undefined : `built by ${found.builder || 'an unknown builder'}`,
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
 * Rules that apply to published and signed evidence. The gate's other rules read what only the builder of the image has
 * (its layers, its syft-json); the verdict states that they passed.
 */
type Judged = 'scan' | 'tests' | 'reproduced' | 'verdict';
const RULES_OF: Readonly<Record<Judged, ReadonlySet<RuleName>>> = {
  scan: new Set<RuleName>([
    ...(['scan-present', 'scan-recent', 'database-recent', 'database-source', 'scanner-agrees'] as const),
    ...(['severity-threshold', 'severity-unknown', 'known-exploited', 'epss-threshold', 'risk-threshold'] as const),
    ...(['ignore-current', 'vex-applied'] as const),
  ]),
  tests: new Set<RuleName>(['tests-passed']),
  reproduced: new Set<RuleName>(['reproduced']),
  verdict: new Set<RuleName>(['verdict-present']),
};

/** The gate's own rules about scans and verdicts, applied to signed evidence. */
function gateChecks(
  kind: Judged,
  require: readonly Requirable[],
  image: Image,
  evidence: readonly Evidence[],
  policy: Policy,
  now: Date,
  destination?: Repository,
): readonly Check[] {
  if (!require.includes(kind)) return [{ name: kind, outcome: 'not-applicable', why: 'Not required.' }];
  const asked = { ...policy, require: [kind] as const, sbomFormats: ['spdx', 'cyclonedx'] as const };
  const { rules } = decide(
    asked,
    image,
    evidence.filter((each) => each.kind === kind),
    now,
    destination ? { destinations: [destination] } : {},
  );
  const ours = rules.filter(({ rule, outcome }) => outcome !== 'not-applicable' && RULES_OF[kind].has(rule));
  // The gate reports each problem separately; here each rule is one line.
  const lines = new Map<string, Check>();
  for (const { rule, outcome, why } of ours) {
    const known = lines.get(rule);
    lines.set(rule, known ? { ...known, why: `${known.why} ${why}` } : { name: rule, outcome, why });
  }
  return [...lines.values()];
}

/**
 * Evidence that a trusted signer signed but that cannot be parsed must not be reported as absent. Neither must signatures
 * that were not read: among them could be a newer verdict that failed, which somebody buried.
 */
function readableCheck(evidence: readonly Evidence[], refused: readonly RefusedFact[]): Check {
  const unreadable = evidence.flatMap((each) => (each.kind === 'unreadable' ? [`${each.claimed}: ${each.why}`] : []));
  const unread = refused.flatMap(({ isUnread, why }) => (isUnread ? [why] : []));
  const problems = [...unreadable, ...new Set(unread)];
  return problems.length > 0
    ? { name: 'evidence-readable', outcome: 'fail', why: problems.join(' ') }
    : { name: 'evidence-readable', outcome: 'pass', why: 'All signed evidence is readable.' };
}
