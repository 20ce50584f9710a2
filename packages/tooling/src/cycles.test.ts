import { describe, expect, test } from '@jest/globals';
import { importCycles } from './cycles.ts';
import { readSource } from './imports.ts';

const cycles = (files: Readonly<Record<string, string>>) =>
  importCycles(new Map(Object.entries(files).map(([path, text]) => [path, readSource(path, text)])));

describe('refused', () => {
  test('two files that import each other, once and with the line', () => {
    const found = cycles({
      'packages/oci/src/a.ts': "import { z } from './z.ts';\nimport { b } from './b.ts';",
      'packages/oci/src/b.ts': "import { a } from './a.ts';",
      'packages/oci/src/z.ts': '',
    });
    expect(found).toEqual([
      expect.stringMatching(/^packages\/oci\/src\/a\.ts:2 .*: \S+a\.ts → \S+b\.ts → \S+a\.ts\. Move/),
    ]);
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['a file that imports itself', { 'a.ts': "import { a } from './a.ts'" }],
    [
      'a cycle over three files and a folder',
      {
        'src/a.ts': "export { b } from './folder/b.ts'",
        'src/folder/b.ts': "import { c } from '../c.ts'",
        'src/c.ts': "const { a } = await import('./a.ts')",
      },
    ],
    ['a cycle by a type alone', { 'a.ts': "import type { B } from './b.ts'", 'b.ts': "import { a } from './a.ts'" }],
  ])('%s', (_, files) => {
    expect(cycles(files)).toHaveLength(1);
  });

  test('two cycles are two complaints', () => {
    expect(
      cycles({
        'a.ts': "import './b.ts'",
        'b.ts': "import './a.ts'",
        'c.ts': "import './d.ts'",
        'd.ts': "import './c.ts'",
      }),
    ).toHaveLength(2);
  });
});

describe('allowed', () => {
  test('two ways to the same file', () => {
    expect(cycles({ 'a.ts': "import './b.ts'; import './c.ts'", 'b.ts': "import './c.ts'", 'c.ts': '' })).toEqual([]);
  });

  test('a name of another package that is also a file here', () => {
    expect(cycles({ 'a.ts': "import 'a.ts'; import '@tidegate/a'" })).toEqual([]);
  });
});
