import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { childContexts } from './child-context.ts';
import { shortCommand } from './short-command.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-short-'));
  await mkdir(join(folder, 'bin with blanks'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Creates a program of these tests: a few words of JavaScript in Node, in a folder whose name contains spaces. */
async function program(name: string, code: string): Promise<string> {
  const path = join(folder, 'bin with blanks', name);
  await writeFile(path, `#!${process.execPath}\n${code}\n`);
  await chmod(path, 0o755);
  return path;
}

async function start(path: string, argv: string[] = [], answers?: number[], timeout = 20_000): Promise<void> {
  const env = { PATH: join(folder, 'bin with blanks'), SECRET_OF_THE_JOB: 'x' };
  const context = await childContexts({ env, folder, workspace: join(folder, 'workspace') }).create();
  return shortCommand(path, argv, { context, timeout, ...(answers ? { answers } : {}) });
}

test('arguments arrive as they are, and the environment is the given one', async () => {
  const out = join(folder, 'seen.json');
  const path = await program(
    'see',
    `const seen = { argv: process.argv.slice(3), secret: process.env.SECRET_OF_THE_JOB ?? null };
     require('fs').writeFileSync(process.argv[2], JSON.stringify(seen));`,
  );
  const hostile = ['a b', '"', '\\', '$(id)', '', '*', "'", '--x=1'];
  await start(path, [out, ...hostile]);
  expect(JSON.parse(await readFile(out, 'utf8'))).toEqual({ argv: hostile, secret: null });
});

test('a program that exits before this process continues does not end it with an EPIPE', async () => {
  // The library writes to stdin, if at all, just after `spawn`: a wait there is what a busy machine does.
  const code = `
    import childProcess from 'node:child_process';
    import { syncBuiltinESMExports } from 'node:module';
    const { spawn } = childProcess;
    childProcess.spawn = (...given) => {
      const child = spawn(...given);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
      console.log('waited');
      return child;
    };
    syncBuiltinESMExports();
    const { shortCommand } = await import(process.argv[1]);
    const context = { cwd: '/', env: {} };
    await shortCommand('/bin/true', [], { context, timeout: 20_000 });
    console.log('done');`;
  const module = join(import.meta.dirname, 'short-command.ts');
  const ended = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code, module]);
  expect(ended.stdout).toBe('waited\ndone\n');
});

test('a program is found in the PATH of its context', async () => {
  await program('found', '');
  await expect(start('found')).resolves.toBeUndefined();
});

describe('fails', () => {
  test.each<[string, string, number[] | undefined, RegExp]>([
    ['an exit code that is not expected', 'console.error("why"); process.exit(3)', undefined, /exit code 3.*\nwhy$/s],
    ['success where only another code is expected', '', [1], /exit code 0/],
    ['a signal', 'process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000)', [0, 1], /a signal killed it/],
  ])('%s', async (name, code, answers, message) => {
    const path = await program(`fails-${name.replaceAll(' ', '-')}`, code);
    await expect(start(path, [], answers)).rejects.toMatchObject({
      id: 'system-command-failed',
      message: expect.stringMatching(message),
    });
  });

  test('a program that is not there', async () => {
    await expect(start('no-such-program')).rejects.toThrow(/no-such-program failed: there is no such program in PATH/);
    await expect(start(join(folder, 'none'))).rejects.toThrow(/none failed: .*none/);
  });

  test('a program that does not end in time', async () => {
    const path = await program('slow', 'setTimeout(() => {}, 3000)');
    await expect(start(path, [], undefined, 300)).rejects.toThrow(/slow failed: it did not end within 0.3 s/);
  });

  test('a path that the library would read otherwise', async () => {
    await expect(start(join(folder, 'a"b'))).rejects.toThrow(/holds a quote or a backslash/);
  });
});

test('an exit code that is expected is success', async () => {
  await expect(start(await program('one', 'process.exit(1)'), [], [0, 1])).resolves.toBeUndefined();
});
