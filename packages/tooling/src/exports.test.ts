import { expect, test } from '@jest/globals';
import { complaintsOf } from './exports.ts';

test('an export without a reader is one sentence with its place', () => {
  const [complaint, ...others] = complaintsOf({
    issues: [{ file: 'packages/core/src/image/digest.ts', exports: [{ name: 'hexOf', line: 7 }] }],
  });
  expect(complaint).toMatch(/^packages\/core\/src\/image\/digest\.ts:7 exports hexOf, but no other file imports it → /);
  expect(others).toEqual([]);
});

test("an index's export that no package takes is one as well, and so is a type", () => {
  const issues = [{ file: 'packages/core/src/index.ts', types: [{ name: 'Digest', line: 3 }] }];
  expect(complaintsOf({ issues })).toEqual([expect.stringMatching(/index\.ts:3 exports Digest, but no other package/)]);
});

test('a file that nothing reaches is to be deleted', () => {
  const issues = [{ file: 'packages/oci/src/old.ts', files: [{ name: 'packages/oci/src/old.ts' }] }];
  expect(complaintsOf({ issues })).toEqual([
    expect.stringMatching(/^packages\/oci\/src\/old\.ts:1 .* delete the file/),
  ]);
});

test('one export under two names is an error', () => {
  const issues = [
    {
      file: 'a.ts',
      duplicates: [
        [
          { name: 'first', line: 2 },
          { name: 'second', line: 3 },
        ],
      ],
    },
  ];
  expect(complaintsOf({ issues })).toEqual(['a.ts:2 exports first a second time as second → keep one name']);
});

test('no fault, no sentence', () => {
  expect(complaintsOf({ issues: [{ file: 'a.ts', exports: [], types: [] }] })).toEqual([]);
});
