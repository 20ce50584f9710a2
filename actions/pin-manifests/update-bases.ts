import {
  badInput,
  counted,
  type Digest,
  inlineCode,
  isUnanswered,
  messageOf,
  parseReference,
  TidegateError,
} from '@tidegate/core';
import { eachConcurrently, type Registry } from '@tidegate/oci';
import { failWithOutputs, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import { type BaseImage, withNewDigests } from '@tidegate/source';
import { registryPool } from '../support/registry/image-list.ts';
import { type action, verifyNames } from './action.ts';
import { type Change, makeChanges, type Proposal } from './changes.ts';
import { type Dockerfile, readDockerfiles } from './dockerfiles.ts';
import { repositoryFilter } from './repository-filter.ts';
import { pinnedOutput, type Row, refusalOf, reportRows } from './rows.ts';

type PinInputs = Inputs<typeof action>;

/** A base image at its place. */
interface Placed {
  readonly file: Dockerfile;
  readonly base: BaseImage;
}

/** The digest that the tag of an image points to, or why it is not known. */
type Current = { readonly digest: Digest } | { readonly why: string; readonly cause?: TidegateError | undefined };

const MOST_AT_ONCE = 4;
const CHECKED = { passed: 'current or not pinned', failed: 'have moved, or cannot be read' };
const UPDATED = { passed: 'current, updated or left alone', failed: 'cannot be read' };

/**
 * Update the digests of pinned base images to what their tags point to. Their signers are not known, so that nothing is
 * verified but the digest itself.
 */
export async function updateBases(inputs: PinInputs, job: Job): Promise<Outputs<typeof action>> {
  assertForBases(inputs);
  const files = await readDockerfiles(inputs.files, inputs.check, job);
  const fits = repositoryFilter(inputs.images);
  const placed = files.flatMap((file) => file.bases.flatMap((base) => (fits(base.image) ? [{ file, base }] : [])));
  if (placed.length === 0) throw noBases(files, inputs);
  job.log.info(`${inputs.check ? 'Check' : 'Update'} ${counted(placed.length, 'base image')} in Dockerfiles.`);
  const current = await currentDigests(placed, inputs, job);
  const rows = placed.map((one) => rowOf(one, current.get(one.base.image), inputs.check));
  const words = inputs.check ? CHECKED : UPDATED;
  await reportRows(rows, words, job);
  const outputs = { pinned: pinnedOutput(rows), 'changed-files': '', 'pull-request-url': '' };
  const refusal = refusalOf(rows, 'bases-not-current', words.failed);
  if (refusal) failWithOutputs(refusal, outputs);
  if (inputs.check) return outputs;
  const changes = files.flatMap((file) => changeOf(file, placed, current));
  const moved = rows.filter(({ state }) => state === 'moved');
  const proposal: Proposal = {
    unreadable: 'dockerfile-unreadable',
    branch: inputs['pull-request-branch'] || 'tidegate/pin-bases',
    title: `Update base images in ${counted(changes.length, 'Dockerfile')}`,
    body: `The tags of these base images point to new digests. Tidegate did not verify the images: your workflow did not sign them.\n\n${moved.map(bullet).join('\n')}\n`,
  };
  return { ...outputs, ...(await makeChanges(changes, proposal, inputs, job)) };
}

/** A setting without effect is an error: nothing about base images is verified or deployed. */
function assertForBases(inputs: PinInputs): void {
  for (const name of [...verifyNames, 'deployment', 'image-paths'] as const) {
    const value: unknown = inputs[name];
    const isSet = Array.isArray(value) ? value.length > 0 : Boolean(value);
    if (!isSet) continue;
    const expected = 'no value, because bases is true: base images are not verified';
    throw badInput('input-conflict', name, String(value), expected, `Remove ${name}, or use a step of its own.`);
  }
}

const MOST_NAMED = 3;

function noBases(files: readonly Dockerfile[], { files: given, images }: PinInputs): TidegateError {
  const names = files.slice(0, MOST_NAMED).map(({ name }) => name);
  const where = [names.join(', '), files.length > names.length ? ` and ${files.length - names.length} more` : ''].join(
    '',
  );
  if (files.length === 0) {
    return new TidegateError(
      'input-path-unusable',
      `There is no Dockerfile in ${given.join(', ') || 'the workspace'}.`,
      {
        next: 'Name Dockerfiles, or their folders, in the input files.',
      },
    );
  }
  if (files.some(({ bases }) => bases.length > 0)) {
    const next = `Correct the pattern. ${where} names other images.`;
    return badInput('input-conflict', 'images', images.join(', '), 'a repository that a Dockerfile uses', next);
  }
  return new TidegateError(
    'input-path-unusable',
    `There is no base image to pin in ${where}: scratch and earlier stages are none.`,
    { next: 'Name a Dockerfile that builds on an image. Nothing in these can become outdated.' },
  );
}

interface Tagged {
  readonly image: string;
  readonly reference: ReturnType<typeof parseReference>;
  readonly tag: string;
  readonly digest: Digest;
}

/** @returns undefined for an image without tag or digest, and for a name with variables */
function taggedOf(image: string): Tagged | undefined {
  try {
    const reference = parseReference(image);
    const { tag, digest } = reference;
    return tag !== undefined && digest !== undefined ? { image, reference, tag, digest } : undefined;
  } catch (error) {
    if (error instanceof TidegateError) return undefined;
    throw error;
  }
}

/** Each tag is resolved once. A new digest is that of the content, which is read, and not only the registry's word. */
async function currentDigests(
  placed: readonly Placed[],
  inputs: PinInputs,
  job: Job,
): Promise<ReadonlyMap<string, Current>> {
  const images = [...new Set(placed.map(({ base }) => base.image))].flatMap((image) => taggedOf(image) ?? []);
  const pool = registryPool(inputs, job, 'pull');
  const found = new Map<string, Current>();
  try {
    await eachConcurrently(
      images,
      () => MOST_AT_ONCE,
      job.signal,
      async (one, signal) => {
        found.set(one.image, await currentOf(one, pool.of(one.reference), signal));
      },
    );
  } finally {
    pool.close();
  }
  return found;
}

async function currentOf({ tag, digest }: Tagged, registry: Registry, signal: AbortSignal): Promise<Current> {
  try {
    const now = await registry.resolve(tag, { signal });
    if (now.digest !== digest) await registry.fetchBytes(now, { signal });
    return { digest: now.digest };
  } catch (error) {
    if (signal.aborted || !(error instanceof TidegateError)) throw error;
    return { why: messageOf(error), cause: isUnanswered(error) ? error : undefined };
  }
}

function rowOf({ file, base }: Placed, current: Current | undefined, check: boolean): Row {
  const { line, path, image, why = '' } = base;
  const row = { file: file.name, line, path, image, digest: '' };
  const tagged = taggedOf(image);
  if (!tagged || !current) {
    const state = image.includes('@') ? 'left' : 'unpinned';
    return { ...row, state, passed: true, why: `It ${why} and is left alone.` };
  }
  if ('why' in current) return { ...row, ...current, state: 'refused', passed: false };
  const { digest } = current;
  if (digest === tagged.digest) {
    return { ...row, digest, state: 'pinned', passed: true, why: `The tag ${tagged.tag} points to it.` };
  }
  const moved = `The tag ${tagged.tag} points to ${digest} now, not to ${tagged.digest}.`;
  if (check || base.digest) return { ...row, digest, state: 'moved', passed: !check, why: moved };
  return { ...row, digest, state: 'left', passed: true, why: `${moved} It ${why}: update it by hand.` };
}

function changeOf(file: Dockerfile, placed: readonly Placed[], current: ReadonlyMap<string, Current>): Change[] {
  const digests = placed.flatMap(({ file: at, base }) => {
    const now = at === file && base.digest ? current.get(base.image) : undefined;
    return now && 'digest' in now && !base.image.endsWith(now.digest) ? [{ base, digest: now.digest }] : [];
  });
  if (digests.length === 0) return [];
  const after = withNewDigests(file.text, digests);
  if (after !== undefined) return [{ file, after: Buffer.from(after) }];
  throw new TidegateError('dockerfile-unreadable', `${file.name} cannot be changed without changing other values.`, {
    next: 'Write each base image on one line, without build arguments.',
  });
}

function bullet({ file, line, image, digest = '' }: Row): string {
  return `- ${inlineCode(`${file}:${line}`)}: ${inlineCode(image)} → ${inlineCode(digest)}`;
}
