import { createHash } from 'node:crypto';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type KeySigner, keySigner, type PublicKey, parsePublicKey } from '@tidegate/attest';
import { hasCode, TidegateError } from '@tidegate/core';
import type { Job } from '@tidegate/runner';

/** A PEM given as text, or the path of a file that holds one. */
async function pemOf(input: string, value: string, job: Job): Promise<string> {
  if (value.includes('-----BEGIN ')) return value;
  try {
    return await readFile(resolve(job.workspace, value), 'utf8');
  } catch (cause) {
    // The value is not shown: it may be a key whose first line was lost on the way.
    throw new TidegateError('bad-input', `Input ${input}: expected PEM text, or the path of a file that can be read.`, {
      next: 'Check the secret: it must begin with -----BEGIN.',
      cause,
    });
  }
}

export async function signerOf(inputs: { key: string; 'key-password': string }, job: Job): Promise<KeySigner> {
  return keySigner(await pemOf('key', inputs.key, job), inputs['key-password'] || undefined);
}

/** Outside the layout, which may come from another job: what vouches for it must not travel in it. */
async function keyFile(layout: string, job: Job): Promise<string> {
  const id = createHash('sha256')
    .update(await realpath(layout))
    .digest('hex')
    .slice(0, 16);
  return join(job.temp, 'tidegate', '.keys', `${id}.pem`);
}

/** Remember who signed this layout, for a push-image later in this job. */
export async function rememberKey(layout: string, signer: KeySigner, job: Job): Promise<void> {
  const file = await keyFile(layout, job);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, signer.publicKeyPem);
}

/** The keys that signatures must verify with: the given one, or the one that sign-image used in this job; none if neither. */
export async function verificationKeys(given: string, layout: string, job: Job): Promise<readonly PublicKey[]> {
  if (given) return [parsePublicKey(await pemOf('verification-key', given, job))];
  try {
    return [parsePublicKey(await readFile(await keyFile(layout, job), 'utf8'))];
  } catch (error) {
    if (hasCode(error, 'signature')) throw error;
    return [];
  }
}
