import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { badInput, messageOf } from '@tidegate/core';
import type { Job } from '@tidegate/runner';

/**
 * A folder to write into, relative to the workspace; it need not exist. `fallback` applies if the input is not set.
 * @throws TidegateError `bad-input` if a file is in its place
 */
export async function outputFolder(input: string, value: string, fallback: string, job: Job): Promise<string> {
  if (value === '') return fallback;
  const folder = resolve(job.workspace, value);
  let found: Awaited<ReturnType<typeof stat>>;
  try {
    found = await stat(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return folder;
    throw badInput(
      'input-path-unusable',
      input,
      value,
      'the path of a folder',
      `Choose another path: ${messageOf(cause)}.`,
    );
  }
  if (found.isDirectory()) return folder;
  throw badInput('input-path-unusable', input, value, 'the path of a folder', 'Choose another path: a file is there.');
}
