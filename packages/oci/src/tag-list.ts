import { isTag, MANIFEST_LIMIT, parseStrictJson, TidegateError } from '@tidegate/core';
import { callAndRead } from './answer-body.ts';
import { discard, header } from './answers.ts';
import { nextPage } from './referrers-api.ts';
import type { Call, RegistryClient } from './registry-client.ts';
import { nonsense } from './registry-error.ts';
import type { CallOptions } from './store.ts';
import { readAll } from './verified.ts';

const PAGE_LIMIT = 1000;

interface Page {
  readonly tags: readonly string[];
  readonly link: string | undefined;
}

/** distribution-spec, "Listing Tags". A repository that is not there has none. */
export async function listTags(client: RegistryClient, options: CallOptions): Promise<readonly string[]> {
  const tags = new Set<string>();
  let target: string | URL | undefined = 'tags/list?n=1000';
  for (let pages = 0; target !== undefined; pages += 1) {
    // A list that was cut short would look like one that ends.
    if (pages === PAGE_LIMIT) throw nonsense(client.attempt('list of tags'), `more than ${PAGE_LIMIT} pages of tags`);
    const call: Call = { method: 'GET', target, operation: 'list of tags', answers: [200, 404], ...options };
    const page: Page | undefined = await callAndRead(client, call, async (answer) => {
      if (answer.statusCode !== 404) {
        const link = header(answer, 'link');
        return { tags: parseTags(await readAll(answer, MANIFEST_LIMIT, client.name), client.name), link };
      }
      await discard(answer);
      return undefined;
    });
    // Of the first page it says that there is no repository. A later one is missed.
    if (!page && pages > 0) throw nonsense(client.attempt('list of tags'), 'a page of the list is missing');
    for (const tag of page?.tags ?? []) tags.add(tag);
    target = nextPage(page?.link, target, client);
  }
  return [...tags].sort();
}

function parseTags(bytes: Uint8Array, where: string): readonly string[] {
  const answer = parseStrictJson(bytes, where);
  const named = typeof answer === 'object' && answer !== null && !Array.isArray(answer);
  const tags = named && 'tags' in answer ? answer.tags : undefined;
  // `null` is what distribution says of a repository without tags.
  if (named && (tags === undefined || tags === null)) return [];
  if (!Array.isArray(tags)) {
    throw new TidegateError('integrity', `${where}: the answer to a request for its tags is no list of tags.`, {
      next: 'See whether something stands before the registry, and whether it is one.',
    });
  }
  // What is no tag can be asked for by nobody.
  return tags.filter((tag): tag is string => typeof tag === 'string' && isTag(tag));
}
