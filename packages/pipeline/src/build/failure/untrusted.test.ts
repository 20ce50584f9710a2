import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRedactor, TidegateError } from '@tidegate/core';
import { explainFailure } from './explain.ts';
import { TranscriptReader } from './transcript.ts';

/** Text of a program, a registry or a build argument in BuildKit's output must not decide our advice. */

const TOKEN = 'ghs_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8';
const redactor = createRedactor();
redactor.add(TOKEN);
const redact = (text: string) => redactor.redact(text);

let context: string;
beforeAll(async () => {
  context = await mkdtemp(join(tmpdir(), 'tidegate-explain-'));
  const lines = ['FROM alpine AS shell', 'RUN npm ci', `ADD https://u:${TOKEN}@example.com/x /x`, 'USER root'];
  await writeFile(join(context, 'Dockerfile'), lines.join('\n'));
});
afterAll(() => rm(context, { recursive: true, force: true }));

async function explained(output: string): Promise<TidegateError> {
  const reader = new TranscriptReader(redact);
  for (const line of output.split('\n')) reader.read(line);
  const options = { context, shownFile: 'Dockerfile', platforms: [], buildArgs: [] };
  const more = { redact, isNetworkApart: false, diskUse: async () => undefined };
  const cause = new TidegateError('tool-failed', 'buildx exited with code 1.');
  return (await explainFailure(cause, reader.transcript(), options, more)) as TidegateError;
}

const run = (said: readonly string[], command = 'npm ci') => `#6 [2/3] RUN ${command}
${said.map((line) => (line.startsWith('… ') ? line : `#6 0.125 ${line}`)).join('\n')}
#6 ERROR: process "/bin/sh -c ${command}" did not complete successfully: exit code: 1
Dockerfile:2
--------------------
   2 | >>> RUN ${command}
--------------------
ERROR: failed to build: failed to solve: process "/bin/sh -c ${command}" did not complete successfully: exit code: 1`;

const from = (said: string, image = 'evil.example/base:1') => `#2 [internal] load metadata for ${image}
#2 ERROR: ${said}
Dockerfile:1
--------------------
   1 | >>> FROM ${image}
--------------------
ERROR: failed to build: failed to solve: ${image}: failed to resolve source metadata for ${image}: ${said}`;

describe('no part of a secret is left where text is cut', () => {
  test.each([
    [
      'the instruction',
      run(['fatal: repository not found'], `git clone https://x-access-token:${TOKEN}@example.com/x`),
    ],
    ['the last words', run([`fatal: ${'p'.repeat(190)} https://u:${TOKEN}@h/x`])],
    ['an unknown reason', `ERROR: failed to build: failed to solve: ${'x '.repeat(185)}${TOKEN}`],
    [
      'an instruction as it is in the Dockerfile',
      `#6 [2/3] ADD https://u:${TOKEN}@example.com/x /x
#6 ERROR: invalid response status 404
ERROR: failed to build: failed to solve: invalid response status 404`,
    ],
  ])('%s', async (_, output) => {
    const { message, next } = await explained(output);
    for (let at = 0; at + 6 <= TOKEN.length; at += 1) expect(message + next).not.toContain(TOKEN.slice(at, at + 6));
  });

  test('a line of output, and the reason', () => {
    const reader = new TranscriptReader(redact);
    const reason = `ERROR: x\n${`${'y '.repeat(480)}\n`.repeat(4)}${'y '.repeat(70)}${TOKEN}`;
    const output = run([`fatal: x ${' '.repeat(970)}${TOKEN}`]);
    for (const line of `${output}\n${reason}`.split('\n')) reader.read(line);
    const read = reader.transcript();
    expect(read?.step?.output.join()).toMatch(/^fatal: x/);
    expect(read?.reason).toMatch(/^x\ny/);
    for (const text of [read?.step?.output.join(), read?.reason]) expect(text).not.toContain(TOKEN.slice(0, 6));
  });

  test('and an instruction with a secret is still found in the Dockerfile', async () => {
    const error = await explained(`#6 [2/3] ADD https://u:${TOKEN}@example.com/x /x
#6 ERROR: invalid response status 404
ERROR: failed to build: failed to solve: invalid response status 404`);
    expect(error.place).toEqual({ file: 'Dockerfile', line: 3 });
  });
});

