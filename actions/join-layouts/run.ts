import { resolve } from 'node:path';
import { assertAnnotated, badInput, counted, formatPlatform, parsePlatform, planAnnotations } from '@tidegate/core';
import { joinTargets, openTarget, platformDigests, takeRebuilds, takeTestResults } from '@tidegate/pipeline';
import type { Inputs, Job, Outputs } from '@tidegate/runner';
import { newLayout } from '../support/layout-folder.ts';
import { assertExpected } from '../support/registry/expected-digest.ts';
import type { action } from './action.ts';
import { layoutFolders, testsArtifact } from './artifact-folders.ts';
import { assertJoins, completeEvidence } from './evidence.ts';

const AT_THE_BUILD = 'Set manifest annotations where the manifest is built: with the input annotations of build-image.';

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  if (inputs.evidence !== '') return completeEvidence(inputs, job);
  assertJoins(inputs);
  const { layouts, digests, platforms } = inputs;
  const count = (input: string, given: number) => {
    if (given === layouts.length) return;
    throw badInput(
      'input-value-not-allowed',
      input,
      String(given),
      `${layouts.length} entries, one per layout`,
      'List them in the order of the layouts.',
    );
  };
  count('digests', digests.length);
  if (platforms.length > 0) count('platforms', platforms.length);
  const annotations = planAnnotations({}, inputs.annotations, { levels: ['index'] });
  if (annotations.entries.some(({ level }) => level === 'manifest')) {
    throw badInput(
      'label-invalid',
      'annotations',
      'manifest:',
      'index, manifest-descriptor or index-descriptor',
      AT_THE_BUILD,
    );
  }
  job.log.info(`Join the images of ${counted(layouts.length, 'layout')} into one index; nothing is published.`);
  const home = resolve(job.workspace, inputs['layouts-dir']);
  const folders = await layoutFolders(home, layouts);
  const targets = await Promise.all(folders.map(openTarget));
  for (const [at, target] of targets.entries()) {
    assertExpected(target, digests[at] ?? '');
    const wanted = platforms[at];
    const found = target.image.platforms.map((one) => formatPlatform(one.platform)).join(', ');
    if (wanted !== undefined && found !== formatPlatform(parsePlatform(wanted))) {
      throw badInput(
        'input-value-not-allowed',
        'layouts',
        layouts[at] ?? '',
        `an image for ${wanted}, but it is for ${found}`,
        'Check the order of the entries.',
      );
    }
  }
  assertAnnotated(
    annotations,
    targets.flatMap(({ image }) => image.platforms.map(({ platform }) => platform)),
  );
  const layout = await newLayout(inputs, job);
  const onRemoved = () =>
    job.log.notice(
      'The layouts contain evidence other than provenance and SBOMs. It is removed, because it comes from the jobs that ' +
        'it is about. Set test-results-dir to the results of test-image, and reproduced to the outputs of second builds.',
    );
  const joined = await joinTargets(targets, layout, { annotations, onRemoved });
  await takeRebuilds(joined, inputs.reproduced);
  const results = inputs['test-results-dir'];
  if (results !== '') {
    const artifacts = targets.map(
      ({ image }, at) =>
        [testsArtifact(layouts[at] ?? ''), image.platforms.map((one) => one.descriptor.digest)] as const,
    );
    await takeTestResults(joined, resolve(job.workspace, results), new Map(artifacts));
  }
  return { layout, digest: joined.image.root.digest, platforms: JSON.stringify(platformDigests(joined.image)) };
}
