import { describe, expect, test } from '@jest/globals';
import { finding } from '../gate/sound.fixture.ts';
import { countsText, findingsTable } from './findings-table.ts';

describe('the table of findings in the log', () => {
  test('has its columns under one another, worst first', () => {
    const table = findingsTable([
      finding({ severity: 'low' }),
      finding({ severity: 'critical', fixedIn: [], fix: 'wont-fix' }),
    ]);
    expect(table.split('\n')).toEqual([
      'SEVERITY  ADVISORY       PACKAGE   VERSION  FIXED IN             TYPE',
      'critical  CVE-2026-0001  minimist  1.2.3    vendor will not fix  npm',
      'low       CVE-2026-0001  minimist  1.2.3    1.2.4                npm',
    ]);
  });

  test('keeps to the width it is given, and never cuts a severity or an advisory', () => {
    const long = 'long'.repeat(50);
    const table = findingsTable(
      [finding({ package: { name: long, version: long, type: 'npm' }, fixedIn: [long] })],
      80,
    );
    for (const line of table.split('\n')) expect([...line].length).toBeLessThanOrEqual(80);
    expect(table).toContain('high      CVE-2026-0001');
    expect(table).toContain('…');
  });

  test('counts what it does not list', () => {
    const findings = Array.from({ length: 5 }, (_, at) =>
      finding({ id: `CVE-${at}`, severity: at < 2 ? 'high' : 'low' }),
    );
    expect(findingsTable(findings, 120, 1).split('\n').at(-1)).toBe('and 4 more findings: 1 high, 3 low');
  });

  test('says when there is nothing to list', () => expect(findingsTable([])).toBe('No findings.'));

  test('holds one line for a finding, whatever its names hold', () => {
    const hostile = 'a\n::error::b\r\u001b[2J\u202ec';
    const table = findingsTable([
      finding({ id: hostile, package: { name: hostile, version: hostile, type: hostile } }),
    ]);
    expect(table.split(/[\n\r\u2028]/)).toHaveLength(2);
    for (const character of ['\u001b', '\u202e']) expect(table).not.toContain(character);
  });
});

test('counts name only what there is, worst first', () => {
  expect(countsText([finding({ severity: 'low' }), finding(), finding({ severity: 'unknown' })])).toBe(
    '1 high, 1 low, 1 unknown',
  );
  expect(countsText([])).toBe('none');
});

test('a fix in another release line is marked as such', () => {
  const table = findingsTable([finding({ id: 'CVE-1', fixedIn: ['2.0.0'] }), finding({ id: 'CVE-2' })]);
  expect(table).toMatch(/CVE-1 .* only in 2\.0\.0 /);
  expect(table).toMatch(/CVE-2 .* 1\.2\.4 /);
});
