import { expect, test } from '@jest/globals';
import type { Policy } from '@tidegate/core';
import { announceExpiring } from './annotations.ts';

const NOW = new Date('2026-11-24T12:00:00Z');

function warned(...froms: readonly string[]) {
  const warnings: unknown[][] = [];
  const ignore = froms.map((from, at) => ({
    ...{ id: `CVE-${at}`, package: 'pkg:npm/a', reason: 'not reachable', from },
    expires: new Date(NOW.getTime() + (at + 1) * 86_400_000),
  }));
  const log = { warning: (...args: unknown[]) => warnings.push(args) } as never;
  announceExpiring({ ignore } as Partial<Policy> as Policy, { clock: () => NOW, log });
  return warnings;
}

test('an exception that ends soon is a warning on its line', () => {
  expect(warned('.github/tidegate.yml:12')).toEqual([
    [
      'The exception for CVE-0 in pkg:npm/a ends after 2026-11-25 (reason: not reachable). Afterwards it no longer counts.',
      { file: '.github/tidegate.yml', line: 12, title: 'An exception of the policy ends soon' },
    ],
  ]);
});

test.each(['github.com/acme/policies/base.yml@v1:12', 'ghcr.io/acme/policy@sha256:abc:12', 'an input'])(
  'one of another repository (%s) has no line here',
  (from) => expect(warned(from)).toEqual([[expect.any(String), undefined]]),
);

test('several are one warning, on the first to end', () => {
  expect(warned('a.yml:1', 'a.yml:2', 'a.yml:3')).toEqual([
    [expect.stringContaining('2 more exceptions end within 14 days.'), expect.objectContaining({ line: 1 })],
  ]);
});

test('without any, nothing is said', () => expect(warned()).toEqual([]));
