import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { publicGoodRoots, readTrustedRoots, type SigstoreRoots } from '@tidegate/attest';
import { messageOf, TidegateError } from '@tidegate/core';
import type { Job } from '@tidegate/runner';

/** The roots of `trusted-root`; the public good instance's where nothing is given. */
export async function rootsOf(given: string, job: Job): Promise<SigstoreRoots> {
  if (given) return readTrustedRoots(await documentOf('trusted-root', given, job), given);
  return publicGoodRoots();
}

const LIMIT = 4 * 1024 * 1024;

/** A file, or what an https URL (or loopback) gives: a mirror in a closed network. */
export async function documentOf(input: string, given: string, job: Job): Promise<Uint8Array> {
  try {
    if (!/^https?:\/\//.test(given)) return await readFile(resolve(job.workspace, given));
    const { protocol, hostname } = new URL(given);
    if (protocol !== 'https:' && !['127.0.0.1', '[::1]', 'localhost'].includes(hostname)) {
      throw new Error('only https is fetched');
    }
    const signal = AbortSignal.any([job.signal, AbortSignal.timeout(30_000)]);
    const response = await fetch(given, { signal });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.byteLength > LIMIT) throw new Error('it is too long');
    return bytes;
  } catch (cause) {
    throw new TidegateError('bad-input', `Input ${input}: ${given} could not be read: ${messageOf(cause)}.`, {
      next: 'Give the path of a file, or an https URL that answers with it.',
      cause,
    });
  }
}
