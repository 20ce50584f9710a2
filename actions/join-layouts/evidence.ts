import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { badInput, counted, formatBytes, TidegateError } from '@tidegate/core';
import { addLayers, ImageLayout } from '@tidegate/oci';
import { openTarget, platformDigests } from '@tidegate/pipeline';
import type { Inputs, Job, Outputs } from '@tidegate/runner';
import { assertExpected, assertExpectedLayout } from '../support/registry/expected-digest.ts';
import type { action } from './action.ts';

/** Inputs that have an effect only when layouts are joined into a new one, or only with `evidence`. */
const ONLY_JOINED = [
  'digests',
  'platforms',
  'annotations',
  'test-results-dir',
  'reproduced',
  'layout',
  'name',
] as const;
const ONLY_COMPLETED = ['expected-digest', 'expected-layout-digest'] as const;

/**
 * Complete the evidence of another job with the layers of the builds. The digests of image and layout are compared
 * first: everything else is bound by them.
 */
export async function completeEvidence(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  assertEmpty(inputs, ONLY_JOINED, 'because evidence is set');
  const folder = resolve(job.workspace, inputs.evidence);
  const target = await openTarget(folder);
  assertExpected(target, inputs['expected-digest']);
  await assertExpectedLayout(target, inputs['expected-layout-digest']);
  const builds = await buildsOf(inputs, folder, job);
  const { layers, bytes } = await addLayers(target.layout, target.image, builds, { signal: job.signal });
  const { digest } = target.image.root;
  job.log.info(`${digest}: added ${counted(layers, 'layer')} (${formatBytes(bytes)}) to its evidence.`);
  return { layout: folder, digest, platforms: JSON.stringify(platformDigests(target.image)) };
}

/** @throws TidegateError `bad-input` for inputs that are missing, or that have an effect only with `evidence` */
export function assertJoins(inputs: Inputs<typeof action>): void {
  assertEmpty(inputs, ONLY_COMPLETED, 'because evidence is not set');
  for (const name of ['layouts', 'digests'] as const) {
    if (inputs[name].length > 0) continue;
    throw badInput('input-missing', name, '', 'a value', `Write one of the ${name} per line, or set evidence.`);
  }
}

/** The named layouts, or those in all folders of `layouts-dir`. */
async function buildsOf(inputs: Inputs<typeof action>, evidence: string, job: Job): Promise<readonly ImageLayout[]> {
  const home = resolve(job.workspace, inputs['layouts-dir']);
  const folders = (inputs.layouts.length > 0 ? inputs.layouts : await foldersIn(home))
    .map((name) => resolve(home, name))
    .filter((path) => path !== evidence);
  if (folders.length === 0) {
    throw new TidegateError('join-empty', `${home} contains no layout of a build.`, {
      next: 'Download the artifacts of the build jobs into layouts-dir.',
    });
  }
  return Promise.all(folders.map((path) => ImageLayout.open(path)));
}

async function foldersIn(home: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(home, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .toSorted();
  } catch {
    throw badInput('input-path-unusable', 'layouts-dir', home, 'a folder with layouts', 'Check the path.');
  }
}

function assertEmpty(
  inputs: Inputs<typeof action>,
  names: readonly (typeof ONLY_JOINED | typeof ONLY_COMPLETED)[number][],
  why: string,
): void {
  for (const name of names) {
    const value = inputs[name];
    const shown = typeof value === 'string' ? value : counted(value.length, 'entry', 'entries');
    if (value.length > 0) throw badInput('input-conflict', name, shown, `no value, ${why}`, 'Remove it.');
  }
}
