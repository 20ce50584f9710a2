import { expect, test } from '@jest/globals';
import { isTag } from './reference.ts';
import { sanitiseTag } from './tag-name.ts';

test.each([
  'main',
  'feat/x',
  '日本語',
  '🙂',
  '---',
  '...',
  '<img src=x>',
  '\n',
  '',
  'a'.repeat(300),
  `${'a'.repeat(127)}/é`,
  '../../etc/passwd',
])('%j becomes a tag', (name) => expect(isTag(sanitiseTag(name))).toBe(true));

test('names without a letter that a tag may hold do not share one', () => {
  expect(sanitiseTag('日本語')).not.toBe(sanitiseTag('中文'));
});

test('long names that differ at their end do not share a tag', () => {
  const long = 'a'.repeat(200);
  expect(sanitiseTag(`${long}1`)).not.toBe(sanitiseTag(`${long}2`));
  expect(sanitiseTag(long)).toHaveLength(128);
});