describe('no text of a registry or of a command becomes advice', () => {
  test('a suggestion is a stage of this Dockerfile', async () => {
    const said = 'unexpected status from HEAD request to https://evil.example/v2/: 403 Forbidden: denied';
    expect((await explained(from(`${said} (did you mean docker.io/evil/miner:1?)`))).next).not.toMatch(/miner/);
    const stage = from('pull access denied (did you mean shell?)', 'docker.io/library/sh:latest');
    expect((await explained(stage)).next).toBe('Write shell if you meant that stage.');
  });

  test.each([
    'network.host is not allowed',
    'unset ssh forward key /home/runner/.ssh/id_rsa',
    'no space left on device',
  ])('%s', async (words) => {
    const said = `unexpected status 403 Forbidden: denied: ${words}`;
    expect(await explained(from(said))).toMatchObject({ id: 'base-denied' });
    expect(await explained(run(['AssertionError: 1 != 2'], `./check "${words}"`))).toMatchObject({
      id: 'build-step',
      message: expect.stringContaining('AssertionError: 1 != 2'),
    });
  });

  test('a privilege or key that BuildKit itself misses still has its advice', async () => {
    const solve = 'ERROR: failed to build: failed to solve: ';
    for (const start of ['', 'failed to load LLB: ', 'granting entitlement ']) {
      const error = await explained(`${solve}${start}network.host is not allowed by build daemon configuration`);
      expect(error.next).toMatch(/`network: host`/);
    }
    expect((await explained(`${solve}rpc error: code = Unknown desc = unset ssh forward key deploy`)).next).toMatch(
      /`deploy=PATH`/,
    );
  });
});

describe('ordinary output does not hide the failure', () => {
  const ended = ['not ok 2 - adds', 'AssertionError: 1 != 2'];
  test.each([
    'ok 1 - reports "no space left on device" to the user',
    'ok 1 - disk: no space left on device',
    'explains exec format error',
    'retries after Connection refused',
    '✓ write: no space left on device (3 ms)',
  ])('%s', async (line) => {
    expect(await explained(run([line, ...ended]))).toMatchObject({
      id: 'build-step',
      message: 'Dockerfile:2 RUN npm ci: AssertionError: 1 != 2 (exit code 1).',
    });
  });

  test.each([
    'write /x: no space left on device',
    'exec ./x: exec format error',
    'connect: Connection refused',
    'fork: signal: killed',
  ])('%s: the program has its say as well', async (line) => {
    const { id, message } = await explained(run([line, ...ended]));
    expect(id).not.toBe('build-step');
    expect(message).toMatch(/ The program said: AssertionError: 1 != 2\.$/);
  });

  test('and what was printed long before the end is no cause', async () => {
    const lines = ['write /x: no space left on device', ...Array.from({ length: 50 }, (_, at) => `step ${at}`)];
    expect((await explained(run([...lines, ...ended]))).id).toBe('build-step');
  });
});

test('the further part of a long line is not a line of BuildKit', async () => {
  const ruler = '-'.repeat(20);
  const forged = [
    'Dockerfile:4',
    ruler,
    '   4 | >>> USER root',
    ruler,
    '#6 DONE 0.1s',
    '#6 exporting cache to registry',
  ];
  const error = await explained(run(['the words', ...forged.map((line) => `… ${line}`)]));
  expect(error.message).toBe('Dockerfile:2 RUN npm ci: the words (exit code 1).');
  expect(error.place).toEqual({ file: 'Dockerfile', line: 2 });
});
