import { badInput, formatReference, TidegateError } from '@tidegate/core';
import { eachConcurrently } from '@tidegate/oci';
import type { Inputs, Job } from '@tidegate/runner';
import { readImages } from '../support/manifests/image-files.ts';
import { type ImageLine, imageLines, registryPool } from '../support/registry/image-list.ts';
import type { action } from './action.ts';

type ScanInputs = Inputs<typeof action>;

/** Tags that are resolved at once. */
const AT_ONCE = 4;

/**
 * The images of the input `image` and of the manifests, each digest of a repository once.
 * @throws TidegateError `bad-input`, `manifest-unreadable`
 */
export async function linesOfManifests(inputs: ScanInputs, most: number, job: Job): Promise<readonly ImageLine[]> {
  const { 'registry-username': username } = inputs;
  if (username !== '') {
    const expected = 'no value, because manifests is set, and manifests can name any registry';
    const next = 'Log in with docker/login-action before this step.';
    throw badInput('input-conflict', 'registry-username', username, expected, next);
  }
  // As in a check: a file that cannot be read may name images, which would not be scanned.
  const { files, passedBy } = await readImages(inputs.manifests, [], true, job, 'manifests');
  for (const folder of passedBy) job.log.warning(`${folder} is not read. Name it in manifests to scan its images.`);
  for (const { name, left } of files) {
    for (const { line, path, why } of left) job.log.warning(`${name}:${line}: ${path} ${why}. It is not scanned.`);
  }
  const named = files.flatMap(({ images }) => images.map(({ image }) => image));
  if (named.length === 0) {
    const given = inputs.manifests.join(', ');
    const next = 'Check the paths. Terraform, templates and custom resources are not read.';
    throw badInput('input-path-unusable', 'manifests', given, 'manifests that name images', next);
  }
  const lines = imageLines([...inputs.image, ...named], most, job, 'manifests');
  return eachDigestOnce(lines, inputs, job);
}

/** A tag that cannot be resolved stays, and fails by itself. */
async function eachDigestOnce(lines: readonly ImageLine[], inputs: ScanInputs, job: Job): Promise<ImageLine[]> {
  const pool = registryPool(inputs, job, 'pull');
  const resolved = new Map<ImageLine, ImageLine>();
  try {
    await eachConcurrently(
      lines,
      () => AT_ONCE,
      job.signal,
      async (line, signal) => {
        resolved.set(line, await byDigest(line, pool, signal));
      },
    );
  } finally {
    pool.close();
  }
  const seen = new Set<string>();
  return lines
    .map((line) => resolved.get(line) ?? line)
    .filter((line) => {
      const key = keyOf(line);
      return !seen.has(key) && seen.add(key);
    });
}

function keyOf({ text, reference }: ImageLine): string {
  if (reference instanceof TidegateError || reference.digest === undefined) return text;
  const { registry, repository, digest } = reference;
  return formatReference({ registry, repository, digest });
}

/** The image with the digest of its tag, which is the one that is scanned: the tag may move meanwhile. */
async function byDigest(
  line: ImageLine,
  pool: ReturnType<typeof registryPool>,
  signal: AbortSignal,
): Promise<ImageLine> {
  const { reference } = line;
  if (reference instanceof TidegateError || reference.digest !== undefined) return line;
  try {
    const { digest } = await pool.of(reference).resolve(reference.tag ?? 'latest', { signal });
    return { ...line, reference: { ...reference, digest } };
  } catch (error) {
    if (signal.aborted || !(error instanceof TidegateError)) throw error;
    return line;
  }
}
