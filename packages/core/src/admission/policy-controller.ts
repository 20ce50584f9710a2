import { badInput } from '../error.ts';
import { PredicateType } from '../evidence.ts';
import { named } from './kyverno.ts';
import { type Admission, imageGlobs, objectName, predicateTypesOf } from './signer.ts';
import { yaml } from './yaml.ts';

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
          attestations: [
            { name: 'signature', predicateType: PredicateType.signature },
            ...predicateTypesOf(admission).map((predicateType) => ({
              name: predicateType.replace(/^https:\/\//, '').replace(/[^a-z0-9]+/gi, '-'),
              predicateType,
              ...(predicateType === PredicateType.verdict
                ? { policy: { type: 'cue', data: 'predicate: verificationResult: "PASSED"\n' } }
                : {}),
            })),
          ],
        },
      ],
    },
  })}\n`;
}
