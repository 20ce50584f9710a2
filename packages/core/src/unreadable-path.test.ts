import { expect, test } from '@jest/globals';
import { assertFile, unreadablePath, whyUnreadable } from './unreadable-path.ts';

const failed = (code: string) => Object.assign(new Error(`${code}: no words, open '/x'`), { code });

test.each([
  ['ENOENT', 'it does not exist'],
  ['ENOTDIR', 'a part of the path is a file, not a folder'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'the user of this step may not read it'],
  ['EPERM', 'the user of this step may not read it'],
  ['ELOOP', 'it is a link that leads to itself'],
  ['EIO', "EIO: no words, open '/x'"],
])('%s in words', (code, words) => {
  expect(whyUnreadable(failed(code))).toBe(words);
});

test('the error names the input, the path, what was expected and where the path leads', () => {
  const error = unreadablePath('Input tests', 'a\n.yaml', 'a file of tests', failed('ENOENT'), '/w/a.yaml');
  expect(error).toMatchObject({
    id: 'input-path-unusable',
    message: 'Input tests: got "a\\n.yaml", expected a file of tests, but it does not exist.',
    next: 'Correct the path: it leads to /w/a.yaml.',
  });
});

test('without permission, the permission is what to change', () => {
  expect(unreadablePath('--key-file', '/k', 'a readable file', failed('EACCES')).next).toBe(
    'Grant the user of this step access to /k.',
  );
});

test.each([
  ['it is a folder', { isDirectory: () => true, isFile: () => false, size: 1 }],
  ['it is not a file', { isDirectory: () => false, isFile: () => false, size: 1 }],
  ['it has 11 bytes, more than 10', { isDirectory: () => false, isFile: () => true, size: 11 }],
])('%s', (why, found) => {
  expect(() => assertFile(found, 10)).toThrow(why);
});
