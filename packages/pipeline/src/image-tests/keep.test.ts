/** Results of several steps that test one image. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { digestOf } from '@tidegate/core';
import { readEvidence, TRUST_NONE } from '../evidence/store.ts';
import { openTarget, type Target } from '../target.ts';
import { keepTestResults } from './keep.ts';
import { newTarget } from './target.fixture.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-keep-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function step(target: Target, file: string, problems: readonly string[]): Promise<void> {
  const { digest } = target.image.root;
  const results = [{ name: 'starts', problems }];
  const tested = [{ platform: 'linux/amd64', digest, results, skipped: 0 }];
  await keepTestResults(target, tested, { configuration: [{ name: file, digest: digestOf(file) }] });
}

async function results(target: Target): Promise<readonly boolean[]> {
  const evidence = await readEvidence(await openTarget(target.layout.folder), TRUST_NONE);
  return evidence.flatMap((one) => (one.kind === 'tests' ? [one.passed] : []));
}

test('a step that passes does not replace the failure of other tests, but that of its own', async () => {
  const target = await newTarget(folder, ['amd64']);
  await step(target, 'unit.yaml', ['exit code 1, expected 0']);
  await step(target, 'smoke.yaml', []);
  expect((await results(target)).toSorted()).toEqual([false, true]);
  await step(target, 'unit.yaml', []);
  expect(await results(target)).toEqual([true, true]);
});
