import { hasKind } from '../error.ts';
import { kyvernoPolicy } from './kyverno.ts';
import { clusterImagePolicy } from './policy-controller.ts';
import type { Admission } from './signer.ts';

export interface ClusterPolicies {
  readonly written: readonly {
    readonly controller: string;
    /** `kyverno.yaml` */
    readonly file: string;
    readonly text: string;
  }[];
  /** Why a policy is not written and what to do instead. May contain text from outside. */
  readonly missing: readonly string[];
}

const WRITERS = [
  ['Kyverno', 'kyverno.yaml', kyvernoPolicy],
  ['policy-controller', 'cluster-image-policy.yaml', clusterImagePolicy],
] as const;

/**
 * The policies that can enforce all deciding checks; for a signer that a controller cannot distinguish from others, the
 * reason.
 */
export function clusterPolicies(admission: Admission): ClusterPolicies {
  const written: ClusterPolicies['written'][number][] = [];
  const missing = new Set<string>();
  for (const [controller, file, write] of WRITERS) {
    try {
      written.push({ controller, file, text: write(admission) });
    } catch (error) {
      if (!hasKind(error, 'bad-input')) throw error;
      missing.add(`${error.message} ${error.next ?? ''}`.trim());
    }
  }
  return { written, missing: [...missing] };
}
