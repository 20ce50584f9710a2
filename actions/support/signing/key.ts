import { createHash } from 'node:crypto';
import { readFile, realpath, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type KeySigner, keySigner, parsePublicKey, type Trust } from '@tidegate/attest';
import { TidegateError, unreadablePath } from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import { makeFolder } from '@tidegate/tools';
import { rootsOf } from './trusted-root.ts';

/** A PEM given as text, or the path of a file that contains one. */
export async function pemOf(input: 'key' | 'verification-key', value: string, job: Job): Promise<string> {
  if (value.includes('-----BEGIN ')) return value;
  const file = resolve(job.workspace, value);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const expected = 'PEM text, or the path of a readable file';
    if (input === 'verification-key') throw unreadablePath(`Input ${input}`, value, expected, cause, file);
    // The value is not shown: it may be a private key that has lost its first line.
    throw new TidegateError('key-unreadable', `Input ${input}: expected ${expected}.`, {
      next: 'Check the secret: it must begin with -----BEGIN. A path starts at the workspace: check that the file exists.',
      cause,
    });
  }
}

export async function signerOf(inputs: { key: string; 'key-password': string }, job: Job): Promise<KeySigner> {
  return keySigner(await pemOf('key', inputs.key, job), inputs['key-password'] || undefined);
}

/** Outside the layout, which may come from another job: the trust anchor must not travel with the image. */
async function signerFile(layout: string, job: Job): Promise<string> {
  const id = createHash('sha256')
    .update(await realpath(layout))
    .digest('hex')
    .slice(0, 16);
  return join(job.temp, 'tidegate', '.keys', `${id}.json`);
}

/** Public data: a key, or an identity and the trusted root that its certificate is verified with. */
interface Remembered {
  readonly publicKey?: string;
  readonly identities?: Trust['identities'];
  readonly trustedRoot?: string | undefined;
  /** For a key: the required log and timestamp, if there is a root. */
  readonly log?: Trust['log'];
  readonly timestamp?: Trust['timestamp'];
}

/** Record the signer of this layout, for a push-image later in this job. */
export async function rememberSigner(layout: string, signed: Remembered, job: Job): Promise<void> {
  const file = await signerFile(layout, job);
  await makeFolder(dirname(file));
  await writeFile(file, JSON.stringify(signed));
}

/** Trusted signers: the given key, otherwise the signer of sign-image in this job; nobody if neither. */
export async function trustOf(given: string, layout: string, job: Job): Promise<Trust> {
  if (given) return { publicKeys: [parsePublicKey(await pemOf('verification-key', given, job))] };
  let text: string;
  try {
    text = await readFile(await signerFile(layout, job), 'utf8');
  } catch {
    return { publicKeys: [] };
  }
  const { publicKey, identities, trustedRoot, log, timestamp }: Remembered = JSON.parse(text);
  // A key is trusted without a log if it signed without one; keyless signatures can only be verified with the roots.
  const roots = identities || trustedRoot !== undefined ? await rootsOf(trustedRoot ?? '', job) : undefined;
  return {
    publicKeys: publicKey ? [parsePublicKey(publicKey)] : [],
    identities,
    roots,
    log,
    timestamp,
  };
}
