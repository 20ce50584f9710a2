import { PredicateType } from '../evidence.ts';
import { clusterIdentity, commentsOf } from './cluster-signer.ts';
import { anchored, exact, type TextMatch } from './identity.ts';
import {
  type Admission,
  attestationName,
  type ExpectedSigner,
  imageGlobs,
  objectName,
  predicateTypesOf,
} from './signer.ts';
import { type YamlValue, yaml } from './yaml.ts';

const REKOR = 'https://rekor.sigstore.dev';

/**
 * A Kyverno ClusterPolicy (1.13 or newer; tested with 1.19.1) that lets pods run this image only if it is signed and
 * has the attestations, and that replaces tags by the digests that were verified.
 * @throws TidegateError `bad-input` for a signer that Kyverno cannot distinguish from others: see `clusterIdentity`
 */
export function kyvernoPolicy(admission: Admission): string {
  const attestors = [{ entries: [attestorOf(admission.signer)] }];
  return `${commentsOf(admission.signer)}${yaml({
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: {
      name: objectName('verify', admission.repository),
      annotations: {
        'policies.kyverno.io/title': `Signed and judged: ${admission.repository}`,
        'policies.kyverno.io/minversion': '1.13.0',
      },
    },
    spec: {
      background: false,
      // If Kyverno or the registry is unreachable, the pod must not be admitted.
      failurePolicy: 'Fail',
      webhookTimeoutSeconds: 30,
      rules: [
        {
          name: 'signature-and-evidence',
          match: { any: [{ resources: { kinds: ['Pod'] } }] },
          verifyImages: [
            {
              type: 'SigstoreBundle',
              // The cache admits a tag that was moved, and a verdict that changed, for an hour (Kyverno 1.19.1).
              useCache: false,
              imageReferences: imageGlobs(admission.repository),
              failureAction: 'Enforce',
              required: true,
              mutateDigest: true,
              verifyDigest: true,
              attestations: predicateTypesOf(admission).map((type) => ({
                name: attestationName(type),
                type,
                attestors,
                ...conditionsOf(type, admission),
              })),
            },
          ],
        },
      ],
    },
  })}\n`;
}

/**
 * Kyverno applies the conditions to every statement of a type: one failed verdict, or one for another repository,
 * rejects the image. The age cannot be checked: the verdicts of earlier rescans stay attached to the image.
 */
function conditionsOf(type: string, { repository }: Admission): { conditions?: YamlValue } {
  if (type !== PredicateType.verdict) return {};
  const equals = (field: string, value: string) => ({
    // The field by its name, and not `'{{ field }}'`: its content would become part of the expression.
    key: `{{ regex_match('${rawString(anchored(exact(value)))}', ${field}) }}`,
    operator: 'Equals',
    value: true,
  });
  return { conditions: [{ all: [equals('verificationResult', 'PASSED'), equals('resourceUri', repository)] }] };
}

/** JMESPath's raw string: only the quote is escaped in it. */
function rawString(text: string): string {
  return text.replaceAll("'", "\\'");
}

function attestorOf(signer: ExpectedSigner): YamlValue {
  if (signer.kind === 'key') {
    const unlogged = signer.logged
      ? undefined
      : { rekor: { url: REKOR, ignoreTlog: true }, ctlog: { ignoreSCT: true } };
    return {
      keys: {
        publicKeys: signer.publicKey,
        // Kyverno requires a log entry and a time unless the policy disables them.
        ...unlogged,
      },
    };
  }
  const { issuer, subject } = clusterIdentity(signer.identity);
  return {
    keyless: {
      ...named('issuer', issuer),
      ...named('subject', subject),
      rekor: { url: REKOR },
    },
  };
}

/** Kyverno's and policy-controller's `…RegExp` match anywhere in the text. */
export function named(key: 'issuer' | 'subject', match: TextMatch): Record<string, string> {
  return match.kind === 'exact' ? { [key]: match.value } : { [`${key}RegExp`]: anchored(match) };
}
