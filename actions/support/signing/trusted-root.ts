import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { publicGoodRoots, readTrustedRoots, type SigstoreRoots } from '@tidegate/attest';
import { type Fetch, messageOf, TidegateError, unreadablePath } from '@tidegate/core';
import { isLoopback } from '@tidegate/oci';
import type { Job } from '@tidegate/runner';

/** The roots of `trusted-root`; by default the public good instance's. */
export async function rootsOf(given: string, job: Job): Promise<SigstoreRoots> {
  const notice = (message: string) => job.log.notice(message);
  if (given) return readTrustedRoots(await documentOf('trusted-root', given, job), given, notice);
  return publicGoodRoots();
}

const LIMIT = 4 * 1024 * 1024;
const MOST_REDIRECTS = 5;

/** Read a file, or an https (or loopback) URL: a mirror in a closed network. */
export async function documentOf(
  input: string,
  given: string,
  job: Pick<Job, 'workspace' | 'signal' | 'network'>,
): Promise<Uint8Array> {
  if (!/^https?:\/\//.test(given)) {
    const file = resolve(job.workspace, given);
    return readFile(file).catch((error: unknown) => {
      throw unreadablePath(`Input ${input}`, given, 'a readable file, or an https URL that serves it', error, file);
    });
  }
  try {
    return await fetched(new URL(given), job.network.fetch, AbortSignal.any([job.signal, AbortSignal.timeout(30_000)]));
  } catch (cause) {
    throw new TidegateError(
      'trusted-root-unusable',
      `Input ${input}: ${given} could not be read: ${messageOf(cause)}.`,
      {
        next: 'Write the path of a file, or an https URL that serves it.',
        cause,
      },
    );
  }
}

/**
 * A trusted root that is changed in transit would change which signatures are trusted, so every redirect must be https,
 * not the first URL alone.
 */
async function fetched(first: URL, fetch: Fetch, signal: AbortSignal): Promise<Uint8Array> {
  const loopback = isLoopback(first.hostname);
  let url = first;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
    if (url.protocol !== 'https:' && !(loopback && isLoopback(url.hostname)))
      throw new Error('only https URLs are allowed');
    const response = await fetch(url, { signal, redirect: 'manual' });
    const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
    if (location === null) return bodyOf(response);
    await response.body?.cancel();
    url = new URL(location, url);
  }
  throw new Error(`more than ${MOST_REDIRECTS} redirects`);
}

async function bodyOf(response: Response): Promise<Uint8Array> {
  if (!response.ok) throw new Error(`status ${response.status}`);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > LIMIT) throw new Error('it is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
