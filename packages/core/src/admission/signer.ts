import { PredicateType } from '../evidence.ts';
import type { ExpectedIdentity } from './identity.ts';

/** The trusted signer, in the form for a cluster and a command line. */
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

/** The image to admit, and its required evidence. */
export interface Admission {
  /** `registry/repository`. */
  readonly repository: string;
  readonly signer: ExpectedSigner;
  /** Required evidence, by predicate type. Default: the image's signature and the verdict, which covers all others. */
  readonly predicateTypes?: readonly string[];
  /** Maximum age of the newest verdict, in milliseconds. Default: 7 days. */
  readonly maxVerdictAge?: number;
}

const WEEK = 7 * 24 * 3_600_000;

export function predicateTypesOf({ predicateTypes }: Admission): readonly string[] {
  return [...new Set(predicateTypes ?? [PredicateType.signature, PredicateType.verdict])];
}

export function maxVerdictAgeOf({ maxVerdictAge = WEEK }: Admission): number {
  return maxVerdictAge;
}

/** The name of a statement in a policy: `slsa-dev-provenance-v1`. */
export function attestationName(predicateType: string): string {
  if (predicateType === PredicateType.signature) return 'signature';
  return predicateType.replace(/^https:\/\//, '').replace(/[^A-Za-z0-9]+/g, '-');
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
 * Kubernetes matches images by their resolved names: with a tag, a digest, or both. Not `repository*`, which would also
 * match another repository `app-evil`.
 */
export function imageGlobs(repository: string): readonly [string, string] {
  return [`${repository}:*`, `${repository}@*`];
}
