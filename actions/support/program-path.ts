import { isAbsolute } from 'node:path';
import { badInput } from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import { resolvesOutside } from '@tidegate/tools';

/**
 * The folder of the user's own programs: an absolute path outside of the workspace, after resolving links. A commit
 * must not be able to change the programs that check the commit.
 * @throws TidegateError `bad-input`
 */
export async function programPath(input: string, path: string, { workspace }: Pick<Job, 'workspace'>): Promise<string> {
  if (isAbsolute(path) && (await resolvesOutside(path, workspace))) return path;
  throw badInput(
    'input-path-unusable',
    input,
    path,
    'an absolute path outside of the workspace',
    'Keep your own programs on the runner, for example in /opt/tidegate: a commit could change programs in the workspace.',
  );
}
