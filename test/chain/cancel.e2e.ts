import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type BundleResult, processesNaming, runPost, startRegistry } from '@tidegate/testkit';
import { expectOneClearError } from '../support/clear-error.ts';
import { replaceTools } from '../support/fake-tools.ts';
import { type ActionName, type Job, leave, newJob, succeeded } from '../support/job.ts';
import { everythingIn } from '../support/left-behind.ts';
import { stagesOf } from '../support/stages.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const stages = stagesOf(suite);
const jobs: Job[] = [];
afterAll(async () => {
  for (const job of jobs) {
    // Where a test failed, what it was to see ended has not.
    for (const { pid } of await processesNaming(job.temp)) process.kill(pid, 'SIGKILL');
    await leave(job);
  }
});

/** The runner sends SIGINT, SIGTERM 7.5 s later, and kills after 10 s in all: what is not done by then stays undone. */
const PATIENCE = 7500;

type More = NonNullable<Parameters<Job['run']>[2]>;

/** Run a step and cancel it at the first line that matches. @returns also how long it took to end. */
async function cancelled(
  job: Job,
  signal: NodeJS.Signals,
  at: RegExp,
  action: ActionName,
  inputs: Readonly<Record<string, string>>,
  more: More = {},
): Promise<BundleResult & { readonly took: number }> {
  let sent: number | undefined;
  const result = await job.run(action, inputs, {
    ...more,
    onLine(line, kill) {
      if (sent !== undefined || !at.test(line)) return;
      sent = performance.now();
      kill(signal);
    },
  });
  if (sent === undefined) throw new Error(`no line matched ${at}:\n${result.log.join('\n')}`);
  return { ...result, took: performance.now() - sent };
}

describe.each(['SIGINT', 'SIGTERM'] as const)('a build that is cancelled by %s', (signal) => {
  test('ends at once and leaves nothing; its post step stops the BuildKit that it started', async () => {
    const job = await newJob(suite);
    jobs.push(job);
    const before = await everythingIn(job);
    const own = { env: { BUILDKIT_HOST: '' } };
    const result = await cancelled(
      job,
      signal,
      /waiting/,
      'build-image',
      { target: 'endless', 'no-cache': 'true' },
      own,
    );
    expect(expectOneClearError(result)).toBe(
      `Cancelled by ${signal} before it was done. — Run the job again to finish; published data is not sent again.`,
    );
    expect(result.took).toBeLessThan(PATIENCE);
    expect(result.outputs).toEqual({});

    // Until the post step the daemon lives: a build that was cancelled may not have time to stop it.
    const daemon = join(job.temp, 'tidegate-buildkit-publish');
    expect(await processesNaming(daemon)).not.toEqual([]);
    const post = await runPost(result);
    expect(post?.exitCode).toBe(0);
    expect(await processesNaming(daemon)).toEqual([]);
    // The RUN step itself.
    expect(await processesNaming('/app\0wait')).toEqual([]);
    expect(await everythingIn(job)).toEqual(before);
  });
});

test('a build that is not cancelled leaves its BuildKit to the post step as well', async () => {
  const job = await newJob(suite);
  jobs.push(job);
  const built = await succeeded(job.run('build-image', {}, { env: { BUILDKIT_HOST: '' } }));
  const daemon = join(job.temp, 'tidegate-buildkit-publish');
  expect(await processesNaming(daemon)).not.toEqual([]);
  expect((await runPost(built))?.exitCode).toBe(0);
  expect(await processesNaming(daemon)).toEqual([]);
  expect((await readdir(job.temp)).filter((name) => name.startsWith('tidegate-buildkit'))).toEqual([]);
});

/**
 * A tool that does not end by itself, nor when it is asked to, and has a child that does not either. It speaks as Grype
 * does, of whose lines the log shows warnings and errors.
 */
const STUBBORN = `trap '' TERM
sleep 3600 &
echo "[0000] ERROR $0 waits" >&2
while :; do wait; done`;

describe('a tool that is at work when the step is cancelled', () => {
  test.each([
    { tool: 'syft', action: 'generate-sbom', stage: 'built' },
    { tool: 'grype', action: 'scan-image', stage: 'cataloged' },
  ] as const)('$tool ends with it, and all it has started', async ({ tool, action, stage }) => {
    const { job } = await stages(stage);
    jobs.push(job);
    const tools = await replaceTools(suite, { [tool]: `if [ "$1" = db ]; then exec "$real" "$@"; fi\n${STUBBORN}` });
    const before = await everythingIn(job);
    const result = await cancelled(job, 'SIGINT', /waits$/, action, { tools });
    expect(expectOneClearError(result)).toContain('Cancelled by SIGINT');
    expect(result.took).toBeLessThan(PATIENCE);
    expect(await processesNaming(tools)).toEqual([]);
    expect(await everythingIn(job)).toEqual(before);
  });
});

describe('a push that is cancelled', () => {
  test.each([
    { what: 'while a blob goes up', of: /\/blobs\/uploads\//, method: 'PATCH|PUT' },
    { what: 'while the evidence goes up', of: /\/manifests\/sha256:/, method: 'PUT' },
  ])('$what leaves no tag; the next run finishes it', async ({ of, method }) => {
    const { job, digest } = await stages('signed');
    jobs.push(job);
    let cancel = (): void => {};
    let held = false;
    const registry = await startRegistry({
      async onRequest(request) {
        if (held || !of.test(request.url) || !new RegExp(`^(${method})$`).test(request.method)) return undefined;
        held = true;
        cancel();
        return { kind: 'reset' };
      },
    });
    try {
      const login = { 'registry-username': 'octocat', 'registry-password': 'not asked for' };
      const push = { image: `${registry.host}/cancelled/app`, 'verification-key': suite.key.public, ...login };
      const before = await everythingIn(job);
      const result = await job.run('push-image', push, {
        // The way to kill comes with each line. The first says what to mask: the password, before anything is sent.
        onLine: (_line, kill) => {
          cancel = () => kill('SIGTERM');
        },
      });
      expect(held).toBe(true);
      expect(expectOneClearError(result)).toContain('Cancelled by SIGTERM');
      expect([...registry.tags('cancelled/app')]).toEqual([]);
      expect(await everythingIn(job)).toEqual(before);

      await succeeded(job.run('push-image', push));
      expect([...registry.tags('cancelled/app')]).toEqual([['main', digest]]);
    } finally {
      await registry.close();
    }
  });
});
