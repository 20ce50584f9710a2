/** Thousands of ignore entries, VEX statements and findings: the time grows with their sum, not with their product. */
import { describe, expect, test } from '@jest/globals';
import { growthOf, LINEAR_GROWTH } from '@tidegate/testkit';
import type { Finding } from '../finding.ts';
import { digestOf } from '../image/digest.ts';
import type { Image } from '../image/image.ts';
import type { Policy } from '../policy.ts';
import { annotationsFor } from '../report/annotations.ts';
import { readVex } from '../vex/index.ts';
import { suppress } from './suppressed.ts';

const NOW = new Date('2026-11-01T00:00:00Z');
const PLATFORM = digestOf('platform');
const IMAGE: Image = { root: { mediaType: 'm', digest: digestOf('root'), size: 1 }, platforms: [] };

/** Every finding is in the same package, so that an index by package would not help. */
const finding = (at: number): Finding => ({
  ...{ id: `CVE-2026-${at}`, severity: 'high', fix: 'fixed', fixedIn: ['2.0.0'], locations: ['/app/go.mod'] },
  ...{ aliases: [`GHSA-${at}`] },
  package: { name: 'lib', version: '1.0.0', type: 'npm', purl: 'pkg:npm/lib@1.0.0' },
});
const findings = (count: number) => Array.from({ length: count }, (_, at) => finding(at));

const ignore = (count: number): NonNullable<Policy['ignore']> =>
  Array.from({ length: count }, (_, at) => ({
    ...{ id: `GHSA-${at}`, package: 'pkg:npm/lib', reason: 'Reviewed.' },
    ...{ expires: new Date('2027-01-01T00:00:00Z'), from: `policy.yml:${at}` },
  }));

const vex = (count: number): NonNullable<Policy['vex']> =>
  readVex(
    Buffer.from(
      JSON.stringify({
        ...{ '@context': 'https://openvex.dev/ns/v0.2.0', '@id': 'https://example.org/vex', author: 'A' },
        ...{ timestamp: '2026-10-01T00:00:00Z', version: 1 },
        statements: Array.from({ length: count }, (_, at) => ({
          vulnerability: { name: `CVE-2026-${at}` },
          products: [{ '@id': 'pkg:npm/lib@1.0.0' }],
          status: 'not_affected',
          justification: 'vulnerable_code_not_present',
        })),
      }),
    ),
    'a.openvex.json',
  ).statements;

const POLICY: Policy = {
  ...{ require: [], failOn: 'high', unknownSeverity: 'fail', onlyFixed: false },
  ...{ maxDatabaseAge: 1, maxScanAge: 1 },
};

describe.each<[string, (count: number) => Partial<Policy>]>([
  ['ignore entries', (count) => ({ ignore: ignore(count) })],
  ['VEX statements', (count) => ({ vex: vex(count) })],
])('%s', (_, of) => {
  test('that each concern one of as many findings', () => {
    const policy = { ...POLICY, ...of(1000) };
    const { counted, suppressed } = suppress(policy, IMAGE, PLATFORM, findings(2000), NOW);
    expect([counted.length, suppressed.length]).toEqual([1000, 1000]);
    const growth = growthOf(
      ({ policy: asked, found }) => {
        suppress(asked, IMAGE, PLATFORM, found, NOW);
      },
      (length) => ({ policy: { ...POLICY, ...of(length / 64) }, found: findings(length / 32) }),
    );
    expect(growth).toBeLessThan(LINEAR_GROWTH);
  });

  test('5,000 on 10,000 findings take less than a second', () => {
    const policy = { ...POLICY, ...of(5000) };
    const found = findings(10_000);
    const started = process.cpuUsage();
    suppress(policy, IMAGE, PLATFORM, found, NOW);
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(1);
  });
});

test('annotations of many findings, each in a package of its own', () => {
  const growth = growthOf(
    (found: readonly Finding[]) => {
      annotationsFor([{ platform: 'linux/amd64', findings: found, blocking: found, suppressed: new Map() }]);
    },
    (length) => findings(length / 32).map((one, at) => ({ ...one, package: { ...one.package, name: `lib-${at}` } })),
  );
  expect(growth).toBeLessThan(LINEAR_GROWTH);
});
