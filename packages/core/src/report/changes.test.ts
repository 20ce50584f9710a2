import { describe, expect, test } from '@jest/globals';
import type { Component } from '../evidence.ts';
import { finding } from '../gate/sound.fixture.ts';
import { digestOf } from '../image/digest.ts';
import { changesBetween, changesSection } from './changes.ts';

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

  test('packages are new, gone or in another version, told by kind and name', () => {
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
    expect(
      changesSection([{ tag: 'latest', digest: digestOf('x'), platform: 'linux/amd64', changes: unknown }]),
    ).toMatch(/Findings: unknown, because one of the two was not scanned/);
  });

  test('the same image changes nothing', () => {
    const state = { components: [part('a', '1')], findings: [finding()], size: 5 };
    const { added, removed, moved, newFindings, goneFindings } = changesBetween(state, state);
    expect([added, removed, moved, newFindings, goneFindings].flat()).toEqual([]);
  });

  test('the summary shows it in words, and escapes names', () => {
    const hostile = changesBetween({ components: [] }, { components: [part('<img src=x>|`a`', '[x](javascript:y)')] });
    const text = changesSection([
      { tag: 'latest', digest: digestOf('x'), platform: 'linux/amd64', changes },
      { tag: '1', digest: digestOf('x'), platform: 'linux/arm64', changes: hostile },
    ]);
    expect(text).toMatch(/Packages: 1 added, 1 removed, 2 changed/);
    expect(text).toMatch(/11\.4 MiB, 1\.9 MiB more/);
    expect(text).not.toMatch(/(?<!`)<img|[^\\]\]\(javascript/);
  });
});
