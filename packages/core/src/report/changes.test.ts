import { describe, expect, test } from '@jest/globals';
import type { Component } from '../evidence.ts';
import { finding } from '../gate/sound.fixture.ts';
import { digestOf } from '../image/digest.ts';
import { changesBetween, changesSection, comparisonLine } from './changes.ts';

const LIVE = { tag: 'latest', digest: digestOf('x'), platform: 'linux/amd64' };
const part = (name: string, version: string, type = 'deb'): Component => ({ name, version, type, licenses: [] });
const names = (changes: readonly { name: string }[]) => changes.map(({ name }) => name);

describe('against the live image', () => {
  const changes = changesBetween(
    {
      components: [part('openssl', '3.0.1'), part('curl', '8'), part('zlib', '1'), part('zlib', '1', 'npm')],
      findings: [finding({ id: 'CVE-1' }), finding({ id: 'CVE-2' })],
      size: 10_000_000,
    },
    {
      components: [part('openssl', '3.0.2'), part('zlib', '1'), part('jq', '1.7'), part('zlib', '2', 'npm')],
      findings: [finding({ id: 'CVE-2', package: { ...finding().package, version: '99' } }), finding({ id: 'CVE-3' })],
      size: 12_000_000,
    },
  );

  test('packages are new, removed or in another version, matched by kind and name', () => {
    expect(names(changes.added)).toEqual(['jq']);
    expect(names(changes.removed)).toEqual(['curl']);
    expect(changes.moved).toEqual([
      { name: 'openssl', type: 'deb', from: ['3.0.1'], to: ['3.0.2'] },
      { name: 'zlib', type: 'npm', from: ['1'], to: ['2'] },
    ]);
  });

  test('a finding that stays through an upgrade is neither new nor gone', () => {
    expect(changes.newFindings?.map(({ id }) => id)).toEqual(['CVE-3']);
    expect(changes.goneFindings?.map(({ id }) => id)).toEqual(['CVE-1']);
  });

  test('nothing is said of findings where one of the two was not scanned', () => {
    const unknown = changesBetween({ components: [] }, { components: [], findings: [finding()] });
    expect(unknown.newFindings).toBeUndefined();
    expect(comparisonLine([{ ...LIVE, changes: unknown }])).toBe(
      'Compared with the live tag <code>latest</code>: findings unknown because one of the two was not scanned, no package changed.',
    );
  });

  test('the same image changes nothing', () => {
    const state = { components: [part('a', '1')], findings: [finding()], size: 5 };
    const { added, removed, moved, newFindings, goneFindings } = changesBetween(state, state);
    expect([added, removed, moved, newFindings, goneFindings].flat()).toEqual([]);
  });

  test('the summary has it in one line, each finding once on however many platforms', () => {
    const arm = { ...LIVE, platform: 'linux/arm64', changes };
    expect(comparisonLine([{ ...LIVE, changes }])).toBe(
      'Compared with the live tag <code>latest</code>: 1 finding fixed, 1 new (CVE\\-3), 4 packages changed, 1.9 MiB larger.',
    );
    expect(comparisonLine([{ ...LIVE, changes }, arm])).toBe(
      'Compared with the live tag <code>latest</code>: 1 finding fixed, 1 new (CVE\\-3), 4 packages changed, 1.9 MiB larger on linux/amd64.',
    );
    expect(comparisonLine([])).toBe('');
  });

  test('the folded tables name every package and finding, and escape names', () => {
    const hostile = changesBetween({ components: [] }, { components: [part('<img src=x>|`a`', '[x](javascript:y)')] });
    const text = changesSection([
      { ...LIVE, changes },
      { tag: '1', digest: digestOf('x'), platform: 'linux/arm64', changes: hostile },
    ]);
    expect(text).toContain('| new | high | CVE\\-3 | <code>minimist</code> |');
    expect(text).toContain('| <code>openssl</code> | deb | 3\\.0\\.1 | 3\\.0\\.2 |');
    expect(text.match(/^<details>/gm)).toHaveLength(2);
    expect(text).not.toMatch(/(?<!`)<img|[^\\]\]\(javascript/);
  });
});
