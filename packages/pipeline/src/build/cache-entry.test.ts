import { expect, test } from '@jest/globals';
import { formatCacheEntry, parseCacheEntries, shownCacheEntry } from './cache-entry.ts';

test.each([
  ['type=gha', [{ type: 'gha', attributes: {} }]],
  ['type=gha,Scope=main,mode=max', [{ type: 'gha', attributes: { scope: 'main', mode: 'max' } }]],
  ['mode=max,type=local,"dest=/a,b"', [{ type: 'local', attributes: { mode: 'max', dest: '/a,b' } }]],
  ['type=registry,ref=ghcr.io/a/b:c=d', [{ type: 'registry', attributes: { ref: 'ghcr.io/a/b:c=d' } }]],
  ['"type=gha,mode=max"', [{ type: 'gha', attributes: { mode: 'max' } }]],
  ['ghcr.io/a/b', [{ type: 'registry', attributes: { ref: 'ghcr.io/a/b' } }]],
  ['a/b,c/d', ['a/b', 'c/d'].map((ref) => ({ type: 'registry', attributes: { ref } }))],
])('%s is read as buildx reads it', (text, entries) => {
  expect(parseCacheEntries(text)).toEqual(entries);
});

test.each([
  ['scope=hunter2', 'it has no type'],
  ['type=gha,hunter2', 'a part of it is not KEY=VALUE'],
  ['type=gha,"hunter2', 'its quotes do not match'],
  ['type=gha,hun"ter2=x', 'its quotes do not match'],
  ['type=,hunter2=x', 'it has no type'],
])('%s is refused without a word of it', (text, why) => {
  expect(() => parseCacheEntries(text)).toThrow(new Error(why));
});

test('written values are read back unchanged', () => {
  const entry = { type: 'local', attributes: { dest: '/a,"b"', mode: 'max' } };
  expect(parseCacheEntries(formatCacheEntry(entry))).toEqual([entry]);
});

test('which cache it is is shown, and what it is reached with is not', () => {
  expect(shownCacheEntry('type=gha,scope=main,token=hunter2')).toBe('type=gha,scope=main,token');
  expect(shownCacheEntry('type=s3,bucket=b,"secret_access_key=hunter2,hunter2"')).toBe(
    'type=s3,bucket=b,secret_access_key',
  );
  expect(shownCacheEntry('a/b,c/d')).toBe('a/b,c/d');
});
