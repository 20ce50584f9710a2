import { expect, test } from '@jest/globals';
import { growthOf, LINEAR_GROWTH } from '@tidegate/testkit';
import { dockerignore } from './dockerignore.ts';

test.each([
  ['.git\n', '.git', true],
  ['# .git\n', '.git', false],
  ['*\n!src\n', '.env', true],
  ['*\n!src\n', 'src', false],
  ['.env*\n!.env.example\n', '.env.local', true],
  ['.env*\n!.env.example\n', '.env.example', false],
  ['/.git/\n', '.git', true],
  ['**/.env\n', '.env', true],
  ['conf\n', 'conf/.env', true],
  ['', '.git', false],
  ['/', '.git', false],
  ['!', '.git', false],
  ['!/\n.git', '.git', true],
  ['(.env)', '.env', false],
  ['(.env)', '(.env)', true],
  ['{.env,.git}', '.git', false],
  ['!(.env)\n', '.git', false],
  ['a/b\n!a', 'a/b', true],
  ['*\n!**/key', 'a/key', false],
  ['[', '.git', false],
  ['*\n![', '.git', false],
])('.dockerignore %j and %s: %j', (text, path, ignored) => {
  expect(dockerignore(text)(path)).toBe(ignored);
});

test.each<[string, (length: number) => readonly [text: string, path: string]]>([
  ['a pattern of many stars', (length) => ['*a*a*a*a*a*ab', 'a'.repeat(length)]],
  ['a pattern of many stars for folders', (length) => ['**/a/**/a/**/a/b', 'a/'.repeat(length / 2)]],
  ['many lines', (length) => ['*a\n!a*b\n'.repeat(length / 8), 'aaaa']],
])('%s takes time that grows with the text alone', (_, of) => {
  const tried = ([text, path]: readonly [string, string]) => dockerignore(text)(path);
  expect(growthOf(tried, of)).toBeLessThan(LINEAR_GROWTH);
});
