/** Results of jobs that ran an image: each counts for the platforms of its own job, and nothing else gets in. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testResultStatement } from '@tidegate/attest';
import { type Digest, hexOf } from '@tidegate/core';
import { readEvidence, TRUST_NONE } from '../evidence/store.ts';
import { openTarget, type Target } from '../target.ts';
import { takeTestResults } from './hand-over.ts';
import { newTarget } from './target.fixture.ts';

let folder = '';
let target: Target;
let platforms: readonly Digest[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-hand-over-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** @param files platform in each file by path, with the platform that the result is about if it is another one */
async function taken(files: Readonly<Record<string, readonly [number, number?]>>): Promise<number> {
  target = await newTarget(folder, ['amd64', 'arm64']);
  platforms = target.image.platforms.map(({ descriptor }) => descriptor.digest);
  const results = await mkdtemp(join(folder, 'results-'));
  for (const [path, [named, about = named]] of Object.entries(files)) {
    const [at, subject] = [platforms[named], platforms[about]];
    if (!at || !subject) throw new Error('there are two platforms');
    const into = join(results, path);
    await mkdir(into, { recursive: true });
    const { bytes } = testResultStatement(subject, { passed: ['starts'], failed: [], configuration: [] });
    await writeFile(join(into, `${hexOf(at)}.json`), bytes);
  }
  const [first, second] = platforms;
  const artifacts = new Map([
    ['one-tests', first ? [first] : []],
    ['two-tests', second ? [second] : []],
  ]);
  await takeTestResults(target, results, artifacts);
  const evidence = await readEvidence(await openTarget(target.layout.folder), TRUST_NONE);
  return evidence.filter(({ kind }) => kind === 'tests').length;
}

test('results of all platforms in one folder, or of each in the folder of its job', async () => {
  expect(await taken({ '': [0] })).toBe(1);
  expect(await taken({ 'one-tests': [0], 'two-tests': [1] })).toBe(2);
});

test.each([
  ['a job brings the result of the other platform', { 'two-tests': [0] }],
  ['a result is about the other platform', { 'two-tests': [1, 0] }],
  ['a folder is of no job', { 'three-tests': [0] }],
  ['a folder is in the folder of a job', { 'one-tests/one-tests': [0] }],
] as const)('nothing is taken if %s', async (_, files) => {
  await expect(taken(files)).rejects.toThrow(/not a test result/);
});
