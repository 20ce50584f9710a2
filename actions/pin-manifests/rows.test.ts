import { expect, test } from '@jest/globals';
import type { Job } from '@tidegate/runner';
import { type Row, refusalOf, reportRows } from './rows.ts';

const row = (state: string, more: Partial<Row> = {}): Row => ({
  ...{ file: 'app.yaml', line: 3, path: 'image', image: 'ghcr.io/acme/app:v1', state, passed: false },
  ...{ digest: `sha256:${'0'.repeat(64)}`, why: 'The reason.', ...more },
});
const adviceOf = (...rows: readonly Row[]) => refusalOf(rows, 'manifests-not-pinned', 'cannot be pinned')?.next;

const PIN = 'Run pin-manifests without `check`, and commit the files that it changes.';
const PUBLISH = 'Publish an image that passes verification, or correct the expected signer.';

test.each([
  ['an image without a digest', row('unpinned'), PIN],
  ['a tag that moved', row('moved'), PIN],
  ['an image that failed verification', row('refused'), PUBLISH],
  ['an image that is not in the registry', row('refused', { digest: '' }), expect.stringMatching(/^Correct the name/)],
  ['a place that cannot have a digest', row('left'), expect.stringMatching(/^Write by hand/)],
])('the advice is for the cause: %s', (_, one, advice) => expect(adviceOf(one)).toEqual(advice));

test('several causes have the advice for each of them, once', () => {
  expect(adviceOf(row('unpinned'), row('refused'), row('moved'))).toBe(`${PIN} ${PUBLISH}`);
});

test('base images have their own', () => {
  expect(refusalOf([row('moved')], 'bases-not-current', 'have moved')?.next).toMatch(
    /`bases: true` and without `check`/,
  );
});

test('a long reason ends after a whole word', () => {
  const why = `None is trusted. ${'word '.repeat(100)}`;
  expect(refusalOf([row('refused', { why })], 'manifests-not-pinned', 'failed')?.message).toMatch(/ word… No file/);
});

test('what is in another place is shown as not checked: it counts neither as passed nor as failed', async () => {
  const lines: string[] = [];
  const summaries: string[] = [];
  const log = { info: (line: string) => lines.push(line) };
  const summarise = async (text: string) => void summaries.push(text);
  const job = { log, summarise, redacted: <T>(value: T) => value } as unknown as Job;
  const rows = ['not-checked', 'left', 'pinned'].map((state) => row(state, { passed: true }));
  await reportRows(rows, { passed: 'pinned', failed: 'refused' }, job);
  expect(lines.map((line) => line.split('  ')[0])).toEqual(['not checked', 'left', 'pass']);
  expect(summaries.join()).toContain('✅ 1 image pinned, 2 left as they are');
  expect(refusalOf(rows, 'manifests-not-pinned', 'failed')).toBeUndefined();
});
