import { describe, expect, test } from '@jest/globals';
import { mergeFindings } from '../report/merged.ts';
import { findingKey, mergedFinding } from './merge-findings.ts';
import { finding, soundEvidence } from './sound.fixture.ts';

const BOOTSTRAP = { name: 'bootstrap', version: '4.3.0', type: 'npm', purl: 'pkg:npm/bootstrap@4.3.0' };

describe('two findings are one', () => {
  const one = finding({ package: BOOTSTRAP });
  const other = (over: object, id = one.id) => finding({ id, package: { ...BOOTSTRAP, ...over } });
  test('when advisory, type, package URL, name and version agree', () => {
    expect(findingKey(other({}))).toBe(findingKey(one));
  });
  test.each([
    ['another type', other({ type: 'gem', purl: 'pkg:gem/bootstrap@4.3.0' })],
    ['another package URL', other({ purl: 'pkg:npm/%40acme/bootstrap@4.3.0' })],
    ['another version', other({ version: '4.3.1' })],
    ['another name', other({ name: 'bootstrap-sass' })],
    ['another advisory', other({}, 'CVE-2026-0009')],
  ])('and not with %s', (_, found) => expect(findingKey(found)).not.toBe(findingKey(one)));
});

describe('two findings that are one', () => {
  const a = finding({ severity: 'low', fix: 'not-fixed', fixedIn: [], aliases: ['A'], locations: ['/a'], epss: 0.1 });
  const b = finding({
    severity: 'critical',
    fix: 'fixed',
    fixedIn: ['2'],
    aliases: ['B'],
    locations: ['/b'],
    url: 'https://example.org/b',
    knownExploited: true,
    epss: 0.9,
    risk: 50,
  });
  test.each([
    ['', a, b],
    [', the other way round', b, a],
  ])('have the worst of both%s', (_, first, second) => {
    const { aliases, locations, ...rest } = mergedFinding([first, second]);
    expect([aliases.toSorted(), locations.toSorted()]).toEqual([
      ['A', 'B'],
      ['/a', '/b'],
    ]);
    expect(rest).toMatchObject({
      severity: 'critical',
      fix: 'fixed',
      fixedIn: ['2'],
      url: 'https://example.org/b',
      knownExploited: true,
      epss: 0.9,
      risk: 50,
    });
  });
});

describe('findings of several platforms', () => {
  const scan = soundEvidence().find((one) => one.kind === 'scan');
  const on = (platform: string, ...findings: ReturnType<typeof finding>[]) => ({
    platform,
    ...(scan ? { scan: { ...scan, findings } } : {}),
  });
  const deb = (arch: string, over: object = {}) =>
    finding({
      package: { name: 'libc6', version: '2.36-9', type: 'deb', purl: `pkg:deb/debian/libc6@2.36-9?arch=${arch}` },
      ...over,
    });

  test('are one where only the architecture differs, with what any platform knows', () => {
    const merged = mergeFindings([
      on('linux/amd64', deb('amd64', { severity: 'low', aliases: ['X'], url: 'https://example.org' })),
      on('linux/arm64', deb('arm64', { severity: 'critical', knownExploited: true, epss: 0.5, aliases: ['Y'] })),
    ]);
    expect(merged).toHaveLength(1);
    expect(merged[0]).toMatchObject({
      severity: 'critical',
      knownExploited: true,
      epss: 0.5,
      aliases: ['X', 'Y'],
      url: 'https://example.org',
      platforms: ['linux/amd64', 'linux/arm64'],
    });
  });

  test('of packages that share a name are not', () => {
    const npm = finding({ package: BOOTSTRAP });
    const gem = finding({ package: { ...BOOTSTRAP, type: 'gem', purl: 'pkg:gem/bootstrap@4.3.0' } });
    expect(mergeFindings([on('linux/amd64', npm, gem), on('linux/arm64', npm, gem)])).toHaveLength(2);
  });
});
