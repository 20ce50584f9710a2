/** A developer's session in a real terminal, from a fresh clone to a verified image: the transcript is kept. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type BundleResult, repositoryRoot } from '@tidegate/testkit';
import { type Job, leave, newJob } from '../support/job.ts';
import { repositoryView } from '../support/registry-view.ts';
import { theSuite } from '../support/suite.ts';
import { linesOfCommands, type Shown, typedSession } from './session.ts';
import { cloneOf } from './terminal.ts';

const TRANSCRIPT = join(repositoryRoot, 'test/cli/transcript.ansi');
const suite = await theSuite();
const host = suite.registries.olareg;
const image = `${host}/cli/typed`;
let job: Job;
let inCi: BundleResult;
let shown: Shown;

beforeAll(async () => {
  job = await newJob(suite, { app: 'sound' });
  inCi = await job.run('ship', { image: `${host}/ci/typed` });
  shown = await typedSession(await cloneOf(job, suite), suite, image);
}, 600_000);
afterAll(() => leave(job));

test('the terminal shows the transcript', async () => {
  // KEEP_TRANSCRIPT=1 writes it anew.
  if (process.env.KEEP_TRANSCRIPT) await writeFile(TRANSCRIPT, `${shown.colored}\n`);
  expect(linesOfCommands(shown.colored)).toEqual(linesOfCommands(await readFile(TRANSCRIPT, 'utf8')));
});

test('the image is that of the action for the same commit', async () => {
  expect(inCi.exitCode).toBe(0);
  expect(await repositoryView(host, 'cli/typed').digest('main')).toBe(inCi.outputs.digest);
  expect(shown.text).toContain('verdict         pass');
  expect(shown.text).toContain('exit code 0');
});

test('a terminal has colors, and its line of progress is gone in the end', () => {
  expect(shown.colored).toContain('\u001b[');
  expect(shown.text).not.toMatch(/\d+% of /);
});
