import {
  CONTENTS_RULES,
  type Descriptor,
  type Digest,
  digestOf,
  formatRepository,
  type Image,
  manifestsOf,
  type NotJudged,
  type Policy,
  PredicateType,
  type Repository,
  type Requirable,
  type RuleName,
  type RuleResult,
  type VerifiedFact,
  withReasons,
} from '@tidegate/core';

/** Published evidence of trusted signers about an image, for a rescan that cannot judge all of it again. */
export interface Earlier {
  /**
   * A trusted signer's verdict let this image pass in this repository, under the policy that the new verdict names, and
   * no file that the policy allowed then has expired. Otherwise the rescan judges everything.
   */
  readonly isAdmitted: boolean;
  /** Required evidence that exists only from the publication, and that no trusted signer has published. */
  readonly missing: readonly (Requirable | OwnType)[];
  /** The policy that the new verdict names: the full one only if nothing is missing. */
  readonly policyDigest: Digest;
  /** Statements that were judged for the verdicts that let the image pass. */
  readonly judged: ReadonlySet<Digest>;
}

/** Evidence that a rescan cannot create. */
const OF_PUBLICATION = {
  provenance: 'every',
  tests: 'platforms',
  reproduced: 'platforms',
  signature: 'every',
} as const satisfies Readonly<Partial<Record<Requirable, 'every' | 'platforms'>>>;

type OfPublication = keyof typeof OF_PUBLICATION;

/** The predicate type of a user's own evidence: a URI, which no kind of evidence is. */
type OwnType = `${string}:${string}`;

export function earlierOf(
  facts: readonly VerifiedFact[],
  image: Image,
  destination: Repository,
  { policy, policyDigest }: { readonly policy: Policy; readonly policyDigest: Digest },
  now: Date,
): Earlier {
  // The layers may have a file that was allowed when the earlier verdict was made.
  const isLapsed = hasExpired(policy, now);
  const repository = formatRepository(destination);
  const under = (digest: Digest) => {
    const passed = facts.flatMap(({ evidence }) =>
      evidence?.kind === 'verdict' &&
      evidence.passed === true &&
      evidence.policy === digest &&
      evidence.destination === repository
        ? [evidence]
        : [],
    );
    return {
      isAdmitted: !isLapsed && passed.some(({ subject }) => subject === image.root.digest),
      judged: new Set(passed.flatMap(({ inputs = [] }) => inputs)),
    };
  };
  const full = { ...under(policyDigest), missing: [], policyDigest };
  if (full.isAdmitted) return full;
  const isMissing = (subjects: readonly Descriptor[], is: (fact: VerifiedFact) => boolean) =>
    !subjects.every(({ digest }) => facts.some((fact) => fact.subject === digest && is(fact)));
  const platforms = image.platforms.map(({ descriptor }) => descriptor);
  const missing = [
    ...ofPublication(policy).filter((kind) =>
      isMissing(OF_PUBLICATION[kind] === 'every' ? manifestsOf(image) : platforms, (fact) => isOf(fact, kind)),
    ),
    ...ownTypes(policy).filter((type) =>
      isMissing(
        manifestsOf(image),
        ({ evidence }) => evidence?.kind === 'predicate' && evidence.predicateType === type,
      ),
    ),
  ];
  if (missing.length === 0) return full;
  // Not the digest of a policy: nobody takes this verdict for one under the full policy.
  const reduced = digestOf(`${policyDigest} without ${missing.join(', ')}`);
  return { ...under(reduced), missing, policyDigest: reduced };
}

/**
 * Whether a file in the layers was allowed until a date that has passed. Written so that an invalid date counts as past.
 */
export function hasExpired({ contents }: Policy, now: Date): boolean {
  return (contents?.allow ?? []).some(({ expires }) => expires !== undefined && !(expires.getTime() > now.getTime()));
}

function isOf({ evidence, predicateType }: VerifiedFact, kind: OfPublication): boolean {
  return kind === 'signature' ? predicateType === PredicateType.signature : evidence?.kind === kind;
}

function ofPublication({ require }: Policy): readonly OfPublication[] {
  return require.filter((kind) => kind in OF_PUBLICATION) as readonly OfPublication[];
}

function ownTypes({ predicates = [] }: Policy): readonly OwnType[] {
  return predicates as readonly OwnType[];
}

/** The part of a policy that a rescan judges. */
export function judgedBy(policy: Policy, { isAdmitted, missing }: Earlier, hasPublishedSbom: boolean): Policy {
  if (!isAdmitted) {
    const kinds = ofPublication(policy).filter((kind) => kind !== 'signature' && !missing.includes(kind));
    const predicates = ownTypes(policy).filter((type) => !missing.includes(type));
    return { ...policy, require: ['sbom', 'scan', ...kinds], predicates };
  }
  const { contents: _contents, predicates: _predicates, ...held } = policy;
  return {
    ...held,
    require: ['sbom', 'scan'],
    // Other formats of a new catalog are not published.
    sbomFormats: hasPublishedSbom ? ['cyclonedx'] : held.sbomFormats,
  };
}

/** Parts of a policy that a rescan did not judge, for its verdict. */
export function notJudged(
  policy: Policy,
  { isAdmitted, missing }: Earlier,
  hasPublishedSbom: boolean,
): readonly string[] {
  if (!isAdmitted) return missing;
  const required = ofPublication(policy).filter((kind) => kind !== 'signature' || missing.includes(kind));
  const parts = [...(policy.contents ? ['contents'] : []), ...(hasPublishedSbom ? ['sbom'] : [])];
  return [...parts, ...required, ...ownTypes(policy)];
}

/** The part of a policy that a rule judges, as `notJudged` names it. */
const PART: Readonly<Partial<Record<RuleName, string>>> = {
  ...Object.fromEntries(CONTENTS_RULES.map((rule) => [rule, 'contents'])),
  'provenance-present': 'provenance',
  'tests-passed': 'tests',
  reproduced: 'reproduced',
  'signature-present': 'signature',
};

/** Rules that were not judged say why. */
export function explained(
  rules: readonly RuleResult[],
  policy: Policy,
  image: Image,
  { missing }: Pick<Earlier, 'missing'>,
  omitted: readonly string[],
): readonly RuleResult[] {
  const reasons = rules.map(({ rule }) => {
    const part = rule === 'predicates-present' ? omitted.find((each) => each.includes(':')) : PART[rule];
    return [rule, part !== undefined && omitted.includes(part) ? reasonOf(part, missing) : HERE[rule]] as const;
  });
  return withReasons(rules, policy, image, Object.fromEntries(reasons));
}

function reasonOf(part: string, missing: readonly string[]): string {
  return missing.includes(part)
    ? `Not judged: no trusted signer has published the ${part} of this image, so this verdict is not for the full policy.`
    : 'Not judged again: it passed in an earlier verdict of a trusted signer under the same policy.';
}

const HERE: NotJudged = {
  'signature-present': 'Not judged here: this check comes before the new evidence is signed.',
  'verdict-present': 'Not judged here: this check makes the new verdict.',
};
