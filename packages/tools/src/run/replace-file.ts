import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Write a file in a folder that others may have filled: a link in its place is replaced, and not followed. Readers see
 * the old file or the complete new one.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const part = join(dirname(path), `.tidegate-${randomUUID()}`);
  try {
    await writeFile(part, text, { flag: 'wx' });
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}
