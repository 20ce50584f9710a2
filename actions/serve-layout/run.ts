import { badInput, hasKind, isTag, parseImage } from '@tidegate/core';
import { openTarget, platformDigests } from '@tidegate/pipeline';
import type { Inputs, Job, Outputs } from '@tidegate/runner';
import { existingLayout } from '../support/layout-folder.ts';
import { assertExpected } from '../support/registry/expected-digest.ts';
import type { action } from './action.ts';
import { startServer } from './start.ts';

const DEFAULT_LIFETIME = 6 * 60 * 60 * 1000;

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  const repository = imageName(inputs.image, job);
  if (!isTag(inputs.tag)) {
    throw badInput('tag-invalid', 'tag', inputs.tag, 'a valid tag', 'Write for example candidate.');
  }
  const port = portOf(inputs.port);
  const layout = await existingLayout(inputs, job);
  const target = await openTarget(layout);
  assertExpected(target, inputs['expected-digest']);
  const { root } = target.image;
  const until = job.clock().getTime() + (inputs.lifetime ?? DEFAULT_LIFETIME);
  const registry = await startServer({ layout, root, repository, tag: inputs.tag, port, until }, job);
  const reference = `${registry}/${repository}@${root.digest}`;
  job.log.info(`The image is ${reference}, read-only, on this machine, until the job ends; nothing is published.`);
  return { reference, registry, layout, digest: root.digest, platforms: JSON.stringify(platformDigests(target.image)) };
}

function imageName(given: string, job: Job): string {
  if (given === '') return named(job.env.GITHUB_REPOSITORY || 'image').reference.repository;
  const { reference, notice } = named(given);
  if (reference.tag !== undefined || reference.digest !== undefined) {
    throw badInput(
      'image-name-invalid',
      'image',
      given,
      'a name without a tag or digest',
      'Set the tag with the input tag.',
    );
  }
  if (notice !== undefined) job.log.notice(notice);
  return reference.repository;
}

function named(name: string): ReturnType<typeof parseImage> {
  try {
    // Any host will do: it is not part of the name.
    return parseImage(`localhost/${name}`);
  } catch (error) {
    if (!hasKind(error, 'bad-input')) throw error;
    const expected = 'the name of a repository, without a registry';
    throw badInput('image-name-invalid', 'image', name, expected, 'Write for example acme/app.');
  }
}

function portOf(text: string): number | undefined {
  if (text === '') return undefined;
  const port = Number(text);
  if (/^[0-9]{1,5}$/.test(text) && port >= 1 && port <= 65535) return port;
  throw badInput('input-format-wrong', 'port', text, 'a port from 1 to 65535', 'Leave it out to use a free port.');
}
