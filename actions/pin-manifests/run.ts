import {
  badInput,
  counted,
  type FoundImage,
  formatRepository,
  parseImagePaths,
  parseReference,
  pinnedFile,
  TidegateError,
} from '@tidegate/core';
import {
  failWithOutputs,
  type Inputs,
  type Job,
  LONGEST_ENVIRONMENT,
  type Outputs,
  recordDeployment,
} from '@tidegate/runner';
import { readImages } from '../support/manifests/image-files.ts';
import type { ImagesFile } from '../support/manifests/images-file.ts';
import { expectationsOf } from '../verify-image/expectations.ts';
import { signersOf } from '../verify-image/expected-signer.ts';
import type { action } from './action.ts';
import { type Change, fileList, makeChanges, type Proposal } from './changes.ts';
import { type Judged, judgeImages } from './judge.ts';
import { assertLoginBound } from './login.ts';
import { repositoryFilter } from './repository-filter.ts';
import { pinnedOutput, type Row, refusalOf, reportRows } from './rows.ts';
import { updateBases } from './update-bases.ts';

type PinInputs = Inputs<typeof action>;

/** An image at its place. */
interface Placed {
  readonly file: ImagesFile;
  readonly found: FoundImage;
}

export async function run(inputs: PinInputs, job: Job): Promise<Outputs<typeof action>> {
  assertInputs(inputs);
  if (inputs.bases) return updateBases(inputs, job);
  if (inputs.files.length === 0) {
    throw new TidegateError('input-missing', 'Input files is empty: no manifest is named.', {
      next: 'Name the manifests or their folders, such as k8s/. For base images of Dockerfiles, set `bases` to true.',
    });
  }
  const demands = { signers: await signersOf(inputs, job), expectations: expectationsOf(inputs, job) };
  const paths = parseImagePaths(inputs['image-paths']);
  const { files, passedBy } = await readImages(inputs.files, paths, inputs.check, job);
  const placed = chosen(files, inputs.images);
  const left = files.flatMap(({ name, left: some }) => some.map((one) => ({ name, ...one })));
  if (placed.length + left.filter(({ isElsewhere }) => !isElsewhere).length === 0) throw noImages(inputs);
  const images = counted(placed.length, 'image', 'images');
  job.log.info(`${inputs.check ? 'Check' : 'Pin'} ${images} in ${counted(files.length, 'file', 'files')}.`);
  const judged = await judgeImages(
    placed.map(({ found }) => found.image),
    ...([inputs.check, demands, inputs, job] as const),
  );
  const rows: Row[] = [
    ...placed.map(({ file, found }) => rowOf(file.name, found, judged.get(found.image), inputs.check)),
    ...left.map(({ name, line, path, why, isElsewhere }) => ({
      ...{ file: name, line, path, image: '', state: isElsewhere ? 'not-checked' : 'left' },
      passed: !inputs.check || isElsewhere === true,
      why: `${path} ${why}.`,
    })),
    ...passedBy.map((file) => ({
      ...{ file, line: 0, path: '', image: '', state: 'not-checked', passed: true },
      why: 'The folder is not read: name it in files to check its manifests.',
    })),
  ];
  const words = inputs.check ? CHECKED : PINNED;
  await reportRows(rows, words, job);
  const outputs = { pinned: pinnedOutput(rows), 'changed-files': '', 'pull-request-url': '' };
  const refusal = refusalOf(rows, 'manifests-not-pinned', words.failed);
  if (refusal) failWithOutputs(refusal, outputs);
  if (inputs.check) {
    if (inputs.deployment) await recorded(placed, judged, inputs, job);
    return outputs;
  }
  const changes = await changesOf(files, placed, judged);
  const proposal: Proposal = {
    unreadable: 'manifest-unreadable',
    branch: inputs['pull-request-branch'] || 'tidegate/pin-manifests',
    title: `Pin images in ${counted(changes.length, 'manifest')}`,
    body: `Each digest was verified by Tidegate before it was written.\n\n${fileList(changes)}\n`,
  };
  return { ...outputs, ...(await makeChanges(changes, proposal, inputs, job)) };
}

const CHECKED = { passed: 'pinned and verified', failed: 'must not be deployed as they are' };
const PINNED = { passed: 'verified', failed: 'cannot be pinned' };

function assertInputs(inputs: PinInputs): void {
  assertLoginBound(inputs);
  if (inputs.deployment && !inputs.check) {
    const expected = 'check: true as well, because only checked images are recorded';
    throw badInput('input-conflict', 'deployment', inputs.deployment, expected, 'Set check, after the deployment.');
  }
  if (inputs.deployment.length > LONGEST_ENVIRONMENT) {
    const expected = `at most ${LONGEST_ENVIRONMENT} characters`;
    throw badInput('input-format-wrong', 'deployment', inputs.deployment, expected, 'Use the name of an environment.');
  }
  if (!inputs.check || !inputs['pull-request']) return;
  const next = 'Remove one of them.';
  throw badInput('input-conflict', 'pull-request', 'true', 'false, because check changes nothing', next);
}

function noImages({ files }: PinInputs): TidegateError {
  return badInput(
    'input-path-unusable',
    'files',
    files.join(', '),
    'manifests that name images',
    'Check the paths and the input images. Terraform and templates are not read.',
  );
}

function chosen(files: readonly ImagesFile[], patterns: readonly string[]): readonly Placed[] {
  const fits = repositoryFilter(patterns);
  return files.flatMap((file) => file.images.flatMap((found) => (fits(found.image) ? [{ file, found }] : [])));
}

function rowOf(file: string, { line, path, image }: FoundImage, judged: Judged | undefined, check: boolean): Row {
  const { state = 'refused', digest = '', why = 'It was not checked.', cause } = judged ?? {};
  const passed = check ? state === 'pinned' : state !== 'refused';
  const said = state === 'unpinned' && check ? 'The image has no digest.' : why;
  return { file, line, path, image, digest, state, passed, why: said, cause };
}

async function changesOf(
  files: readonly ImagesFile[],
  placed: readonly Placed[],
  judged: ReadonlyMap<string, Judged>,
): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for (const file of files) {
    const pins = placed.flatMap(({ file: at, found }) => {
      const digest = at === file ? judged.get(found.image)?.digest : undefined;
      return digest === undefined ? [] : [{ image: found, digest }];
    });
    const after = await pinnedFile(file.file, pins);
    if (!Buffer.from(after).equals(file.bytes)) changes.push({ file, after });
  }
  return changes;
}

/** A place is one record, whatever image is there. */
async function recorded(
  placed: readonly Placed[],
  judged: ReadonlyMap<string, Judged>,
  inputs: PinInputs,
  job: Job,
): Promise<void> {
  const images = placed.flatMap(({ file, found }) => {
    const { tag, ...reference } = parseReference(found.image);
    const digest = judged.get(found.image)?.digest;
    const name = formatRepository(reference);
    return digest === undefined ? [] : [{ name, digest, tag, place: `${file.name} ${found.path}` }];
  });
  await recordDeployment(job, inputs.token, inputs.deployment, images);
  job.log.info(`Recorded ${counted(images.length, 'image', 'images')} in ${inputs.deployment}.`);
}
