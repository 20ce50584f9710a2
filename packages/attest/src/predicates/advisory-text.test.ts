import { describe, expect, test } from '@jest/globals';
import { cvssOf, linkOf, titleOf } from './advisory-text.ts';

describe('the title of an advisory', () => {
  const LONG = `A flaw in ${'long '.repeat(60)}names`;
  test.each([
    [
      'its first sentence',
      ['Prototype pollution in lodash. Versions before 4.17.21 are affected.'],
      'Prototype pollution in lodash',
    ],
    ['one line', ['Command injection\nin lodash'], 'Command injection'],
    ['no heading', ['### Impact\n\nUsers of lodash can inject commands.'], 'Users of lodash can inject commands'],
    [
      'full stops in versions do not end it',
      ['In v1. x before 9.4.1 of a server, requests are mixed. So.'],
      'In v1. x before 9.4.1 of a server, requests are mixed',
    ],
    ['nothing but space', [' \n\t'], undefined],
    ['no description', [undefined], undefined],
    ['the next source without one', [undefined, 'Told by another source.'], 'Told by another source'],
  ])('%s', (_, descriptions, expected) => {
    expect(titleOf(descriptions.map((description, at) => ({ id: `CVE-${at}`, description })))).toBe(expected);
  });

  test('is at most 120 characters, and ends with a word', () => {
    const title = titleOf([{ id: 'CVE-1', description: LONG }]);
    expect(title?.length).toBeLessThanOrEqual(120);
    expect(title).toMatch(/ long…$/);
    expect(titleOf([{ id: 'CVE-1', description: 'x'.repeat(100_000) }])).toHaveLength(120);
  });

  test("is GitHub's, whose descriptions are titles", () => {
    const named = [
      { id: 'CVE-1', description: 'A very long sentence of the NVD about Lodash versions prior to 4.17.21' },
      { id: 'GHSA-35jh-r3h4-6jhm', description: 'Command Injection in lodash' },
    ];
    expect(titleOf(named)).toBe('Command Injection in lodash');
  });
});

describe('the CVSS score', () => {
  const score = (baseScore: unknown, version = '3.1', more = {}) => ({
    ...{ type: 'Primary', version, vector: `CVSS:${version}/AV:N`, metrics: { baseScore } },
    ...more,
  });
  const of = (...cvss: unknown[]) => cvssOf([{ id: 'CVE-1', cvss }]);

  test('is the highest of all sources, with whose it is', () => {
    const named = [
      { id: 'CVE-1', cvss: [score(7.2, '3.1', { source: 'report@snyk.io' })] },
      { id: 'GHSA-1', cvss: null },
      { id: 'CVE-2', cvss: [score(9.1, '4.0', { source: 'nvd@nist.gov' }), score(3)] },
    ];
    expect(cvssOf(named)).toEqual({ score: 9.1, version: '4.0', vector: 'CVSS:4.0/AV:N', source: 'nvd@nist.gov' });
  });

  test('of CVSS 2 counts only if there is no other', () => {
    expect(of(score(10, '2.0'), score(5.3))).toMatchObject({ score: 5.3, version: '3.1' });
    expect(of(score(10, '2.0'))).toEqual({ score: 10, version: '2.0', vector: 'CVSS:2.0/AV:N' });
  });

  test.each<[string, unknown]>([
    ['a score above ten', score(11)],
    ['a score below zero', score(-1)],
    ['a score in words', score('high')],
    ['no number', score(Number.NaN)],
    ['no metrics', { version: '3.1', vector: 'CVSS:3.1/AV:N' }],
    ['no vector', score(5, '3.1', { vector: '' })],
    ['null', null],
  ])('%s is ignored: no decision depends on it', (_, bad) => {
    expect(of(bad)).toBeUndefined();
    expect(of(bad, score(4))).toMatchObject({ score: 4 });
  });

  test('its texts are bounded', () => {
    const long = 'x'.repeat(10_000);
    expect(JSON.stringify(of(score(5, long, { source: long }))).length).toBeLessThan(500);
  });
});

test.each([
  [
    'the data source',
    'https://nvd.nist.gov/vuln/detail/CVE-1',
    ['https://other.example'],
    'https://nvd.nist.gov/vuln/detail/CVE-1',
  ],
  [
    'the first link, if the data source is a word',
    'github',
    [7, 'git://x', 'https://github.com/advisories/GHSA-1'],
    'https://github.com/advisories/GHSA-1',
  ],
  ['the word, without a link', 'github', null, 'github'],
  ['nothing', '', undefined, undefined],
])('the link is %s', (_, dataSource, urls, expected) => expect(linkOf(dataSource, urls)).toBe(expected));
