import type { IncomingMessage } from 'node:http';
import { isTag, MANIFEST_LIMIT, parseStrictJson } from '@tidegate/core';
import { discard, header } from './http.ts';
import { nextPage } from './referrers.ts';
import type { RegistryClient } from './registry-client.ts';
import type { CallOptions } from './store.ts';
import { readAll } from './verified.ts';

const PAGE_LIMIT = 1000;

/** distribution-spec, "Listing Tags". A repository that is not there has none. */
export async function listTags(client: RegistryClient, options: CallOptions): Promise<readonly string[]> {
  const tags = new Set<string>();
  let target: string | URL | undefined = 'tags/list?n=1000';
  for (let pages = 0; target !== undefined && pages < PAGE_LIMIT; pages += 1) {
    const operation = 'list of tags';
    const answer: IncomingMessage = await client.call({
      method: 'GET',
      target,
      operation,
      answers: [200, 404],
      ...options,
    });
    if (answer.statusCode === 404) {
      await discard(answer);
      break;
    }
    target = nextPage(header(answer, 'link'), client);
    for (const tag of parseTags(await readAll(answer, MANIFEST_LIMIT, client.name), client.name)) tags.add(tag);
  }
  return [...tags].sort();
}

function parseTags(bytes: Uint8Array, where: string): readonly string[] {
  const answer = parseStrictJson(bytes, where);
  const tags = typeof answer === 'object' && answer !== null && 'tags' in answer ? answer.tags : undefined;
  // `null` is what distribution says of a repository without tags.
  return Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string' && isTag(tag)) : [];
}
