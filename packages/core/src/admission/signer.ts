import { PredicateType } from '../evidence.ts';
import type { ExpectedIdentity } from './identity.ts';

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
  /** Attestations that must be there too, by predicate type. Default: the verdict, which stands for all others. */
  readonly predicateTypes?: readonly string[];
}

export function predicateTypesOf({ predicateTypes = [PredicateType.verdict] }: Admission): readonly string[] {
  return predicateTypes;
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
