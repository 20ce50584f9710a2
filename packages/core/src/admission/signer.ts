import { PredicateType } from '../evidence.ts';
import type { ExpectedIdentity, TextMatch } from './identity.ts';

/** Who must have signed, as a cluster and a command line are told. */
export type ExpectedSigner =
  | {
      readonly kind: 'keyless';
      readonly identity: ExpectedIdentity;
    }
  | {
      readonly kind: 'key';
      /** SPKI, PEM. */
      readonly publicKey: string;
      /** Whether its signatures are in a transparency log. */
      readonly logged: boolean;
    };

/** What is to be admitted. */
export interface Admission {
  /** `registry/repository`. */
  readonly repository: string;
  readonly signer: ExpectedSigner;
  /** What must be there, by predicate type. Default: the image's signature and the verdict, which stands for all others. */
  readonly predicateTypes?: readonly string[];
}

/** With the provenance where a source is asked for: the certificate's own word for it is one that clusters do not ask. */
export function predicateTypesOf(admission: Admission): readonly string[] {
  const { predicateTypes = [PredicateType.signature, PredicateType.verdict] } = admission;
  const source = sourceClaims(admission).length > 0 ? [PredicateType.provenance] : [];
  return [...new Set([...predicateTypes, ...source])];
}

/** What is said of a statement in a policy: `slsa-dev-provenance-v1`. */
export function attestationName(predicateType: string): string {
  if (predicateType === PredicateType.signature) return 'signature';
  return predicateType.replace(/^https:\/\//, '').replace(/[^A-Za-z0-9]+/g, '-');
}

/** A field of the provenance, as GitHub's build type and ours write it, and what it must be. */
export interface SourceClaim {
  /** Names, and an index where a list is meant. */
  readonly path: readonly (string | number)[];
  readonly match: TextMatch;
}

/**
 * Where the image must have been built from, for clusters: their controllers compare issuer and subject of a certificate,
 * and of a reusable workflow those are the same for everybody who calls it. The provenance is signed by that identity.
 */
export function sourceClaims({ signer }: Admission): readonly SourceClaim[] {
  if (signer.kind === 'key') return [];
  const { sourceRepository, sourceRef, sourceDigest } = signer.identity;
  const workflow = ['buildDefinition', 'externalParameters', 'workflow'];
  const claim = (path: readonly (string | number)[], match: TextMatch | undefined) => (match ? [{ path, match }] : []);
  return [
    ...claim([...workflow, 'repository'], sourceRepository),
    ...claim([...workflow, 'ref'], sourceRef),
    ...claim(['buildDefinition', 'resolvedDependencies', 0, 'digest', 'gitCommit'], sourceDigest),
  ];
}

/** A name for a Kubernetes object (RFC 1123 label). */
export function objectName(prefix: string, repository: string): string {
  const slug = repository
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(-(62 - prefix.length));
  return `${prefix}-${slug}`.replace(/-{2,}/g, '-').replace(/-$/, '');
}

/**
 * Kubernetes matches images as they are named after resolution: with a tag, a digest, or both. Not `repository*`, which
 * would be somebody else's `app-evil` too.
 */
export function imageGlobs(repository: string): readonly [string, string] {
  return [`${repository}:*`, `${repository}@*`];
}
