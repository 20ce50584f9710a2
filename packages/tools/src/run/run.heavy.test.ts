import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hasKind, type TidegateError } from '@tidegate/core';
import type { RunOptions } from '../toolbox/tool.ts';
import { type ChildOptions, childContexts } from './child-context.ts';
import { run } from './run.ts';

/** Runs a program of these tests: a few words of JavaScript in Node. */
const node = async (script: string, { child, ...options }: Partial<RunOptions> & { child?: ChildOptions } = {}) =>
  run(process.execPath, ['-e', script], { context: await contextOf(child), timeout: 20_000, ...options });

const contextOf = (child?: ChildOptions) =>
  childContexts({ env: {}, folder: join(folder, 'children'), workspace: '/none' }).create(child);

const failure = async (running: Promise<unknown>): Promise<TidegateError> => {
  const error = await running.then(
    () => new Error('it ended well'),
    (thrown: unknown) => thrown,
  );
  if (!hasKind(error, 'tool', 'cancelled')) throw error;
  return error;
};

/** Empty once it has ended, reaped by its new parent or not. */
const commandLine = (pid: number) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-run-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a program that ends well', () => {
  test('returns its output, its stderr line by line, and reads its stdin', async () => {
    const lines: string[] = [];
    const script = `process.stdin.on('data', (text) => console.log('got ' + text)); process.stderr.write('one\\r\\ntw\\u00f6\\nno end')`;
    const result = await node(script, { stdin: 'words', onLine: (line) => lines.push(line) });
    expect(result).toMatchObject({ exitCode: 0, stdout: 'got words\n', stderr: 'one\r\ntw\u00f6\nno end' });
    expect(lines).toEqual(['one', 'twö', 'no end']);
  });

  test('has the environment and the folder of its context, and nothing else', async () => {
    const context = await contextOf({ set: { ONLY: 'this' } });
    const { stdout } = await node('console.log(JSON.stringify([process.env, process.cwd()]))', { context });
    expect(JSON.parse(stdout)).toEqual([context.env, context.cwd]);
    expect(context.env.ONLY).toBe('this');
  });

  test('prints into a file where one is named, and as much as it likes', async () => {
    const file = join(folder, 'report.json');
    const result = await node(`process.stdout.write('x'.repeat(100_000))`, { stdout: { file }, maxOutput: 10 });
    expect(result.stdout).toBe('');
    expect(await readFile(file, 'utf8')).toHaveLength(100_000);
  });

  test('has all of its stderr in the result where a caller judges it', async () => {
    const script = `process.stderr.write('first\\n' + 'x\\n'.repeat(100_000))`;
    expect((await node(script, { wholeStderr: true })).stderr).toBe(`first\n${'x\n'.repeat(100_000)}`);
    expect((await node(script)).stderr).not.toContain('first');
  });

  test('need not read its stdin', async () => {
    expect(await node('process.exit(0)', { stdin: 'x'.repeat(1 << 20) })).toMatchObject({ exitCode: 0 });
  });

  test('may end with another code where the caller calls that an answer', async () => {
    expect(await node('process.exit(2)', { answers: [0, 2] })).toMatchObject({ exitCode: 2 });
  });

  test('may say a line without end: it is cut, its further parts are marked, no memory grows', async () => {
    const lines: string[] = [];
    const result = await node(`process.stderr.write('x'.repeat(1_000_000))`, { onLine: (line) => lines.push(line) });
    const [first = '', ...further] = lines;
    const parts = [first, ...further.map((line) => line.slice('… '.length))];
    expect(further.every((line) => line.startsWith('… '))).toBe(true);
    expect(Math.max(...parts.map((line) => line.length))).toBeLessThanOrEqual(16 * 1024);
    expect(parts.join('')).toBe('x'.repeat(1_000_000));
    // No part of it: the rest of a secret would not be recognized.
    expect(result.stderr).toBe('(one line of more than 64 KiB)');
  });
});

describe('a program that does not', () => {
  const endings: [why: string, script: string, options: Partial<RunOptions>, said: RegExp][] = [
    [
      'fails',
      `console.error('no such image'); process.exit(3)`,
      {},
      /exited with code 3.*Last output:\nno such image$/s,
    ],
    ['fails without a word', 'process.exit(1)', {}, /exited with code 1, without output$/],
    ['is killed', `process.kill(process.pid, 'SIGKILL')`, {}, /was killed by SIGKILL/],
    [
      'crashes with half its output written',
      `process.stdout.write('{"matches":['); process.abort()`,
      {},
      /was killed by SIGABRT/,
    ],
    [
      'prints more than it may',
      `setInterval(() => process.stdout.write('x'.repeat(4096)), 1)`,
      { maxOutput: 8192 },
      /printed more than 8192 bytes and was stopped/,
    ],
    [
      'prints more than it may to stderr, of which all is wanted',
      `setInterval(() => process.stderr.write('x\\n'.repeat(2048)), 1)`,
      { maxOutput: 8192, wholeStderr: true },
      /printed more than 8192 bytes and was stopped/,
    ],
    [
      'does not end',
      `console.error('waiting for a lock'); setInterval(() => {}, 1e6)`,
      { timeout: 300 },
      /did not finish within 0.3 s and was stopped/,
    ],
  ];
  test.each(endings)('%s: its end and its last lines are the error', async (_, script, options, said) => {
    const error = await failure(node(script, options));
    expect(error.kind).toBe('tool');
    expect(error.message).toMatch(said);
    expect(error.next).toBeTruthy();
  });

  test('takes what it started with it when its time is up', async () => {
    const child = `const c = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'inherit' });`;
    const lines: string[] = [];
    await failure(
      node(`${child} console.error(c.pid); setInterval(() => {}, 1e6)`, {
        timeout: 1000,
        onLine: (line) => lines.push(line),
      }),
    );
    expect(await commandLine(Number(lines[0]))).toBe('');
  });

  test('fails when it leaves a process behind that still holds its output', async () => {
    const script = `const c = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'inherit' }); c.unref(); process.stdout.write('{', () => process.exit(0))`;
    const error = await failure(node(script));
    expect(error.message).toMatch(/left a process behind/);
  });

  test('ends, deaf to SIGTERM or not, when the job is cancelled', async () => {
    const stop = new AbortController();
    const deaf = `process.on('SIGTERM', () => {}); console.error('up'); setInterval(() => {}, 1e6)`;
    const error = await failure(node(deaf, { signal: stop.signal, onLine: () => stop.abort() }));
    expect(error).toMatchObject({ kind: 'cancelled' });
  });

  test('is not started in a job that was cancelled before', async () => {
    const error = await failure(node('', { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ kind: 'cancelled', message: expect.stringContaining('was not started') });
  });
});

describe('a program that cannot start', () => {
  test.each([
    ['is not there', '/nowhere/syft', undefined, '/nowhere/syft does not exist'],
    ['has no such folder to run in', process.execPath, '/nowhere', 'its folder /nowhere does not exist'],
    ['is no program', import.meta.filename, undefined, 'run.heavy.test.ts is not executable'],
  ])('because it %s says so', async (_, path, cwd, said) => {
    const error = await failure(run(path, [], { context: await contextOf(cwd ? { cwd } : {}), timeout: 1000 }));
    expect(error.message).toContain(said);
  });
});
