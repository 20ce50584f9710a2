/**
 * The attacker opens a pull request whose Dockerfile leaves something in BuildKit's cache, on a runner that keeps its
 * state or on a builder that all runs share. A release is to be compiled from it.
 */
import { randomUUID } from 'node:crypto';
import { copyFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runPost } from '@tidegate/testkit';
import { BUSYBOX } from '../support/built-image.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const jobs: Job[] = [];
/** Kept between the jobs of a self-hosted runner. */
let kept: { readonly state: string; readonly RUNNER_TOOL_CACHE: string };
beforeAll(async () => {
  const job = await newJob(suite);
  jobs.push(job);
  kept = { state: join(job.temp, '..', 'state'), RUNNER_TOOL_CACHE: job.toolCache };
});
afterAll(() => Promise.all(jobs.map(leave)));

const MAIN = {};
const TAG = { GITHUB_REF: 'refs/tags/v1.2.3', GITHUB_REF_NAME: 'v1.2.3' };
const BRANCH = { GITHUB_REF: 'refs/heads/release/1.x', GITHUB_REF_NAME: 'release/1.x' };
const PULL = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge', GITHUB_REF_NAME: '7/merge' };
/** With the ref of the default branch. */
const PULL_TARGET = { GITHUB_EVENT_NAME: 'pull_request_target' };
const OTHER_REPOSITORY = { GITHUB_REPOSITORY: 'mallory/app' };

/** The default id, and one that the Dockerfile gives. */
const MOUNTS = '--mount=type=cache,target=/cache --mount=type=cache,target=/named,id=compiler';
const write = (what: string) => `for d in /cache /named; do /bin/busybox echo ${what} > $d/tool; done`;
const READ = '/bin/busybox echo "compiled from $(/bin/busybox cat /cache/tool /named/tool 2>&1)"';
const READ_CONTEXT = '/bin/busybox echo "compiled from $(/bin/busybox cat /tool)"';

/** @returns what the RUN step printed */
async function built(
  env: Record<string, string>,
  shared: boolean,
  script: string,
  tool = { text: 'none', time: 1e9 },
): Promise<string> {
  // A comment of its own: no RUN step is another one's layer.
  const argv = JSON.stringify(['/bin/busybox', 'sh', '-c', `${script} # ${randomUUID()}`]);
  const Dockerfile = `FROM scratch\nCOPY busybox /bin/busybox\nCOPY tool /tool\nRUN ${MOUNTS} ${argv}\n`;
  const job = await newJob(suite, { files: { Dockerfile } });
  jobs.push(job);
  await copyFile(BUSYBOX, join(job.workspace, 'busybox'));
  await writeFile(join(job.workspace, 'tool'), tool.text);
  // BuildKit compares only time and size of a file that it has already.
  await utimes(join(job.workspace, 'tool'), tool.time, tool.time);
  const inputs = { lint: 'off', ...(shared ? {} : { 'buildkit-state': kept.state }) };
  const { RUNNER_TOOL_CACHE } = kept;
  const result = await succeeded(
    job.run('build-image', inputs, { env: { ...env, RUNNER_TOOL_CACHE, ...(shared ? {} : { BUILDKIT_HOST: '' }) } }),
  );
  expect((await runPost(result))?.exitCode ?? 0).toBe(0);
  return result.log
    .flatMap((line) => /^#\d+ [\d.]+ (compiled from .*|good$|.*No such file.*)/.exec(line)?.[1] ?? [])
    .join(' ');
}

describe.each([
  ['the BuildKit that Tidegate starts, with buildkit-state', false],
  ['a BuildKit that all runs share', true],
] as const)('on %s', (_, shared) => {
  test.each([
    ['a pull request', PULL],
    ['pull_request_target', PULL_TARGET],
    ['a push to another branch', BRANCH],
    ['another repository', OTHER_REPOSITORY],
  ])(
    'the cache mounts that %s filled are empty for the default branch',
    async (_who, env) => {
      await built(env, shared, write('evil'));
      expect(await built(MAIN, shared, READ)).toMatch(/No such file.*No such file/);
    },
    120_000,
  );

  test('a file that a pull request sent is not taken for one of the same size and time', async () => {
    // A time that no build before this one has sent.
    const time = 1_100_000_000;
    expect(await built(PULL, shared, READ_CONTEXT, { text: 'evil', time })).toBe('compiled from evil');
    expect(await built(MAIN, shared, READ_CONTEXT, { text: 'good', time })).toBe('compiled from good');
  }, 120_000);

  test("a tag's run reads the cache of the default branch", async () => {
    await built(MAIN, shared, write('good'));
    expect(await built(TAG, shared, READ)).toBe('compiled from good good');
  }, 120_000);
});

afterAll(() => rm(kept.state, { recursive: true, force: true }));
