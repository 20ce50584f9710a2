import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, open, readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { badInput, type Digest, isDigest, messageOf, TidegateError } from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import { makeFolder, unzip } from '@tidegate/tools';

/** `COPY --from=artifact`. */
const NAME = 'artifact';
const FIRST_BYTES = Buffer.from('PK\x03\x04');

interface ArtifactInputs {
  readonly 'build-contexts': readonly (readonly [name: string, source: string])[];
  readonly 'context-artifact': string;
  readonly 'context-artifact-digest': string;
}

interface ContextArtifact {
  readonly buildContexts: ArtifactInputs['build-contexts'];
  readonly artifact?: { readonly name: string; readonly digest: Digest };
}

/** The names of all build contexts, for the source rules. */
export function contextNames(inputs: ArtifactInputs): ArtifactInputs['build-contexts'] {
  return inputs['context-artifact'] === '' ? inputs['build-contexts'] : [...inputs['build-contexts'], [NAME, NAME]];
}

/**
 * The build contexts, with the artifact of another job among them. Its digest is that of the archive as it was uploaded:
 * anything else under the same id or name is not built from.
 * @param folder for its files; must not exist
 * @throws TidegateError `bad-input`, `integrity`
 */
export async function withContextArtifact(inputs: ArtifactInputs, folder: string, job: Job): Promise<ContextArtifact> {
  const { 'build-contexts': buildContexts, 'context-artifact': path } = inputs;
  const given = inputs['context-artifact-digest'];
  if (path === '' && given === '') return { buildContexts };
  if (path === '') {
    const next = 'Set both inputs, or neither.';
    throw badInput('input-conflict', 'context-artifact', path, 'a file, because context-artifact-digest is set', next);
  }
  const expected = `sha256:${given.replace(/^sha256:/, '')}`;
  if (!isDigest(expected)) {
    const next = 'Pass on the output artifact-digest of upload-artifact as a job output.';
    throw badInput('input-format-wrong', 'context-artifact-digest', given, '64 hex digits', next);
  }
  if (buildContexts.some(([name]) => name === NAME)) {
    const next = 'Give that context another name.';
    throw badInput('input-conflict', 'build-contexts', NAME, 'another name, because of context-artifact', next);
  }
  const file = await theFile(resolve(job.workspace, path), path);
  const digest = await digestOfFile(file);
  if (digest !== expected) {
    throw new TidegateError(
      'handed-file-changed',
      `${path} does not match its digest: got ${digest}, expected ${expected}.`,
      { next: 'Download the artifact with skip-decompress: true, and pass on the artifact-digest of the same upload.' },
    );
  }
  if (await isArchive(file)) await unzip(file, folder);
  else {
    // upload-artifact with `archive: false`.
    await makeFolder(folder);
    await copyFile(file, join(folder, basename(file)));
  }
  return { buildContexts: [...buildContexts, [NAME, folder]], artifact: { name: NAME, digest } };
}

/** download-artifact chooses the name of the file. */
async function theFile(path: string, shown: string): Promise<string> {
  try {
    if ((await stat(path)).isFile()) return path;
    const [only, ...others] = await readdir(path);
    if (only === undefined || others.length > 0) throw new Error(`it contains ${others.length + (only ? 1 : 0)} files`);
    const file = join(path, only);
    if (!(await stat(file)).isFile()) throw new Error(`${JSON.stringify(only)} is not a file`);
    return file;
  } catch (error) {
    const next = `Download the artifact with skip-decompress: true. ${messageOf(error)}`;
    throw badInput('input-path-unusable', 'context-artifact', shown, 'a file, or a folder with one file', next);
  }
}

async function digestOfFile(file: string): Promise<Digest> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest('hex')}` as Digest;
}

/** A jar is a zip archive, too: only one that is named so is unpacked. Without a name the client writes `artifact`. */
async function isArchive(file: string): Promise<boolean> {
  if (!/\.zip$/i.test(file) && basename(file) !== 'artifact') return false;
  await using handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(FIRST_BYTES.length), 0, FIRST_BYTES.length, 0);
  return buffer.equals(FIRST_BYTES);
}
