import type { Digest } from '../digest.ts';
import { PredicateType, type PredicateTypeUri } from '../evidence.ts';
import type { Image } from '../image.ts';
import { type Policy, type RuleResult, SBOM_FORMATS } from '../policy.ts';
import {
  evidenceOf,
  type Inquiry,
  judged,
  namesOf,
  notRequired,
  platformsOf,
  requires,
  subjectsOf,
} from './inquiry.ts';

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
  const about = (predicates: readonly PredicateTypeUri[]) => (subject: { digest: Digest; name: string }) =>
    predicates.map((predicateType) => ({ subject: subject.digest, name: subject.name, predicateType }));
  return [...subjectsOf(image).flatMap(about(onAll)), ...platformsOf(image).flatMap(about(onPlatforms))];
}

/** Signatures here have been checked by who made the evidence (attest); this rule asks whether they cover everything. */
export function signaturePresent(inquiry: Inquiry): readonly RuleResult[] {
  if (!requires(inquiry, 'signature')) return notRequired('signature-present', 'signature');
  const problems = statementsToSign(inquiry.policy, inquiry.image)
    .filter(
      ({ subject, name, predicateType }) =>
        !evidenceOf(inquiry, 'signature', { digest: subject, name }).some(
          (each) => each.predicateType === predicateType,
        ),
    )
    .map(({ name, predicateType }) =>
      predicateType === PredicateType.signature
        ? `${name}: there is no signature.`
        : `${name}: no signature covers its ${LABEL[predicateType]}.`,
    );
  const signers = new Set(inquiry.evidence.flatMap((each) => (each.kind === 'signature' ? [each.signer] : [])));
  const by = [...signers].join(', ');
  return judged('signature-present', problems, `${namesOf(subjectsOf(inquiry.image))}: signed by ${by}.`);
}

const LABEL: Readonly<Record<PredicateTypeUri, string>> = {
  [PredicateType.signature]: 'image',
  [PredicateType.provenance]: 'provenance',
  [PredicateType.spdx]: 'SPDX SBOM',
  [PredicateType.cyclonedx]: 'CycloneDX SBOM',
  [PredicateType.scan]: 'scan',
  [PredicateType.verdict]: 'verdict',
};
