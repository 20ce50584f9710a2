import { type Evidence, PredicateType, type PredicateTypeUri } from '../../evidence.ts';
import type { Digest } from '../../image/digest.ts';
import type { Image } from '../../image/image.ts';
import { type Policy, type RuleResult, SBOM_FORMATS } from '../../policy.ts';
import { judged, namesOf, notRequired, platformsOf, type RuleContext, requires, subjectsOf } from '../context.ts';

/** A statement that must be signed: this predicate about this manifest. */
export interface SignableStatement {
  readonly subject: Digest;
  /** `linux/amd64` or `index`. */
  readonly name: string;
  readonly predicateType: string;
}

/**
 * Every statement about an image that a policy requires to be signed: the image itself (index and platforms), and each
 * kind of evidence it requires, on the manifests that evidence is about.
 */
export function statementsToSign(policy: Policy, image: Image): readonly SignableStatement[] {
  const onAll: string[] = [PredicateType.signature, ...(policy.predicates ?? [])];
  if (policy.require.includes('provenance')) onAll.push(PredicateType.provenance);
  if (policy.require.includes('verdict')) onAll.push(PredicateType.verdict);
  const onPlatforms: string[] = [];
  if (policy.require.includes('sbom')) {
    const formats = policy.sbomFormats ?? SBOM_FORMATS;
    if (formats.includes('spdx')) onPlatforms.push(PredicateType.spdx);
    if (formats.includes('cyclonedx')) onPlatforms.push(PredicateType.cyclonedx);
  }
  if (policy.require.includes('scan')) onPlatforms.push(PredicateType.scan);
  if (policy.require.includes('tests')) onPlatforms.push(PredicateType.tests);
  if (policy.require.includes('reproduced')) onPlatforms.push(PredicateType.reproduced);
  // The baseline lets findings pass, so it must be signed like the scan.
  if (policy.alreadyLive === 'report') onPlatforms.push(PredicateType.baseline);
  const about = (predicates: readonly string[]) => (subject: { digest: Digest; name: string }) =>
    predicates.map((predicateType) => ({ subject: subject.digest, name: subject.name, predicateType }));
  return [...subjectsOf(image).flatMap(about(onAll)), ...platformsOf(image).flatMap(about(onPlatforms))];
}

/**
 * The package attest has verified these signatures. This rule checks that they cover every required statement, and that
 * they cover the evidence that the gate judged: a scan exchanged after signing still has a signature of its type, but
 * over other bytes.
 */
export function signaturePresent(context: RuleContext): readonly RuleResult[] {
  if (!requires(context, 'signature')) return notRequired('signature-present', 'signature');
  const signatures = context.evidence.filter((each) => each.kind === 'signature');
  const problems = statementsToSign(context.policy, context.image).flatMap(({ subject, name, predicateType }) => {
    const covering = signatures.filter((each) => each.subject === subject && each.predicateType === predicateType);
    if (covering.length === 0) {
      if (predicateType === PredicateType.signature) return [`${name}: there is no signature.`];
      return [`${name}: no signature covers its ${labelOf(predicateType)}.`];
    }
    const judgedStatements = context.evidence.flatMap((each) =>
      each.subject === subject && predicateOf(each) === predicateType && 'statement' in each && each.statement
        ? [each.statement]
        : [],
    );
    const uncovered = judgedStatements.some((statement) => !covering.some(({ payload }) => payload === statement));
    return uncovered
      ? [`${name}: the signature covers a different ${labelOf(predicateType)} than the one checked here.`]
      : [];
  });
  const by = [...new Set(signatures.map(({ signer }) => signer))].join(', ');
  return judged('signature-present', problems, `${namesOf(subjectsOf(context.image))}: signed by ${by}.`);
}

function predicateOf(evidence: Evidence): string | undefined {
  switch (evidence.kind) {
    case 'sbom':
      return evidence.format === 'syft' ? undefined : PredicateType[evidence.format];
    case 'scan':
    case 'provenance':
    case 'verdict':
    case 'baseline':
    case 'tests':
    case 'reproduced':
      return PredicateType[evidence.kind];
    case 'predicate':
      return evidence.predicateType;
    case 'contents':
    case 'signature':
    case 'unreadable':
      return undefined;
  }
}

function labelOf(predicateType: string): string {
  return LABELS.get(predicateType) ?? `evidence of type ${predicateType}`;
}

const LABEL: Readonly<Record<PredicateTypeUri, string>> = {
  [PredicateType.signature]: 'image',
  [PredicateType.provenance]: 'provenance',
  [PredicateType.spdx]: 'SPDX SBOM',
  [PredicateType.cyclonedx]: 'CycloneDX SBOM',
  [PredicateType.scan]: 'scan',
  [PredicateType.verdict]: 'verdict',
  [PredicateType.baseline]: 'baseline',
  [PredicateType.reproduced]: 'rebuild',
  [PredicateType.tests]: 'test result',
};

// A map and not an object: an attacker can use `constructor` as a predicate type.
const LABELS: ReadonlyMap<string, string> = new Map(Object.entries(LABEL));
