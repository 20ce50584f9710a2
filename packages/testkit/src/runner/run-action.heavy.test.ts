import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BundleResult, type BundleRun, runBundle, runPost } from './run-action.ts';

let temp = '';
beforeAll(async () => {
  temp = await mkdtemp(`${tmpdir()}/job-`);
});
afterAll(() => rm(temp, { recursive: true }));

const action = fileURLToPath(new URL('../../testdata/actions/greet/action.yml', import.meta.url));
const greet = (inputs: Record<string, string>, more: Partial<BundleRun> = {}): Promise<BundleResult> =>
  runBundle({ action, inputs, temp, workspace: temp, timeout: 20_000, ...more });

describe('an action, run as the runner runs it', () => {
  test('reads inputs and defaults, and answers through the files', async () => {
    const result = await greet({ who: 'a::b', times: '2' });
    expect(result).toMatchObject({
      exitCode: 0,
      outputs: { greeting: 'Hello a::b\nHello a::b', length: '21' },
      state: { who: 'a::b' },
      summary: '# a::b\n',
      annotations: [],
    });
    expect(result.log).toContain('Hello a::b');
    const post = await runPost(result);
    expect(post).toMatchObject({ exitCode: 0, log: ['Goodbye a::b'] });
  });

  test('prints no secret', async () => {
    const result = await greet({ who: 'x', password: 'hunter2-hunter2' }, { token: 'ghs_0123456789' });
    expect(result.raw).toContain('The password is ***, the token ***.');
    expect(result.raw).not.toMatch(/hunter2|ghs_/);
    expect(result.commands.filter(({ name }) => name === 'add-mask')).toHaveLength(2);
  });

  test('takes no command from its input', async () => {
    const result = await greet({ who: 'x\n::set-env name=A::b\n##[error]c' });
    expect(result.commands).toEqual([]);
    expect(result.exitCode).toBe(0);
  });

  test.each([
    ['refuse', /^The gate is shut\. — Open it\. \[TG6001\]$/],
    ['bug', /TypeError: undefined is not x — This is a bug/],
    ['forget', /a promise nobody waits for — This is a bug/],
  ])('fails with one error and no stack: %s', async (mode, message) => {
    const result = await greet({ who: 'x', mode });
    expect(result.exitCode).toBe(1);
    expect(result.annotations).toEqual([{ level: 'error', title: 'Greet', message: expect.stringMatching(message) }]);
    expect(result.raw).not.toMatch(/^\s+at /m);
  });

  test('ends at once though sockets and timers are open', async () => {
    const result = await greet({ who: 'x', mode: 'linger' });
    expect(result).toMatchObject({ exitCode: 0, outputs: { length: '7' } });
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('cleans up and fails on %s', async (signal) => {
    const result = await greet(
      { who: 'x', mode: 'wait' },
      { onLine: (line, kill) => line === 'waiting' && kill(signal) },
    );
    expect(result).toMatchObject({ exitCode: 1, signal: null });
    expect(result.log.slice(-2)).toEqual([
      'cleaned up',
      expect.stringContaining(`error: Cancelled by ${signal} before it was done. — `),
    ]);
  });
});

test('an action that does not end fails the test, with its last lines', async () => {
  const stuck = greet({ who: 'x', mode: 'wait' }, { timeout: 3_000 });
  await expect(stuck).rejects.toThrow(/was still running after 3 s\.\n(?:.*\n)*waiting\nRunning:\n$/);
});

test('an input that the action does not declare is a mistake of the test', async () => {
  await expect(greet({ whom: 'x' })).rejects.toThrow('declares no input whom');
});

test('an action whose log is no longer read ends like a cancelled one', async () => {
  const main = fileURLToPath(new URL('../../testdata/actions/greet/main.ts', import.meta.url));
  const env = { PATH: process.env.PATH ?? '', INPUT_WHO: 'x', INPUT_TIMES: '2', INPUT_MODE: 'forget' };
  const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'pipe'], env });
  try {
    child.stdout.destroy();
    child.stderr.destroy();
    expect(await once(child, 'exit', { signal: AbortSignal.timeout(10_000) })).toEqual([1, null]);
  } finally {
    child.kill('SIGKILL');
  }
});
