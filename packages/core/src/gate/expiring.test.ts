import { expect, test } from '@jest/globals';
import type { Ignored, Policy } from '../policy.ts';
import { expiringExceptions } from './expiring.ts';
import { DAY, HOUR, NOW, STRICT } from './sound.fixture.ts';

const inTime = (milliseconds: number) => new Date(NOW.getTime() + milliseconds);
const ignored = (id: string, expires: Date): Ignored => ({
  ...{ id, package: 'pkg:npm/minimist', reason: 'not reachable', expires, from: '.github/tidegate.yml:9' },
});
const policyWith = (ignore: readonly Ignored[]): Policy => ({ ...STRICT, ignore });

test.each<[string, Date, boolean]>([
  ['ends in 14 days', inTime(14 * DAY), true],
  ['ends a moment later', inTime(14 * DAY + 1), false],
  ['ends in an hour', inTime(HOUR), true],
  ['ended now, which the gate reports itself', NOW, false],
  ['has no valid date, which counts as ended', new Date(Number.NaN), false],
])('an ignore entry that %s', (_, expires, isTold) => {
  expect(expiringExceptions(policyWith([ignored('CVE-2026-1', expires)]), NOW)).toHaveLength(isTold ? 1 : 0);
});

test('allowed files count as well, and the next to end comes first', () => {
  const policy: Policy = {
    ...policyWith([ignored('CVE-2026-1', inTime(3 * DAY))]),
    contents: {
      traces: {},
      allow: [
        { kind: 'setuid', path: '/usr/bin/su', reason: 'login', expires: inTime(2 * DAY) },
        { kind: 'shell', path: '/bin/sh', reason: 'scripts' },
      ],
    },
  };
  expect(expiringExceptions(policy, NOW)).toEqual([
    { what: 'setuid /usr/bin/su', reason: 'login', expires: inTime(2 * DAY) },
    {
      ...{ what: 'CVE-2026-1 in pkg:npm/minimist', reason: 'not reachable', expires: inTime(3 * DAY) },
      from: '.github/tidegate.yml:9',
    },
  ]);
});

test('without a time, nothing is announced', () => {
  expect(expiringExceptions(policyWith([ignored('CVE-2026-1', inTime(DAY))]), new Date(Number.NaN))).toEqual([]);
});
