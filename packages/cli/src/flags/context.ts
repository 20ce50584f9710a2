import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { quoted } from '@tidegate/core';
import { usageError } from '../usage.ts';

/**
 * A misspelled path of sources would otherwise narrow nothing: every source is checked, and the run looks as if it had
 * checked that path.
 * @param folder that the path is relative to
 * @throws TidegateError `command-line-invalid` if there is neither a file nor a folder
 */
export async function assertSources(path: string, folder: string): Promise<void> {
  const found = await stat(resolve(folder, path)).catch(() => undefined);
  if (found?.isFile() || found?.isDirectory()) return;
  throw usageError(
    `${quoted(path)} is neither a file nor a folder in ${quoted(folder)}.`,
    'Give the path of a folder, or of one file to check.',
  );
}
