/** docs/architecture.md and packages/<name>/README.md name the same imports that the layering check allows. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ARROWS } from './layering.ts';
import { ROOT } from './repository.ts';

const packages = (await readdir(join(ROOT, 'packages'))).sort();
/** Existing packages: a rule may exist before its package. */
const existing = [...packages, 'actions'];
/** Only tests and scripts import them, and the layering check skips tests. */
const DEVELOPMENT = new Set(['testkit', 'tooling']);

const names = (text = '') => [...text.matchAll(/`([a-z]+)`/g)].map(([, name = '']) => name).sort();
const importsOf = (name: string) => (ARROWS[name] ?? []).filter((one) => existing.includes(one)).sort();
const importersOf = (name: string) =>
  existing.filter((one) => !DEVELOPMENT.has(one) && ARROWS[one]?.includes(name)).sort();

test.each(packages)('packages/%s/README.md says what it imports and who may import it', async (name) => {
  const page = await readFile(join(ROOT, 'packages', name, 'README.md'), 'utf8');
  expect(page.split('\n')[0]).toBe(`# @tidegate/${name}`);
  expect(names(/^\*\*Imports:\*\* (.+)$/m.exec(page)?.[1])).toEqual(importsOf(name));
  const importers = /^\*\*May be imported by:\*\* (.+)$/m.exec(page)?.[1];
  expect(importers).toBeDefined();
  expect(names(importers)).toEqual(importersOf(name));
  expect(page.split('\n').length).toBeLessThan(30);
});

test('the table of docs/architecture.md has every package and its imports', async () => {
  const page = await readFile(join(ROOT, 'docs/architecture.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(?:packages\/)?([a-z]+)` \| [^|]+ \| ([^|]+) \|$/gm)];
  expect(rows.map(([, name]) => name).sort()).toEqual(existing.toSorted());
  for (const [, name = '', imports] of rows) expect([name, names(imports)]).toEqual([name, importsOf(name)]);
});

test.each(packages)('the functions that packages/%s/README.md names are exported', async (name) => {
  // Programs have no index.
  if (name === 'tooling' || name === 'cli') return;
  const page = await readFile(join(ROOT, 'packages', name, 'README.md'), 'utf8');
  const index = await readFile(join(ROOT, 'packages', name, 'src/index.ts'), 'utf8');
  const named = [...page.matchAll(/^- `(\w+)/gm)].map(([, one = '']) => one);
  expect(named.length).toBeGreaterThanOrEqual(3);
  for (const one of named) expect(index).toMatch(new RegExp(`\\b${one}\\b`));
});
