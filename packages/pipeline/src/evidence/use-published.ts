import { contentDigest, parseStatement, type StatementBytes } from '@tidegate/attest';
import { type Descriptor, type Digest, digestOf } from '@tidegate/core';
import type { Target } from '../target.ts';
import type { PublishedStatement } from '../verify/verified-bundles.ts';
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
  published: ReadonlyMap<Digest, readonly PublishedStatement[]>,
): Promise<{ readonly digests: readonly Digest[]; readonly isAll: boolean }> {
  const known = published.get(subject.digest) ?? [];
  const exact = new Set(known.map(({ bytes }) => digestOf(bytes)));
  const digests: Digest[] = [];
  let isAll = true;
  for (const { bytes, digest, predicateType } of await readStatements(target, subject)) {
    // An SBOM has up to tens of megabytes: what is published byte for byte is not parsed.
    if (exact.has(digest)) {
      digests.push(digest);
      continue;
    }
    const content = contentDigest(parseStatement(bytes));
    if (content === undefined) continue;
    const same = withContent(known, predicateType, content);
    if (!same) {
      isAll = false;
      continue;
    }
    digests.push(digestOf(same.bytes));
    await attachStatement(target, subject, same);
  }
  return { digests, isAll };
}

/** The first one that says the same. */
function withContent(known: readonly PublishedStatement[], type: string, content: Digest): StatementBytes | undefined {
  for (const { predicateType, bytes } of known) {
    if (predicateType !== type) continue;
    const statement = parseStatement(bytes);
    if (contentDigest(statement) === content) return { statement, bytes };
  }
  return undefined;
}
