import { resolve } from 'node:path';
import { badInput, formatPlatform, parsePlatform } from '@tidegate/core';
import { joinTargets, openTarget, platformDigests } from '@tidegate/pipeline';
import type { Inputs, Job, Outputs } from '@tidegate/runner';
import { assertExpected } from '../support/expected-digest.ts';
import { newLayout } from '../support/layout-folder.ts';
import type { action } from './action.ts';

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  const { layouts, digests, platforms } = inputs;
  const count = (input: string, given: number) => {
    if (given === layouts.length) return;
    throw badInput(
      input,
      String(given),
      `${layouts.length} entries, one for each layout`,
      'Give them in the same order.',
    );
  };
  count('digests', digests.length);
  if (platforms.length > 0) count('platforms', platforms.length);
  const targets = await Promise.all(layouts.map((folder) => openTarget(resolve(job.workspace, folder))));
  for (const [at, target] of targets.entries()) {
    assertExpected(target, digests[at] ?? '');
    const wanted = platforms[at];
    const found = target.image.platforms.map((one) => formatPlatform(one.platform)).join(', ');
    if (wanted !== undefined && found !== formatPlatform(parsePlatform(wanted))) {
      throw badInput('layouts', layouts[at] ?? '', `an image of ${wanted}, but it is of ${found}`, 'Check the order.');
    }
  }
  const layout = await newLayout(inputs, job);
  const joined = await joinTargets(targets, layout, { annotations: Object.fromEntries(inputs.annotations) });
  return { layout, digest: joined.image.root.digest, platforms: JSON.stringify(platformDigests(joined.image)) };
}
