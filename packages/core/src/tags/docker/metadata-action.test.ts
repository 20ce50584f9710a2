import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '../../error.ts';
import { planTags } from '../plan-tags.ts';
import { METADATA_ROWS, type MetadataRow, planOf, stateOf } from './metadata-action.fixture.ts';

const named = (rows: readonly MetadataRow[]) =>
  rows.map((row, at) => [`${at}: ${row.event ?? 'push'} ${row.ref}: ${row.lines.join(' | ')}`, row] as const);
const sorted = (tags: readonly string[]) => [...tags].toSorted();

describe('tags of docker/metadata-action', () => {
  test('are compared for at least 150 inputs', () => {
    expect(METADATA_ROWS.length).toBeGreaterThanOrEqual(150);
    expect(METADATA_ROWS.filter(({ differs }) => differs === undefined).length).toBeGreaterThanOrEqual(150);
    for (const { ours, differs } of METADATA_ROWS) expect(ours === undefined).toBe(differs === undefined);
  });

  test.each(named(METADATA_ROWS.filter(({ ours }) => ours === undefined)))('are the same here: %s', (_, row) => {
    const plan = planOf(row);
    expect(sorted(plan.tags.map(({ tag }) => tag))).toEqual(sorted(row.theirs.tags));
    expect(plan.version ?? '').toBe(row.theirs.version);
  });

  test.each(named(METADATA_ROWS.filter(({ ours }) => ours !== undefined)))('differ on purpose: %s', (_, row) => {
    const { ours = row.theirs } = row;
    if ('error' in ours) {
      expect(() => planOf(row)).toThrow(expect.objectContaining({ code: ours.error }));
      return;
    }
    const plan = planOf(row);
    expect(plan.tags.map(({ tag }) => tag)).toEqual(ours.tags);
    expect(plan.version ?? '').toBe(ours.version);
    expect({ tags: sorted(ours.tags), version: ours.version }).not.toEqual({
      tags: sorted(row.theirs.tags),
      version: row.theirs.version,
    });
    // Every tag of theirs that is not set has a reason in the summary, or another tag in its place.
    expect(plan.left.length + plan.tags.length).toBeGreaterThan(0);
  });

  test.each(named(METADATA_ROWS.filter(({ ours }) => !(ours && 'error' in ours))))(
    'are the same in another job: %s',
    (_, row) => {
      const { tags } = planOf(row);
      const again = planTags(stateOf(row), {
        tags: tags.map(({ rule }) => rule),
        now: new Date('2026-11-26T00:10:00Z'),
      });
      const planned = tags.length === 0 ? [] : sorted(again.tags.map(({ tag }) => tag));
      expect(planned).toEqual(sorted(tags.map(({ tag }) => tag)));
    },
  );
});

test('one error names every wrong line', () => {
  const row: MetadataRow = {
    ref: 'refs/heads/main',
    lines: ['type=semver', 'semvr', 'type=sha,format=tiny', 'type=raw,value={{branches}}', 'main'],
    theirs: { tags: [], version: '' },
  };
  let thrown: unknown;
  try {
    planOf(row);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(TidegateError);
  const { message, next } = thrown as TidegateError;
  expect(message).toMatch(
    /^Input tags: 4 lines are invalid: \(1\) got "type=semver", expected type=semver with pattern=/,
  );
  for (const part of ['"semvr"', '"type=sha,format=tiny"', '{{branches}}']) expect(message).toContain(part);
  expect(next).toContain('(1) Write type=semver,pattern={{version}}.');
  expect(next).toContain('(4) Use one of {{branch}}');
});

test('text of others is never read as an expression', () => {
  const rows = ['type=ref,event=branch', 'type=raw,value={{branch}}', 'type=sha,prefix={{branch}}-'];
  const row = { ref: 'refs/heads/{{sha}}', lines: rows, theirs: { tags: [], version: '' } };
  for (const { tag, rule } of planOf(row).tags) {
    expect(tag).toMatch(/^(sha-[0-9a-f]{12}|sha-[0-9a-f]{12}-0123456)$/);
    expect(rule).not.toContain('{{sha}}');
  }
});
