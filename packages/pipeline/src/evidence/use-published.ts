import { contentDigest, parseStatement } from '@tidegate/attest';
import { type Descriptor, type Digest, digestOf } from '@tidegate/core';
import type { Target } from '../target.ts';
import { attachStatement, readStatements } from './store.ts';

/**
 * Replace statements about `subject` in the layout with published ones that say the same, so that equal evidence is not
 * published again and the verdict names what the registry has.
 * @param published signed by a trusted signer, by subject
 * @returns digests of the published statements in use; `isAll` if every statement that can be compared was replaced
 */
export async function usePublished(
  target: Target,
  subject: Descriptor,
  published: ReadonlyMap<Digest, readonly Uint8Array[]>,
): Promise<{ readonly digests: readonly Digest[]; readonly isAll: boolean }> {
  const known = new Map<Digest, Uint8Array>();
  for (const bytes of published.get(subject.digest) ?? []) {
    const content = contentDigest(parseStatement(bytes));
    // The first one stays.
    if (content !== undefined && !known.has(content)) known.set(content, bytes);
  }
  const digests: Digest[] = [];
  let isAll = true;
  for (const { bytes, digest } of await readStatements(target, subject)) {
    const content = contentDigest(parseStatement(bytes));
    if (content === undefined) continue;
    const same = known.get(content);
    if (!same) {
      isAll = false;
      continue;
    }
    digests.push(digestOf(same));
    if (digestOf(same) === digest) continue;
    await attachStatement(target, subject, { statement: parseStatement(same), bytes: same });
  }
  return { digests, isAll };
}
