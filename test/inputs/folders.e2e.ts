/**
 * A runner's own folders as they may be: missing, a file in their place, read-only, not named at all. What is kept
 * between jobs and the user's HOME cost time at most; without RUNNER_TEMP there is one sentence that names it.
 */
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BundleResult } from '@tidegate/testkit';
import { expectOneClearError } from '../support/clear-error.ts';
import { type ActionName, type Job, leave, newJob, succeeded } from '../support/job.ts';
import { readOnlyCopy } from '../support/read-only.ts';
import { type Staged, stagesOf } from '../support/stages.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const stages = stagesOf(suite);
const VARIABLES = ['RUNNER_TEMP', 'RUNNER_TOOL_CACHE', 'HOME'] as const;
type Variable = (typeof VARIABLES)[number];

let staged: Staged;
let readOnly: Awaited<ReturnType<typeof readOnlyCopy>>;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(suite.folder, 'folders-'));
  await writeFile(join(folder, 'file'), '');
  await mkdir(join(folder, 'empty'));
  readOnly = await readOnlyCopy(join(folder, 'empty'), folder);
  staged = await stages('cataloged');
});
afterAll(async () => {
  await readOnly[Symbol.asyncDispose]();
  await leave(staged.job);
});

/** States of a folder; `why` is what is said where it must be one that can be written. */
const STATES: readonly {
  readonly what: string;
  readonly value: () => string | undefined;
  readonly why?: RegExp;
}[] = [
  { what: 'a file', value: () => join(folder, 'file'), why: /is a file where a folder must be/ },
  { what: 'below a file', value: () => join(folder, 'file', 'deep'), why: /is a file where a folder must be/ },
  // Also root, as whom tests may run, can make nothing there.
  { what: 'where nothing can be made', value: () => '/proc/tidegate', why: /nothing can be created in \/proc/ },
  { what: 'read-only', value: () => readOnly.folder, why: /is on a read-only file system/ },
  { what: 'missing', value: () => join(folder, 'missing', crypto.randomUUID()) },
  { what: 'empty', value: () => '' },
  { what: 'not set', value: () => undefined },
];
const TABLE = VARIABLES.flatMap((variable) => STATES.map((state) => ({ variable, ...state })));

/** One step with one variable as it is not to be. Where there is no RUNNER_TEMP the system's own folder is used. */
function stepWith(job: Job, action: ActionName, variable: Variable, value: string | undefined, inputs = {}) {
  const env = { TMPDIR: join(job.temp, 'of-the-system'), [variable]: value };
  return job.run(action, inputs, { env });
}

function expectDone(result: BundleResult): void {
  const { exitCode, log } = result;
  // With the log, which says why.
  expect({ exitCode, log }).toEqual({ exitCode: 0, log });
}

describe.each(['plan', 'lint-source'] as const)('%s', (action) => {
  let job: Job;
  beforeAll(async () => {
    job = await newJob(suite);
    await mkdir(join(job.temp, 'of-the-system'));
  });
  afterAll(() => leave(job));

  test.each(TABLE)('with $variable $what', async ({ variable, value, why }) => {
    const given = value();
    const inputs = action === 'plan' ? { image: 'ghcr.io/acme/app' } : {};
    const result = await stepWith(job, action, variable, given, inputs);
    if (variable !== 'RUNNER_TEMP' || why === undefined) return expectDone(result);
    const message = expectOneClearError(result);
    expect(message).toMatch(why);
    expect(message).toMatch(
      new RegExp(`^RUNNER_TEMP is ${given}, and .* — .*, or set RUNNER_TEMP to another folder\\.$`),
    );
  });
});

/** Inputs that keep files between jobs, and programs that have a HOME. */
const KEPT = TABLE.filter(({ variable, why }) => variable !== 'RUNNER_TEMP' && why !== undefined);

describe('a step that keeps something between jobs and starts programs', () => {
  test.each(KEPT)('builds with $variable $what', async ({ variable, value }) => {
    const job = await newJob(suite);
    try {
      const result = await stepWith(job, 'build-image', variable, value());
      expectDone(result);
      expect(result.outputs.digest).toMatch(/^sha256:/);
      const notices = result.annotations.filter(({ message }) => message.includes('could not be saved in'));
      expect(notices).toHaveLength(variable === 'RUNNER_TOOL_CACHE' ? 1 : 0);
    } finally {
      await leave(job);
    }
  });

  test.each(KEPT)('scans with $variable $what', async ({ variable, value }) => {
    const result = await stepWith(staged.job, 'scan-image', variable, value(), { 'db-cache': '' });
    expectDone(result);
    expect(result.outputs.verdict).toBe('pass');
    const notices = result.annotations.filter(({ message }) => message.includes('could not be saved in'));
    expect(notices).toHaveLength(variable === 'RUNNER_TOOL_CACHE' ? 1 : 0);
  });

  test('makes RUNNER_TEMP where it is missing, and leaves the image in it', async () => {
    const job = await newJob(suite);
    const temp = join(job.temp, 'made', 'by', 'the-step');
    const { outputs } = await succeeded(stepWith(job, 'build-image', 'RUNNER_TEMP', temp));
    expect(outputs.layout).toBe(join(temp, 'tidegate/image/layout'));
    expect(await readdir(outputs.layout ?? '')).toContain('index.json');
    await leave(job);
  });
});
