import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { licensesOf, packageFolder } from './licenses.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'licenses-'));
});
afterAll(() => rm(root, { recursive: true }));

async function installed(
  name: string,
  license: unknown,
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = join(root, 'node_modules', name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', license }));
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  return join(folder, 'lib/index.js');
}

test('each package in a bundle is named once with its texts, also where modules were concatenated', async () => {
  const a = await installed('@acme/a', 'MIT', { LICENSE: 'Copyright A\r\n', 'NOTICE.md': 'Noted' });
  const b = await installed('b', '(GPL-2.0 OR MIT)');
  const text = licensesOf([
    { resource: b },
    { modules: [{ resource: a }, { resource: a }] },
    { resource: '/src/x.ts' },
  ]);
  expect(text).toBe('@acme/a 1.0.0 (MIT)\n\nCopyright A\n\nNoted\n\nb 1.0.0 ((GPL-2.0 OR MIT))\n');
});

describe('a package is refused', () => {
  test.each([['GPL-3.0-only'], [undefined], ['SEE LICENSE IN x'], ['MIT AND GPL-3.0-only']])(
    'with the licence %j',
    async (license) => {
      const resource = await installed('c', license);
      expect(() => licensesOf([{ resource }])).toThrow(/^c@1\.0\.0 has the licence/);
    },
  );
});

test.each([
  ['/x/node_modules/.pnpm/a@1/node_modules/a/index.js', '/x/node_modules/.pnpm/a@1/node_modules/a'],
  ['/x/node_modules/@s/n/lib/a.js', '/x/node_modules/@s/n'],
  ['/x/packages/core/src/a.ts', undefined],
])('%s is of %s', (resource, folder) => {
  expect(packageFolder(resource)).toBe(folder);
});
