import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { TidegateError } from '@tidegate/core';

/** Something that a program was to leave, in the words of an error. */
export interface Expected {
  /** `Syft`. */
  readonly tool: string;
  /** With its article: `an SPDX document`. */
  readonly what: string;
  /** What follows from its absence: `the image counts as not catalogued`. */
  readonly otherwise: string;
}

/** For `rm`: whatever a program left there, a folder too, and nothing as well. */
export const ANYTHING = { recursive: true, force: true } as const;

/**
 * The bytes that a program left in a file. That it ended with 0 is not enough: they must be there, in a plain file, and
 * no more than their reader takes. A pipe or a device in its place would be read for ever.
 * @param limit in bytes
 * @throws TidegateError `tool`
 */
export async function readLeft(path: string, expected: Expected, limit: number): Promise<Uint8Array> {
  const { tool, what, otherwise } = expected;
  // Without O_NONBLOCK a pipe that nobody writes to is waited for when it is opened.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  try {
    const found = await file?.stat();
    if (!file || !found?.isFile() || found.size === 0) {
      throw unusable(expected, `${tool} exited 0 but did not write ${what}: ${otherwise}.`);
    }
    if (found.size > limit) {
      throw unusable(
        expected,
        `${tool} wrote ${what} of ${found.size} bytes, more than the limit of ${limit}: ${otherwise}.`,
      );
    }
    return await file.readFile();
  } finally {
    await file?.close();
  }
}

/**
 * What a reader makes of it. A reader knows what is wrong and where; whose doing it is, and what follows, is said here.
 * @throws TidegateError with the reader's code
 */
export function readAs<T>(expected: Expected, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw spoilt(expected, error);
  }
}

/** Like `readAs`, for a reader that waits. */
export async function readingAs<T>(expected: Expected, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw spoilt(expected, error);
  }
}

function spoilt(expected: Expected, error: unknown): unknown {
  if (!(error instanceof TidegateError)) return error;
  const { tool, what, otherwise } = expected;
  return unusable(
    expected,
    `${tool} exited 0 but wrote ${what} that is not valid: ${otherwise}. ${error.message}`,
    error,
  );
}

function unusable({ tool }: Expected, message: string, cause?: TidegateError): TidegateError {
  return new TidegateError(cause?.code ?? 'tool', message, {
    next: `Run again. If it still fails, report it with the version of ${tool}.`,
    cause,
  });
}
