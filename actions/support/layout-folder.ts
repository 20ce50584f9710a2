import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { badInput } from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import { makeFolder } from '@tidegate/tools';

/** Chained steps find each other's layout here: one folder per image and job, `RUNNER_TEMP/tidegate/<name>/layout`. */
const HOME = 'tidegate';
const DEFAULT_NAME = 'image';
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

interface LayoutInputs {
  readonly layout: string;
  readonly name: string;
}

/** The folder of one image in this job: its layout, SBOMs and reports. */
function imageFolder(inputs: LayoutInputs, job: Job): string {
  if (inputs.layout) return dirname(resolve(job.workspace, inputs.layout));
  return join(job.temp, HOME, nameOf(inputs));
}

function nameOf(inputs: LayoutInputs): string {
  if (inputs.name === '') return DEFAULT_NAME;
  if (NAME.test(inputs.name)) return inputs.name;
  throw badInput(
    'input-format-wrong',
    'name',
    inputs.name,
    'lower-case letters, digits, dots, dashes and underscores',
    'Write a name such as api.',
  );
}

/**
 * The path for a new layout. It must not exist: if two images of one job silently shared a folder, the evidence of one
 * would be attached to the other.
 */
export async function newLayout(inputs: LayoutInputs, job: Job): Promise<string> {
  const folder = inputs.layout ? resolve(job.workspace, inputs.layout) : join(imageFolder(inputs, job), 'layout');
  const there = await stat(folder).catch(() => undefined);
  if (there) {
    const input = inputs.layout ? 'layout' : 'name';
    throw badInput(
      'input-path-unusable',
      input,
      inputs[input],
      'a layout that does not exist yet',
      `${folder} contains a layout. Set another name for this image, or remove the layout.`,
    );
  }
  await makeFolder(dirname(folder));
  return folder;
}

/** The layout that an earlier step made: the named one, or the only one of this job. */
export async function existingLayout(inputs: LayoutInputs, job: Job): Promise<string> {
  if (inputs.layout) return resolve(job.workspace, inputs.layout);
  const home = join(job.temp, HOME);
  const names = inputs.name ? [nameOf(inputs)] : await readdir(home).catch(() => []);
  const found: string[] = [];
  for (const name of names.toSorted()) {
    if (await stat(join(home, name, 'layout', 'oci-layout')).catch(() => undefined)) found.push(name);
  }
  const [only] = found;
  if (only !== undefined && found.length === 1) return join(home, only, 'layout');
  if (found.length > 1) {
    throw badInput(
      'input-missing',
      'name',
      '',
      `the name of one of this job's images: ${found.join(', ')}`,
      'Set name or layout.',
    );
  }
  throw badInput(
    'input-path-unusable',
    inputs.name ? 'name' : 'layout',
    inputs.name,
    'an image that build-image made earlier in this job',
    'Run build-image before this step, or set layout to the folder of an OCI image layout.',
  );
}
