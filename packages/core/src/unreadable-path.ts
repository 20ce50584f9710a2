import { messageOf, TidegateError } from './error.ts';
import { quoted } from './text/wording.ts';

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'the user of this step may not read it',
  EPERM: 'the user of this step may not read it',
  ELOOP: 'it is a link that leads to itself',
  ENXIO: 'it is a socket or a pipe',
  ENAMETOOLONG: 'the path is too long',
  ERR_INVALID_ARG_VALUE: 'the path contains a null byte',
};

/** Why a path cannot be read, as the end of a sentence: the system's own text is a code and a call. */
export function whyUnreadable(error: unknown): string {
  return WHY[codeOf(error)] ?? messageOf(error);
}

function codeOf(error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

/**
 * The error for a path from the user that cannot be read.
 * @param named the input or the flag, as it begins the message: `Input tests`
 * @param given the path as the user wrote it
 * @param file where that path leads on this machine
 */
export function unreadablePath(
  named: string,
  given: string,
  expected: string,
  error: unknown,
  file: string = given,
): TidegateError {
  const isDenied = /^(?:EACCES|EPERM)$/.test(codeOf(error));
  const next = isDenied ? `Grant the user of this step access to ${file}.` : `Correct the path: it leads to ${file}.`;
  const why = whyUnreadable(error);
  return new TidegateError('input-path-unusable', `${named}: got ${quoted(given)}, expected ${expected}, but ${why}.`, {
    next,
    cause: error,
  });
}

interface Found {
  readonly size: number;
  isFile(): boolean;
  isDirectory(): boolean;
}

/**
 * The type and the size that a file must have before it is read.
 * @throws Error with the reason as `whyUnreadable` returns it
 */
export function assertFile(found: Found, limit: number): void {
  if (found.isDirectory()) throw new Error('it is a folder');
  if (!found.isFile()) throw new Error('it is not a file');
  if (found.size > limit) throw new Error(`it has ${found.size} bytes, more than ${limit}`);
}
