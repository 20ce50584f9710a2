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
  readonly predicateType: PredicateTypeUri;
}

/**
 * Every statement that a policy wants signed about an image: the image itself (index and platforms), and each kind of
 * evidence it requires, on the manifests that evidence is about.
 */
export function statementsToSign(policy: Policy, image: Image): readonly SignableStatement[] {
  const onAll: PredicateTypeUri[] = [PredicateType.signature];
  if (policy.require.includes('provenance')) onAll.push(PredicateType.provenance);
  if (policy.require.includes('verdict')) onAll.push(PredicateType.verdict);
  const onPlatforms: PredicateTypeUri[] = [];
  if (policy.require.includes('sbom')) {
    const formats = policy.sbomFormats ?? SBOM_FORMATS;
    if (formats.includes('spdx')) onPlatforms.push(PredicateType.spdx);
    if (formats.includes('cyclonedx')) onPlatforms.push(PredicateType.cyclonedx);
  }
  if (policy.require.includes('scan')) onPlatforms.push(PredicateType.scan);
  // What lets findings pass is as much as the scan that has them.
  if (policy.alreadyLive === 'report') onPlatforms.push(PredicateType.baseline);
  const about = (predicates: readonly PredicateTypeUri[]) => (subject: { digest: Digest; name: string }) =>
    predicates.map((predicateType) => ({ subject: subject.digest, name: subject.name, predicateType }));
  return [...subjectsOf(image).flatMap(about(onAll)), ...platformsOf(image).flatMap(about(onPlatforms))];
}

/**
 * Signatures here have been checked by who made the evidence (attest); this rule asks whether they cover everything, and
 * whether what they cover is the evidence that was judged: a scan exchanged after signing still finds a signature of
 * its type, over other bytes.
 */
export function signaturePresent(context: RuleContext): readonly RuleResult[] {
  if (!requires(context, 'signature')) return notRequired('signature-present', 'signature');
  const signatures = context.evidence.filter((each) => each.kind === 'signature');
  const problems = statementsToSign(context.policy, context.image).flatMap(({ subject, name, predicateType }) => {
    const covering = signatures.filter((each) => each.subject === subject && each.predicateType === predicateType);
    if (covering.length === 0) {
      if (predicateType === PredicateType.signature) return [`${name}: there is no signature.`];
      return [`${name}: no signature covers its ${LABEL[predicateType]}.`];
    }
    const judgedStatements = context.evidence.flatMap((each) =>
      each.subject === subject && predicateOf(each) === predicateType && 'statement' in each && each.statement
        ? [each.statement]
        : [],
    );
    const uncovered = judgedStatements.some((statement) => !covering.some(({ payload }) => payload === statement));
    return uncovered
      ? [`${name}: the signature is over another ${LABEL[predicateType]} than the one that is here.`]
      : [];
  });
  const by = [...new Set(signatures.map(({ signer }) => signer))].join(', ');
  return judged('signature-present', problems, `${namesOf(subjectsOf(context.image))}: signed by ${by}.`);
}

function predicateOf(evidence: Evidence): PredicateTypeUri | undefined {
  switch (evidence.kind) {
    case 'sbom':
      return evidence.format === 'syft' ? undefined : PredicateType[evidence.format];
    case 'scan':
    case 'provenance':
    case 'verdict':
    case 'baseline':
      return PredicateType[evidence.kind];
    case 'contents':
    case 'signature':
    case 'unreadable':
      return undefined;
  }
}

const LABEL: Readonly<Record<PredicateTypeUri, string>> = {
  [PredicateType.signature]: 'image',
  [PredicateType.provenance]: 'provenance',
  [PredicateType.spdx]: 'SPDX SBOM',
  [PredicateType.cyclonedx]: 'CycloneDX SBOM',
  [PredicateType.scan]: 'scan',
  [PredicateType.verdict]: 'verdict',
  [PredicateType.baseline]: 'baseline',
};
