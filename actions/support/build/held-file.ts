import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { assertFile, badInput, digestOf, hexOf, TidegateError, unreadablePath } from '@tidegate/core';
import type { Job } from '@tidegate/runner';

export interface HeldFile {
  /** The input that names the file; its checksum is the input of the same name with `-sha256`. */
  readonly input: string;
  readonly path: string;
  readonly sha256: string;
  /** The action that wrote it, and its output with the checksum. */
  readonly writer: { readonly action: string; readonly output: string };
  /** Maximum size in bytes. */
  readonly limit: number;
}

/**
 * Read a file that an earlier job wrote, after verifying its checksum.
 * @returns undefined if neither input is set
 * @throws TidegateError `bad-input`, `integrity`
 */
export async function heldFile(file: HeldFile, job: Job): Promise<Uint8Array | undefined> {
  const { input, path, sha256: given, writer } = file;
  if (path === '' && given === '') return undefined;
  if (path === '')
    throw badInput(
      'input-conflict',
      input,
      path,
      `a file, because ${input}-sha256 is set`,
      'Set both inputs, or neither.',
    );
  const sha256 = given.replace(/^sha256:/, '');
  if (!/^[0-9a-f]{64}$/.test(sha256)) {
    const next = `Pass on the output ${writer.output} of ${writer.action} as a job output.`;
    throw badInput('input-format-wrong', `${input}-sha256`, given, `64 hex digits, because ${input} is set`, next);
  }
  const bytes = await bytesOf(file, job);
  const digest = digestOf(bytes);
  if (hexOf(digest) === sha256) return bytes;
  throw new TidegateError(
    'handed-file-changed',
    `${path} does not match its checksum: got ${digest}, expected ${sha256}.`,
    {
      next: `Pass on the file that ${writer.action} wrote, unchanged, with the ${writer.output} of the same run.`,
    },
  );
}

async function bytesOf({ input, path, limit }: HeldFile, job: Job): Promise<Uint8Array> {
  const file = resolve(job.workspace, path);
  try {
    await using handle = await open(file);
    const found = await handle.stat();
    assertFile(found, limit);
    return await handle.readFile();
  } catch (error) {
    throw unreadablePath(`Input ${input}`, path, 'a readable file', error, file);
  }
}
