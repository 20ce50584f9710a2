import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { assertPredicateSize, MAX_PREDICATE_BYTES, type OwnPredicate, readOwnPredicate } from '@tidegate/attest';
import { assertOwnPredicateType, badInput, TidegateError, unreadablePath } from '@tidegate/core';
import type { Job } from '@tidegate/runner';

interface PredicateInputs {
  readonly signing: string;
  readonly 'predicate-type': readonly string[];
  readonly 'predicate-path': readonly string[];
}

/**
 * Read the files, so that a wrong one is found before an image is built.
 * @throws TidegateError `bad-input`
 */
export async function predicatesOf(inputs: PredicateInputs, job: Job): Promise<readonly OwnPredicate[]> {
  const { 'predicate-type': types, 'predicate-path': paths } = inputs;
  if (types.length !== paths.length) {
    throw badInput(
      'input-conflict',
      'predicate-path',
      paths.join(', '),
      `one file for each of ${types.length} lines of predicate-type`,
      'Write as many lines in both inputs.',
    );
  }
  if (types.length > 0 && inputs.signing === 'none') {
    throw badInput(
      'input-conflict',
      'signing',
      'none',
      'a signature, because predicate-type is set',
      'Sign the image.',
    );
  }
  const twice = types.find((type, at) => types.indexOf(type) !== at);
  if (twice !== undefined) {
    throw badInput('input-conflict', 'predicate-type', twice, 'each type once', 'Join the files, or use two types.');
  }
  return Promise.all(
    types.map(async (type, at) => {
      assertOwnPredicateType(type, 'predicate-type');
      return { type, predicate: await predicateIn(paths[at] ?? '', job) };
    }),
  );
}

async function predicateIn(path: string, job: Job): Promise<OwnPredicate['predicate']> {
  let bytes: Uint8Array;
  try {
    bytes = await fileOf(path, job);
  } catch (error) {
    if (error instanceof TidegateError) throw error;
    throw unreadablePath('Input predicate-path', path, 'a readable file', error, resolve(job.workspace, path));
  }
  return readOwnPredicate(bytes, path);
}

/**
 * The content is signed and published: a link in the repository must not lead to a file of the runner, such as docker's
 * credentials. Neither a pipe nor an endless file keeps the job waiting or fills its memory.
 */
async function fileOf(path: string, { workspace }: Job): Promise<Uint8Array> {
  const file = resolve(workspace, path);
  const real = await realpath(file);
  if (isWithin(workspace, file) && !isWithin(await realpath(workspace), real)) {
    throw badInput(
      'input-path-unusable',
      'predicate-path',
      path,
      'a file in the workspace, and a link leads out of it',
      'Remove the link, or name the file itself.',
    );
  }
  await using opened = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const about = await opened.stat();
  if (!about.isFile()) throw new Error(about.isDirectory() ? 'it is a folder' : 'it is not a file');
  assertPredicateSize(about.size, path);
  // Some files grow while they are read, and those of /proc have no size.
  const bytes = Buffer.alloc(MAX_PREDICATE_BYTES + 1);
  let length = 0;
  for (let more = -1; more !== 0 && length < bytes.length; length += more) {
    more = (await opened.read(bytes, length, bytes.length - length)).bytesRead;
  }
  return bytes.subarray(0, length);
}

function isWithin(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}
