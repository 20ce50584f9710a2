import { defined } from '../defined.ts';
import { TidegateError } from '../error.ts';
import { PredicateType } from '../evidence.ts';
import { clusterIdentity, commentsOf } from './cluster-signer.ts';
import { named } from './kyverno.ts';
import {
  type Admission,
  attestationName,
  imageGlobs,
  maxVerdictAgeOf,
  objectName,
  predicateTypesOf,
} from './signer.ts';
import { type YamlValue, yaml } from './yaml.ts';

/** cosign's own name for Docker Hub, which policy-controller matches against. */
const hub = (repository: string) => repository.replace(/^docker\.io\//, 'index.docker.io/');

const AUTHORITY = 'tidegate';
const PASSED = 'verdict-passed';
const ANY = 'verdict-any';

/**
 * `verificationOptions` of cosign 2.5.0 requires a log entry with its time, unless the authority has `rfc3161timestamp`.
 * Without a TrustRoot, that field is lost in the conversion to the stored version (`clusterimagepolicy_conversion.go`).
 * sigstore-go 0.7.2 refuses a bundle with an entry of Rekor v2, because the entry has no time (`tlog.ParseEntry`).
 */
const LIMITS = [
  '# policy-controller 0.13.1 cannot read entries of Rekor v2, which keyless signing writes by default.',
  '# It rejects signatures without a log entry (witness: timestamp) unless this policy names a TrustRoot.',
  '# See docs/guides/kubernetes.md of Tidegate.',
];

/**
 * A ClusterImagePolicy for sigstore/policy-controller (tested with v0.13.1): signed by this identity, with these
 * attestations. It reads bundles for keyless signers only (`checkOptsFromAuthority`: "the authority must be keyless").
 * @param trustRoot name of a TrustRoot in the cluster; default: the public good instance
 * @throws TidegateError `bad-input` for a key, and for a signer that it cannot distinguish from others: see
 * `clusterIdentity`
 */
export function clusterImagePolicy(admission: Admission, trustRoot?: string): string {
  const { signer } = admission;
  if (signer.kind === 'key') {
    throw new TidegateError(
      'cluster-policy-impossible',
      'policy-controller 0.13.1 reads bundles of keyless signers only.',
      {
        next: 'Use Kyverno for images that are signed with a key.',
      },
    );
  }
  const { issuer, subject } = clusterIdentity(signer.identity);
  const root = trustRoot === undefined ? {} : { trustRootRef: trustRoot };
  const types = predicateTypesOf(admission);
  return `${LIMITS.join('\n')}\n${commentsOf(signer)}${yaml({
    apiVersion: 'policy.sigstore.dev/v1beta1',
    kind: 'ClusterImagePolicy',
    metadata: { name: objectName('verify', admission.repository) },
    spec: {
      mode: 'enforce',
      images: imageGlobs(hub(admission.repository)).map((glob) => ({ glob })),
      authorities: [
        {
          name: AUTHORITY,
          signatureFormat: 'bundle',
          keyless: { identities: [{ ...named('issuer', issuer), ...named('subject', subject) }], ...root },
          // A log of version 2 has no time, and this controller then requires a signed timestamp only if the policy
          // says so.
          ...defined({ rfc3161timestamp: trustRoot === undefined ? undefined : root }),
          attestations: types.flatMap((predicateType): YamlValue[] =>
            predicateType === PredicateType.verdict
              ? verdicts(admission)
              : [{ name: attestationName(predicateType), predicateType }],
          ),
        },
      ],
      ...defined({ policy: types.includes(PredicateType.verdict) ? noneRefused() : undefined }),
    },
  })}\n`;
}

/**
 * The controller accepts any one attestation that matches (`validator.go`, ValidatePolicyAttestationsForAuthority), so
 * an old PASSED would outlive a newer FAILED. The verdicts for this repository that are recent enough are counted
 * twice: the passed ones, and all. One FAILED among them makes the counts differ.
 */
function verdicts(admission: Admission): YamlValue[] {
  const { repository } = admission;
  const nanoseconds = BigInt(Math.round(maxVerdictAgeOf(admission))) * 1_000_000n;
  const young = [
    `input.predicate.resourceUri == ${JSON.stringify(repository)}`,
    'age := time.now_ns() - time.parse_rfc3339_ns(input.predicate.timeVerified)',
    `age < ${nanoseconds}`,
  ];
  const verdict = (name: string, lines: readonly string[]) => ({
    name,
    predicateType: PredicateType.verdict,
    policy: { type: 'rego', data: compliant(lines) },
  });
  // A clock may be an hour ahead; a verdict from further in the future would never expire.
  const yes = ['input.predicate.verificationResult == "PASSED"', ...young, 'age > -3600000000000'];
  return [verdict(PASSED, yes), verdict(ANY, young)];
}

/** Both lists come from one read of the registry: a verdict that could not be downloaded is in neither. */
function noneRefused(): YamlValue {
  const data = compliant([
    `verdicts := input.authorityMatches.${AUTHORITY}.attestations`,
    `count(verdicts["${PASSED}"]) == count(verdicts["${ANY}"])`,
  ]);
  return { type: 'rego', data };
}

/** A Rego module as policy-controller evaluates it (Rego v0, `sigstore.isCompliant`). */
function compliant(lines: readonly string[]): string {
  const body = lines.map((line) => `  ${line}\n`).join('');
  return `package sigstore\ndefault isCompliant = false\nisCompliant {\n${body}}\n`;
}
