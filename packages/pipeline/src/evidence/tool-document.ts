import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { TidegateError } from '@tidegate/core';

/** Describes an expected output file of a program, for errors. */
export interface Expected {
  /** `Syft`. */
  readonly tool: string;
  /** Name with its article: `an SPDX document`. */
  readonly what: string;
  /** Consequence if it is missing: `the image counts as not cataloged`. */
  readonly otherwise: string;
}

/** Options for `rm` that remove a file, a folder, or nothing. */
export const ANYTHING = { recursive: true, force: true } as const;

/**
 * Read the file that a program wrote. Exit code 0 is not sufficient: the result must be a regular file and must not
 * exceed the limit of its reader. A pipe or a device in its place would block forever.
 * @param limit in bytes
 * @throws TidegateError `tool`
 */
export async function readLeft(path: string, expected: Expected, limit: number): Promise<Uint8Array> {
  const { tool, what, otherwise } = expected;
  // Without O_NONBLOCK, opening a pipe without a writer blocks.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  try {
    const found = await file?.stat();
    if (!file || !found?.isFile() || found.size === 0) {
      throw unusable(expected, `${tool} exited 0 but did not write ${what}: ${otherwise}.`);
    }
    if (found.size > limit) {
      throw new TidegateError(
        'tool-output-too-large',
        `${tool} wrote ${what} of ${found.size} bytes, more than the limit of ${limit}: ${otherwise}.`,
        { next: 'Leave out files and packages that the image does not need, or divide it into several images.' },
      );
    }
    return await file.readFile();
  } finally {
    await file?.close();
  }
}

/**
 * Parse the output with a reader. The reader's error states what is wrong and where; this function adds which tool
 * caused it and the consequence.
 * @throws TidegateError with the reader's code
 */
export function readAs<T>(expected: Expected, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw spoilt(expected, error);
  }
}

/** Like `readAs`, for an asynchronous reader. */
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
  return new TidegateError(cause?.id ?? 'tool-output-unusable', message, {
    next: `Run again. If it still fails, report it with the version of ${tool}.`,
    cause,
  });
}
