import { expect, test } from '@jest/globals';
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

/** Fastest of some runs: what else the machine does makes one slower, and none faster. Milliseconds. */
function time(work: () => void): number {
  const runs = Array.from({ length: 5 }, () => {
    const started = performance.now();
    work();
    return performance.now() - started;
  });
  return Math.min(...runs);
}

test.each<[string, (n: number) => string, (n: number) => string]>([
  ['a pattern of many stars', () => '*a*a*a*a*a*ab', (n) => 'a'.repeat(n)],
  ['a pattern of many stars for folders', () => '**/a/**/a/**/a/b', (n) => 'a/'.repeat(n)],
  ['many lines', (n) => '*a\n!a*b\n'.repeat(n), () => 'aaaa'],
])('%s takes time that grows with the text alone', (_, text, path) => {
  const measured = [4000, 8000, 16_000].map((n) => {
    const [rules, tried] = [text(n), path(n)];
    return time(() => dockerignore(rules)(tried));
  });
  const [first = 0, , last = 0] = measured;
  // Four times the text: quadratic time would be sixteen times as long.
  expect(last).toBeLessThan(13 * Math.max(first, 2));
});
