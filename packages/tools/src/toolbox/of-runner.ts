import { lstat, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Log, messageOf, quoted } from '@tidegate/core';
import type { ChildContexts } from '../run/child-context.ts';
import { isExecutable } from '../run/which.ts';
import type { Run, Tool } from './tool.ts';
import { toolAt } from './toolbox.ts';

/**
 * The oldest buildx that is used in place of the pinned one: its options and metadata are those of the pinned one, as
 * far as Tidegate uses them.
 */
export const OLDEST_BUILDX = [0, 30, 0] as const;

/**
 * Folders of docker's plugins that belong to the machine (docker/cli, cli-plugins/manager/manager_unix.go). Those of the
 * user (`~/.docker/cli-plugins`) are left out: an earlier job of a self-hosted runner can write there.
 */
const PLUGIN_FOLDERS = [
  '/usr/local/lib/docker/cli-plugins',
  '/usr/local/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
  '/usr/libexec/docker/cli-plugins',
];
/** In milliseconds. It prints one line. */
const TIMEOUT = 10_000;
/** `github.com/docker/buildx v0.36.1 <commit>`; distributions add to the version, as in `0.36.1+ds1`. */
const VERSION = /^github\.com\/docker\/buildx v?(\d{1,5})\.(\d{1,5})\.(\d{1,5})(?:\+\S*)?(?:\s|$)/;

interface OfRunner {
  readonly run: Run;
  readonly children: ChildContexts;
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
}

/** For tests: another machine. */
interface Machine {
  readonly folders?: readonly string[];
  readonly isOfMachine?: (path: string) => Promise<boolean>;
}

/**
 * The runner's own buildx, if it is there, belongs to the machine and is new enough: hosted runners have one, and it
 * saves a download of 65 MB. It is as trustworthy as the runner's git and docker, and no more: it is not pinned.
 */
export async function buildxOfRunner(
  { run, children, log, signal }: OfRunner,
  { folders = PLUGIN_FOLDERS, isOfMachine = belongsToMachine }: Machine = {},
): Promise<Tool | undefined> {
  for (const folder of folders) {
    const named = join(folder, 'docker-buildx');
    if (!(await isExecutable(named))) continue;
    const path = await realpath(named);
    if (!(await isOfMachine(named)) || !(await isOfMachine(path))) {
      log.debug(`${named} is not used: other users than root can change it.`);
      continue;
    }
    try {
      const context = await children.create();
      const { stdout } = await run(path, ['version'], { context, timeout: TIMEOUT, signal });
      const version = versionOf(stdout);
      if (version === undefined || isOlder(version)) {
        log.debug(`${named} is not used: ${quoted(stdout, 100)}, expected ${OLDEST_BUILDX.join('.')} or newer.`);
        continue;
      }
      log.info(`buildx ${version.join('.')} of the runner (${path}).`);
      return { ...toolAt('buildx', path), version: version.join('.'), source: 'runner' };
    } catch (error) {
      if (signal?.aborted) throw error;
      log.debug(`${named} is not used: ${messageOf(error)}`);
    }
  }
  return undefined;
}

function versionOf(text: string): readonly number[] | undefined {
  return VERSION.exec(text)?.slice(1).map(Number);
}

function isOlder(version: readonly number[]): boolean {
  const at = OLDEST_BUILDX.findIndex((least, index) => version[index] !== least);
  return at !== -1 && (version[at] ?? 0) < (OLDEST_BUILDX[at] ?? 0);
}

/** Whether root owns the file and each folder above it, and no one else may write to them. */
async function belongsToMachine(path: string): Promise<boolean> {
  for (let at = path; ; at = dirname(at)) {
    const { uid, mode } = await lstat(at);
    // The mode of a symbolic link is not used.
    const isLink = (mode & 0o170000) === 0o120000;
    if (uid !== 0 || (!isLink && (mode & 0o022) !== 0)) return false;
    if (at === dirname(at)) return true;
  }
}
