import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../finding.ts';
import { type Digest, digestOf } from '../image/digest.ts';
import type { Image } from '../image/image.ts';
import type { Ignored, Policy } from '../policy.ts';
import { idleEntries, suppress } from './suppressed.ts';

const PLATFORM = digestOf('platform');
const IMAGE = { root: { digest: PLATFORM as Digest } } as Image;
const NOW = new Date('2026-11-29T00:00:00Z');
let compared = 0;

/** Counts how often its package is compared with a pattern. */
function finding(id: string, aliases: readonly string[] = [], name = 'bash'): Finding {
  const packaged = { name, version: '5.2', type: 'deb', purl: `pkg:deb/debian/${name}@5.2` };
  return {
    ...{ id, severity: 'high', fix: 'fixed', fixedIn: [], locations: [], aliases },
    get package() {
      compared += 1;
      return packaged;
    },
  };
}
const entry = (id: string, pattern = 'pkg:deb/debian/bash', from = id): Ignored => ({
  ...{ id, package: pattern, reason: 'reviewed', from },
  expires: new Date('2026-12-29T00:00:00Z'),
});
const by = (ignore: readonly Ignored[], findings: readonly Finding[]) =>
  suppress({ ignore } as Partial<Policy> as Policy, IMAGE, PLATFORM, findings, NOW).suppressed.map(({ from }) => from);

describe('an ignore entry', () => {
  test('is found by the id of a finding or an alias, and by its package', () => {
    expect(by([entry('CVE-1')], [finding('CVE-1'), finding('GHSA-1', ['CVE-1']), finding('CVE-2')])).toHaveLength(2);
    expect(by([entry('CVE-1')], [finding('CVE-1', [], 'openssl')])).toEqual([]);
  });

  test('comes before later ones about the same finding, whichever of its ids they name', () => {
    const ignore = [entry('CVE-1', 'pkg:deb/debian/zsh', 'other'), entry('GHSA-1', undefined, 'first'), entry('CVE-1')];
    expect(by(ignore, [finding('CVE-1', ['GHSA-1'])])).toEqual(['first']);
    expect(by(ignore.toReversed(), [finding('CVE-1', ['GHSA-1'])])).toEqual(['CVE-1']);
  });

  test('is idle if no finding has its id and its package', () => {
    const entries = [entry('CVE-1'), entry('CVE-2'), entry('GHSA-3'), entry('CVE-4', 'pkg:deb/debian/zsh')];
    const findings = [finding('CVE-1'), finding('CVE-3', ['GHSA-3']), finding('CVE-4')];
    expect(idleEntries(entries, findings).map(({ id }) => id)).toEqual(['CVE-2', 'CVE-4']);
  });
});

test.each([100, 1000])(
  '%d entries and twice as many findings: each finding is compared with its own entries only',
  (count) => {
    const ignore = Array.from({ length: count }, (_, at) => entry(`CVE-${at}`));
    const findings = Array.from({ length: 2 * count }, (_, at) => finding(`CVE-${at}`));
    compared = 0;
    expect(by(ignore, findings)).toHaveLength(count);
    expect(idleEntries(ignore, findings)).toEqual([]);
    // Once with its entry or twice for VEX, and once to find idle entries; not once for each entry.
    expect(compared).toBeLessThanOrEqual(4 * count);
  },
);
