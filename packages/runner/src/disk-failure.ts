import { statSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { capitalised, messageOf } from '@tidegate/core';
import { foldersOf } from './environment.ts';

type Variables = Readonly<Record<string, string | undefined>>;

export interface DiskFailure {
  readonly id: 'disk-full' | 'file-access';
  readonly message: string;
  readonly next: string;
}

/** The folders of a job, with the variable that names each. */
interface Place {
  readonly variable: string;
  readonly folder: string;
}

/**
 * Explains a file system error to the user: the folder at fault, the variable that names it, and the next step.
 * @returns undefined for other errors, and for a file that is missing in an intact folder: only Tidegate itself
 * expected that file
 */
export function diskFailure(error: unknown, env: Variables): DiskFailure | undefined {
  const { code, syscall, path: from, dest } = Object(error) as NodeJS.ErrnoException & { dest?: string };
  if (code === undefined || syscall === undefined) return undefined;
  const general = GENERAL[code];
  if (general !== undefined) return { id: 'disk-full', message: messageOf(error), next: general };
  // Of two paths, the one that is written.
  const path = dest ?? from;
  if (typeof path !== 'string') {
    if (code !== 'EACCES' && code !== 'EPERM') return undefined;
    return { id: 'file-access', message: messageOf(error), next: socketAccess(error) };
  }
  const found = causeOf(code, syscall, path);
  if (found === undefined) return undefined;
  const place = placeOf(path, env);
  const isItself = place !== undefined && isBelow(place.folder, found.at);
  if (code === 'ENOENT' && place && !isItself && found.at !== path) return undefined;
  const isPlace = isItself || dirname(found.at) === place?.folder;
  const what = place ? `${place.variable} is ${place.folder}, and ${found.why}` : capitalised(found.why);
  const next = isPlace ? `${found.next}, or set ${place.variable} to another folder` : found.next;
  return { id: 'file-access', message: `${what} (${code}, ${syscall} ${path}).`, next: `${next}.` };
}

/** The innermost folder of the job that `path` is in. */
function placeOf(path: string, env: Variables): Place | undefined {
  const { temp, workspace, toolCache } = foldersOf(env);
  const places: readonly Place[] = [
    { variable: env.RUNNER_TEMP ? 'RUNNER_TEMP' : 'TMPDIR', folder: temp },
    ...(env.RUNNER_TOOL_CACHE ? [{ variable: 'RUNNER_TOOL_CACHE', folder: toolCache }] : []),
    { variable: 'GITHUB_WORKSPACE', folder: workspace },
    ...(env.HOME ? [{ variable: 'HOME', folder: env.HOME }] : []),
  ];
  return places.filter(({ folder }) => isBelow(path, folder)).toSorted((a, b) => b.folder.length - a.folder.length)[0];
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Errors that are not about one path. */
const GENERAL: Readonly<Record<string, string>> = {
  ENOSPC: "Free some space: the runner's disk is full.",
  EDQUOT: "Free some space: the user's disk quota is used up.",
  EMFILE: 'Raise the limit of open files (ulimit -n).',
  ENFILE: "Raise the machine's limit of open files (fs.file-max).",
};

/** The next step for an error without a file, of a socket. */
function socketAccess(error: unknown): string {
  const { address } = Object(error) as { address?: unknown };
  if (typeof address !== 'string') return 'Allow the user of this step to open the connection.';
  const group = address.endsWith('/docker.sock') ? ', for example by adding it to the group docker' : '';
  return `Grant the user of this step access to ${address}${group}.`;
}

interface Cause {
  /** The folder or file that is not in the required state. */
  readonly at: string;
  readonly why: string;
  /** An imperative without its full stop. */
  readonly next: string;
}

function causeOf(code: string, syscall: string, path: string): Cause | undefined {
  const { at, is } = firstUnsound(path);
  const writes = WRITING.has(syscall);
  switch (code) {
    case 'EROFS':
      return { at: path, why: `${path} is on a read-only file system`, next: `Mount ${dirname(path)} writable` };
    case 'EACCES':
    case 'EPERM': {
      const denied = is === 'denied' ? at : path;
      const uid = process.getuid?.();
      return {
        at: denied,
        why: `the user of this step (uid ${uid}) may not ${writes ? 'write' : 'use'} ${denied}`,
        // The owner of the folder decides what may be created in it.
        next: `Grant that user access to it, for example with chown -R ${uid} ${is === 'missing' ? dirname(at) : denied}`,
      };
    }
    case 'EEXIST':
    case 'ENOTDIR':
      // An existing file that Tidegate meant to create is its own bug.
      if (is !== 'file' || (code === 'EEXIST' && syscall !== 'mkdir')) return undefined;
      return { at, why: `${at} is a file where a folder must be`, next: 'Remove that file' };
    case 'EISDIR':
      return { at: path, why: `${path} is a folder where a file must be`, next: 'Remove that folder' };
    case 'ENOENT':
      if (is === 'missing' && at !== path) return { at, why: `${at} does not exist`, next: 'Create that folder' };
      if (is !== 'missing' || !MAKING.has(syscall)) return undefined;
      return { at, why: `nothing can be created in ${dirname(path)}`, next: 'Make that folder writable' };
    case 'ENAMETOOLONG':
      return { at: path, why: `the path ${path} is too long`, next: 'Choose a shorter path' };
    case 'ELOOP':
      return { at: path, why: `${path} is a symbolic link that leads to itself`, next: 'Remove that link' };
    default:
      return undefined;
  }
}

const MAKING = new Set(['mkdir', 'mkdtemp']);
const WRITING = new Set([...MAKING, 'open', 'copyfile', 'rename', 'link', 'symlink', 'rm', 'rmdir', 'unlink', 'chmod']);

/** The topmost part of `path` in a wrong state: missing, a file with something below it, or out of reach. */
function firstUnsound(path: string): { readonly at: string; readonly is: 'missing' | 'file' | 'denied' | 'sound' } {
  const above = dirname(path) === path ? undefined : firstUnsound(dirname(path));
  if (above && above.is !== 'sound') return above;
  try {
    if (!statSync(path).isDirectory()) return { at: path, is: 'file' };
    return { at: path, is: 'sound' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { at: path, is: code === 'ENOENT' ? 'missing' : 'denied' };
  }
}
