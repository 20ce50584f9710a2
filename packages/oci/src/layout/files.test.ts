import { closeSync, mkdtempSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openUntrusted } from './files.ts';

test('a file that a writer replaces while it is opened is read, as it was or as it is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-replaced-'));
  const file = join(folder, 'index.json');
  const write = async (by: number) => {
    await writeFile(file + by, '{}');
    await rename(file + by, file);
  };
  await write(0);
  let writing = true;
  const writers = [1, 2, 3].map(async (by) => {
    while (writing) await write(by);
  });
  let opened = 0;
  try {
    // Between opening and looking lie microseconds: of this many openings some dozens meet a writer there.
    for (; opened < 40_000; opened += 1) {
      closeSync(openUntrusted(file, 2));
      if (opened % 50 === 0) await new Promise(setImmediate);
    }
  } finally {
    writing = false;
    await Promise.all(writers);
    await rm(folder, { recursive: true, force: true });
  }
  expect(opened).toBe(40_000);
});
