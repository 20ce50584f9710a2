/** The help of a command loads the schema of its action, and must not load the stages behind it. */
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readSource } from './imports.ts';
import { ROOT } from './repository.ts';

const schemas: string[] = [];
for await (const path of glob('{actions,packages/cli/src}/*/action.ts', { cwd: ROOT })) schemas.push(path);

/** Modules of our packages and of Node that a file loads, over any number of files. */
async function loadedBy(start: string): Promise<{ readonly files: number; readonly packages: readonly string[] }> {
  const files = new Set<string>();
  const packages = new Set<string>();
  const waiting = [start];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (files.has(path)) continue;
    files.add(path);
    for (const { from, kind } of readSource(path, await readFile(join(ROOT, path), 'utf8')).imports) {
      if (kind !== 'static') continue;
      if (from.startsWith('.')) waiting.push(join(path, '..', from));
      else packages.add(from);
    }
  }
  return { files: files.size, packages: [...packages].toSorted() };
}

test('there are schemas', () => expect(schemas.length).toBeGreaterThan(10));

test.each(schemas)('%s loads no stage', async (path) => {
  const { files, packages } = await loadedBy(path);
  expect(packages.filter((name) => name !== '@tidegate/core' && name !== '@tidegate/runner')).toEqual([]);
  expect(files).toBeLessThan(40);
});
