import { describe, expect, test } from '@jest/globals';
import { finding } from '../gate/sound.fixture.ts';
import { compareVersions, upgradeTarget } from './fix-versions.ts';

describe('the order of two versions', () => {
  test.each([
    ['1.2.9', '1.2.10', -1],
    ['v1.3.0', '1.2.10', 1],
    ['1.2', '1.2.1', -1],
    ['1.5.2-6', '1.5.2-6+deb12u1', -1],
    ['3.0.11-1~deb12u2', '3.0.11-1~deb12u10', -1],
    ['3.1.4-r1', '3.1.4-r5', -1],
    ['0.0.0-20210101000000-abc', '0.1.0', -1],
    ['2:1.9', '2:1.10', -1],
    ['1.2.03', '1.2.3', 0],
    [`1.${'9'.repeat(60)}`, `1.${'9'.repeat(59)}8`, 1],
  ])('%s and %s: %j', (a, b, expected) => {
    expect(compareVersions(a, b)).toBe(expected);
    expect(compareVersions(b, a)).toBe(expected === 0 ? 0 : -expected);
  });

  test.each([
    ['1.0.0-rc1', '1.0.0'],
    ['1.0.0.Final', '1.0.0.RELEASE'],
    ['1:1.0', '2.0'],
    ['a', 'b'],
    ['1.0', '1.0~rc1'],
    ['1', `1.${'0.'.repeat(100)}`],
  ])('%s and %s: not certain', (a, b) => {
    expect(compareVersions(a, b)).toBeUndefined();
    expect(compareVersions(b, a)).toBeUndefined();
  });
});

/** Go, for example, publishes every fix in each supported release line. */
const LINES = [
  ['1.2.9', '1.3.2'],
  ['1.2.10', '1.3.3'],
  ['1.3.1', '1.2.8'],
];

describe('the version to upgrade to', () => {
  const to = (...fixes: readonly (readonly string[])[]) => {
    const target = upgradeTarget(fixes.map((fixedIn, at) => finding({ id: `CVE-${at}`, fixedIn })));
    return `${target.choice} of ${target.to.join(', ')}`;
  };
  test.each([
    ['one advisory', [['1.2.4']], 'any of 1.2.4'],
    ['the newest of two advisories', [['1.2.10'], ['1.2.9']], 'any of 1.2.10'],
    ['the lowest of several branches', [['1.3.1', '1.2.4']], 'any of 1.2.4'],
    ['not between two branches: 1.3.0 does not fix the first', [['1.2.4', '1.3.1'], ['1.3.0']], 'any of 1.3.1'],
    ['the next of its release line, if each advisory names a fix for every line', LINES, 'any of 1.2.10'],
    ['a newer release line, if its own has no fix for all', [['1.2.9', '1.3.2'], ['1.3.3']], 'any of 1.3.3'],
    ['not the next of two numbers, which may be another line', [['1.3', '1.5'], ['1.4']], 'any of 1.5'],
    ['not below the installed version', [['1.1.9', '1.2.5']], 'any of 1.2.5'],
    ['another major version only', [['2.0.0']], 'any of 2.0.0'],
    ['no certain order', [['1.2.4-beta'], ['1.2.4']], 'newest of 1.2.4-beta, 1.2.4'],
    ['no fix', [[]], 'any of '],
  ])('%s', (_, fixes, expected) => expect(to(...fixes)).toBe(expected));
});
