import { describe, expect, test } from '@jest/globals';
import { isOutOfReach, type Reach } from './kept-archive.ts';

/** @param cans access to each folder on the way up, starting with the file */
const reach = (cans: Readonly<Record<string, 'writable' | 'denied' | 'read-only'>>): Reach => {
  return async (path) => cans[path] ?? 'denied';
};

describe('a database that no job could have written', () => {
  test.each<[string, Parameters<typeof reach>[0]]>([
    ['lies in folders of another user, up to the root', {}],
    [
      'lies on a file system that is mounted read-only',
      {
        '/none/db/v6/a': 'read-only',
        '/none/db/v6': 'read-only',
        '/none/db': 'read-only',
        '/none': 'writable',
        '/': 'writable',
      },
    ],
  ])('%s', async (_, cans) => {
    expect(await isOutOfReach('/none/db/v6/a', reach(cans))).toBe(true);
  });
});

describe('a database that a job could have written', () => {
  test.each<[string, Parameters<typeof reach>[0]]>([
    ['is a file that this user can write', { '/none/db/v6/a': 'writable' }],
    ['lies in a folder that this user can write', { '/none/db/v6': 'writable' }],
    ['lies below a folder that this user can write', { '/none': 'writable' }],
    [
      'lies in a folder whose mode forbids it, in one that can be renamed',
      { '/none/db/v6/a': 'read-only', '/none/db/v6': 'denied', '/none/db': 'writable' },
    ],
  ])('%s', async (_, cans) => {
    expect(await isOutOfReach('/none/db/v6/a', reach(cans))).toBe(false);
  });

  test('is every file of this very user, whatever its mode', async () => {
    expect(await isOutOfReach(import.meta.filename)).toBe(false);
  });
});
