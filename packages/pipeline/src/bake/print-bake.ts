import { mkdtemp, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { composeBuilds, hasKind, TidegateError } from '@tidegate/core';
import { makeFolder } from '@tidegate/tools';
import type { Services } from '../services.ts';

/** A bake or compose file that was read. */
export interface BakeFile {
  /** As the user named it. */
  readonly name: string;
  readonly text: string;
}

export interface BakeQuery {
  /** In the order in which they override each other. */
  readonly files: readonly BakeFile[];
  /** Targets, groups or patterns. Empty: the group or target `default`. */
  readonly targets: readonly string[];
  readonly variables: readonly (readonly [name: string, value: string])[];
}

/** In milliseconds. A definition of a thousand targets takes one second, and one of ten thousand more than a minute. */
const TIMEOUT = 20_000;
/** Bytes. The matrix of a job is at most 1 MB. */
const MOST_PRINTED = 16 * 1024 * 1024;

/** docker's own names begin with `docker-bake`; the ending decides how buildx reads a file. */
const COMPOSE = ['.yml', '.yaml'];
const HCL = ['.hcl', '.json'];

/**
 * The definition of the targets, as `buildx bake --print` resolves it. buildx sees copies of the files in a folder of
 * their own, and no variables but the given ones: a definition may read variables of its environment, `.env`, and, in
 * compose, other files, and could print them.
 * @returns JSON
 * @throws TidegateError `bad-input`, with what buildx says, if it cannot read the files
 */
export async function printBake(query: BakeQuery, services: Services): Promise<string> {
  const folder = await mkdtemp(join(services.temp, 'bake-'));
  const names = query.variables.map(([name]) => name);
  const files: string[] = [];
  for (const [at, { name, text }] of query.files.entries()) {
    const ending = extname(name).toLowerCase();
    const isCompose = COMPOSE.includes(ending);
    if (!isCompose && !HCL.includes(ending)) {
      throw new TidegateError(
        'bake-definition-invalid',
        `The name of the bake file ${name} does not end with ${[...HCL, ...COMPOSE].join(', ')}.`,
        { next: 'Rename it, for example to docker-bake.hcl.' },
      );
    }
    const path = join(String(at), basename(name));
    await makeFolder(join(folder, String(at)));
    await writeFile(join(folder, path), isCompose ? await composeBuilds(text, name, names) : text);
    files.push(path);
  }
  const { path: buildx } = await services.tools.get('buildx');
  const context = await services.children.create({
    cwd: folder,
    set: { BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP: '1', BUILDX_GIT_INFO: 'false' },
  });
  const argv = [
    ...['bake', '--print', '--progress', 'plain'],
    ...files.flatMap((file) => ['--file', file]),
    ...query.variables.flatMap(([name, value]) => ['--var', `${name}=${value}`]),
    '--',
    ...query.targets,
  ];
  const options = { context, timeout: TIMEOUT, maxOutput: MOST_PRINTED, signal: services.signal };
  try {
    return (await services.run(buildx, argv, options)).stdout;
  } catch (error) {
    if (!hasKind(error, 'tool') || services.signal.aborted) throw error;
    throw new TidegateError(
      'bake-definition-invalid',
      `buildx cannot read the bake files: ${error.message.replaceAll(`${folder}/`, '')}`,
      { next: nextFor(error.message), cause: error },
    );
  }
}

/** buildx looks for the files of secrets and for SSH agents even if it only prints. */
function nextFor(message: string): string | undefined {
  if (/ssh|agent/i.test(message)) {
    return 'Remove `ssh` from the targets: SSH agents are not passed to the build. Use a secret, or call the workflow for that image alone with its input ssh.';
  }
  if (message.includes('failed to stat')) {
    return 'Files of secrets are not read: write `secret = ["id=ID,env=ID"]`, pass ID=VALUE in the secret build-secrets of the workflow, and name the ID in the input bake-secrets.';
  }
  return undefined;
}
