import { PredicateType } from '../evidence.ts';
import type { TextMatch } from './identity.ts';
import { anchored } from './identity.ts';
import {
  type Admission,
  attestationName,
  type ExpectedSigner,
  imageGlobs,
  objectName,
  predicateTypesOf,
  type SourceClaim,
  sourceClaims,
} from './signer.ts';
import { type YamlValue, yaml } from './yaml.ts';

const REKOR = 'https://rekor.sigstore.dev';

/**
 * A Kyverno ClusterPolicy (1.13 or newer; held against 1.19.1) that lets pods run this image only when it is signed and
 * has the attestations, and that replaces tags by the digests that were verified.
 */
export function kyvernoPolicy(admission: Admission): string {
  const attestors = [{ entries: [attestorOf(admission.signer)] }];
  return `${yaml({
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
      // Kyverno that cannot be reached, or that cannot reach the registry, must not mean "admitted".
      failurePolicy: 'Fail',
      webhookTimeoutSeconds: 30,
      rules: [
        {
          name: 'signature-and-evidence',
          match: { any: [{ resources: { kinds: ['Pod'] } }] },
          verifyImages: [
            {
              type: 'SigstoreBundle',
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

function conditionsOf(type: string, admission: Admission): { conditions?: YamlValue } {
  switch (type) {
    case PredicateType.verdict:
      // A verdict is signed when it says no, too.
      return allOf({ key: '{{ verificationResult }}', operator: 'Equals', value: 'PASSED' });
    case PredicateType.provenance:
      return allOf(
        ...sourceClaims(admission).map(({ path, match }) => ({
          // The field by its name, and not `'{{ field }}'`: what stands in it would become part of the expression.
          key: `{{ regex_match('${rawString(anchored(match))}', ${jmesPath(path)}) }}`,
          operator: 'Equals',
          value: true,
        })),
      );
    default:
      return {};
  }
}

function allOf(...conditions: readonly YamlValue[]): { conditions?: YamlValue } {
  return conditions.length > 0 ? { conditions: [{ all: conditions }] } : {};
}

function jmesPath(path: SourceClaim['path']): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .slice(1);
}

/** JMESPath's raw string: nothing is an escape in it but that of the quote. */
function rawString(text: string): string {
  return text.replaceAll("'", "\\'");
}

function attestorOf(signer: ExpectedSigner): YamlValue {
  if (signer.kind === 'key') {
    return {
      keys: {
        publicKeys: signer.publicKey,
        // Kyverno asks for a log entry and a time unless told that there is none.
        ...(signer.logged ? {} : { rekor: { url: REKOR, ignoreTlog: true }, ctlog: { ignoreSCT: true } }),
      },
    };
  }
  const { issuer, subject } = signer.identity;
  return {
    keyless: {
      ...named('issuer', issuer),
      ...named('subject', subject),
      rekor: { url: REKOR },
    },
  };
}

/** Kyverno's and policy-controller's `…RegExp` look anywhere in the text. */
export function named(key: 'issuer' | 'subject', match: TextMatch): Record<string, string> {
  return match.kind === 'exact' ? { [key]: match.value } : { [`${key}RegExp`]: anchored(match) };
}
