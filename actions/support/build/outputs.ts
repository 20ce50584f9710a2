import { lstat, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { badInput } from '@tidegate/core';
import { type BuildOutput, byproductsOf, type ExportedOutput, unknownStages } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';

const KEYS: ReadonlySet<string> = new Set(['type', 'target', 'dest']);

/**
 * Stages that are exported as files. Their places are new or empty, and inside the workspace or RUNNER_TEMP: files of a
 * build never replace others.
 * @param dockerfile its text, if it is a file of this machine
 * @param layout the folder of the image layout
 * @throws TidegateError `bad-input`
 */
export async function buildOutputsOf(
  lines: readonly string[],
  {
    dockerfile,
    platforms,
    layout,
    hasNodes,
  }: {
    readonly dockerfile?: string | undefined;
    readonly platforms: number;
    readonly layout: string;
    readonly hasNodes?: boolean;
  },
  job: Job,
): Promise<readonly BuildOutput[]> {
  const [first] = lines;
  if (first !== undefined && hasNodes) {
    const next = 'Export the stages in a step without builder-endpoints.';
    throw badInput('input-conflict', 'outputs', first, 'no builder-endpoints beside it', next);
  }
  const outputs = lines.map((line) => parsed(line, job));
  const [unknown] =
    dockerfile === undefined
      ? []
      : unknownStages(
          dockerfile,
          outputs.map(({ target }) => target),
        );
  if (unknown !== undefined) {
    const next = 'Write the name after AS in its FROM; a stage without a name cannot be exported.';
    throw badInput('input-value-not-allowed', 'outputs', unknown, 'names of stages in the Dockerfile', next);
  }
  const taken = [resolve(layout)];
  for (const [at, { dest, name, type }] of outputs.entries()) {
    const line = lines[at] ?? '';
    if (type === 'tar' && platforms > 1) {
      throw wrong(line, 'type=local for several platforms', 'Use type=local: it has one folder for each platform.');
    }
    if (outputs.findIndex((other) => other.name === name) !== at) {
      throw wrong(line, 'each stage and type once', 'Remove the duplicate line.');
    }
    if (taken.some((other) => isBelow(dest, other) || isBelow(other, dest))) {
      throw wrong(line, 'a dest of its own, apart from other outputs and the layout', 'Choose another dest.');
    }
    taken.push(dest);
    await assertPlace(line, dest, type, job);
  }
  return outputs;
}

function parsed(line: string, job: Job): BuildOutput {
  const fields = new Map<string, string>();
  for (const field of line.split(',')) {
    const equals = field.indexOf('=');
    const key = field.slice(0, Math.max(equals, 0)).trim();
    if (!KEYS.has(key) || fields.has(key)) throw wrong(line, 'type=, target= and dest=, each once');
    fields.set(key, field.slice(equals + 1).trim());
  }
  const { type = 'local', target = '', dest = '' } = Object.fromEntries(fields);
  if (type !== 'local' && type !== 'tar') throw wrong(line, 'type=local or type=tar: the image itself is the layout');
  // frontend/dockerfile/instructions/parse.go: names of stages.
  if (!/^[a-z][a-z0-9._-]{0,100}$/.test(target.toLowerCase())) throw wrong(line, 'target= with the name of a stage');
  if (dest === '' || dest === '-') throw wrong(line, 'dest= with a path');
  const path = resolve(job.workspace, dest);
  const shown = relative(job.workspace, path);
  return {
    name: type === 'tar' ? `${target.toLowerCase()}.tar` : target.toLowerCase(),
    target,
    type,
    dest: path,
    shown: shown.startsWith('..') ? path : shown,
    fileName: basename(path),
  };
}

/** Symbolic links count: a folder of the checkout may lead out of it. */
async function assertPlace(line: string, dest: string, type: BuildOutput['type'], job: Job): Promise<void> {
  const roots = await Promise.all([job.workspace, job.temp].map((root) => realpath(root)));
  const real = await realPlace(dest);
  if (!roots.some((root) => real !== root && isBelow(real, root)) || real.split(sep).includes('.git')) {
    throw wrong(line, 'a dest inside the workspace or RUNNER_TEMP, without links out of it', 'Choose another dest.');
  }
  const found = await lstat(dest).catch(() => undefined);
  if (found === undefined) return;
  const isFree = type === 'local' && found.isDirectory() && (await readdir(dest)).length === 0;
  if (!isFree)
    throw wrong(line, 'a dest that does not exist, or an empty folder', 'Remove it first, or choose another.');
}

/** The path with the links of its existing folders resolved. */
async function realPlace(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    // A link to nothing would be followed when the folder is made.
    if (await lstat(path).catch(() => undefined)) return path === '/' ? path : '/';
    return join(await realPlace(dirname(path)), basename(path));
  }
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}${sep}`);
}

function wrong(line: string, expected: string, next = 'Write for example target=binaries,dest=out/.') {
  return badInput('input-format-wrong', 'outputs', line, expected, next);
}

/** `sha256:…  PATH` for each file, as sha256sum prints it. */
export function exportedLines(exported: readonly ExportedOutput[]): string {
  return byproductsOf(exported)
    .map(({ name, digest }) => `${digest}  ${name}`)
    .join('\n');
}
