import { badInput } from '../error.ts';
import { PredicateType } from '../evidence.ts';
import { anchored } from './identity.ts';
import { named } from './kyverno.ts';
import {
  type Admission,
  attestationName,
  imageGlobs,
  objectName,
  predicateTypesOf,
  type SourceClaim,
  sourceClaims,
} from './signer.ts';
import { type YamlValue, yaml } from './yaml.ts';

/** cosign's own name for Docker Hub, which policy-controller matches against. */
const hub = (repository: string) => repository.replace(/^docker\.io\//, 'index.docker.io/');

/**
 * A ClusterImagePolicy for sigstore/policy-controller (held against v0.13.1): signed by this identity, with these
 * attestations. It reads bundles for keyless signers only (`checkOptsFromAuthority`: "the authority must be keyless").
 * @param trustRoot name of a TrustRoot in the cluster; default: the public good instance
 * @throws TidegateError `bad-input` for a key
 */
export function clusterImagePolicy(admission: Admission, trustRoot?: string): string {
  if (admission.signer.kind === 'key') {
    throw badInput(
      'verification-key',
      'a key',
      'a keyless identity, as policy-controller reads bundles of no other',
      'Use Kyverno for images that are signed with a key.',
    );
  }
  const { issuer, subject } = admission.signer.identity;
  const root = trustRoot === undefined ? {} : { trustRootRef: trustRoot };
  return `${yaml({
    apiVersion: 'policy.sigstore.dev/v1beta1',
    kind: 'ClusterImagePolicy',
    metadata: { name: objectName('verify', admission.repository) },
    spec: {
      mode: 'enforce',
      images: imageGlobs(hub(admission.repository)).map((glob) => ({ glob })),
      authorities: [
        {
          name: 'tidegate',
          signatureFormat: 'bundle',
          keyless: { identities: [{ ...named('issuer', issuer), ...named('subject', subject) }], ...root },
          // A log of version 2 gives no time, and this controller then asks for a signed timestamp only when told.
          ...(trustRoot === undefined ? {} : { rfc3161timestamp: root }),
          attestations: predicateTypesOf(admission).map((predicateType) => ({
            name: attestationName(predicateType),
            predicateType,
            ...policyOf(predicateType, admission),
          })),
        },
      ],
    },
  })}\n`;
}

function policyOf(type: string, admission: Admission): { policy?: YamlValue } {
  const cue = (lines: readonly string[]) =>
    lines.length > 0 ? { policy: { type: 'cue', data: lines.map((line) => `predicate: ${line}\n`).join('') } } : {};
  switch (type) {
    case PredicateType.verdict:
      // A verdict is signed when it says no, too.
      return cue(['verificationResult: "PASSED"']);
    case PredicateType.provenance:
      return cue(sourceClaims(admission).map(({ path, match }) => field(path, `=~${JSON.stringify(anchored(match))}`)));
    default:
      return {};
  }
}

/** CUE, whose strings are JSON's: `a: b: c`; of a list its first entry, whatever follows. */
function field([name, ...rest]: SourceClaim['path'], value: string): string {
  if (name === undefined) return value;
  return typeof name === 'number' ? `[{${field(rest, value)}}, ...]` : `${name}: ${field(rest, value)}`;
}
