import { isRecord, isTag, parsedJson } from '@tidegate/core';
import { callAndRead } from '../http/response-body.ts';
import { readDocument } from '../http/responses.ts';
import type { CallOptions } from '../store.ts';
import type { RegistryClient } from './client.ts';
import { invalidResponse } from './error.ts';
import { nextPage } from './next-page.ts';

/** In bytes: a page of 10,000 tags of 128 characters has 1.3 MB. */
const PAGE_BYTES = 4 * 1024 * 1024;
const MOST_PAGES = 1000;
const OPERATION = 'list of tags';

/**
 * distribution-spec, "Listing Tags". A list with pages has as many as the registry likes.
 * @param most stop after so many tags
 * @returns the tags in the registry's order, at most one more than `most`
 * @throws TidegateError `not-found` for a repository without any push
 */
export async function listTags(client: RegistryClient, most: number, options: CallOptions): Promise<readonly string[]> {
  const tags = new Set<string>();
  let target: URL = client.url('tags/list');
  target.searchParams.set('n', '1000');
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page: Page = await callAndRead(
      client,
      { method: 'GET', target, operation: OPERATION, statuses: [200], ...options },
      async (response) => {
        const text = await readDocument(response, PAGE_BYTES, `${client.name}: ${OPERATION}`);
        return { text: String(text), next: nextPage(response.headers.link, target, client) };
      },
    );
    for (const tag of tagsIn(page.text, client)) tags.add(tag);
    if (!page.next || tags.size > most) return [...tags].slice(0, most + 1);
    target = page.next;
  }
  throw invalidResponse(client.attempt(OPERATION), `more than ${MOST_PAGES} pages of tags`);
}

interface Page {
  readonly text: string;
  readonly next: URL | undefined;
}

function tagsIn(text: string, client: RegistryClient): readonly string[] {
  const document = parsedJson(text);
  // Some registries write null for an empty list.
  const tags = isRecord(document) ? (document.tags ?? []) : undefined;
  if (Array.isArray(tags) && tags.every((tag): tag is string => typeof tag === 'string' && isTag(tag))) return tags;
  throw invalidResponse(client.attempt(OPERATION), 'the list of tags is not valid');
}
