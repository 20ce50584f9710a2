import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '@tidegate/core';
import { explainFailure } from './explain.ts';
import { RECORDED } from './recorded.fixture.ts';
import { TranscriptReader } from './transcript.ts';

const EXITED = new TidegateError('tool-failed', 'buildx exited with code 1.');

interface Asked {
  readonly network?: boolean;
  readonly context?: string;
  readonly shownFile?: string;
  readonly redact?: (text: string) => string;
}

async function explained(output: string, options: Asked = {}) {
  const { redact = (text: string) => text } = options;
  const reader = new TranscriptReader(redact);
  for (const line of output.split('\n')) reader.read(line);
  const { context = '/nonexistent', shownFile = 'Dockerfile' } = options;
  const more = { redact, isNetworkApart: options.network ?? true, diskUse: async () => "BuildKit's cache uses 9.1GB" };
  const error = await explainFailure(
    EXITED,
    reader.transcript(),
    { context, shownFile, platforms: [], buildArgs: [] },
    more,
  );
  return error as TidegateError;
}

test.each(RECORDED)('$from', async ({ output, message, next }) => {
  const error = await explained(output);
  expect(error.message).toMatch(message);
  expect(error.next).toMatch(next);
  expect(error.cause).toBe(EXITED);
});

const failing = (said: string, end = 'exit code: 1') => `#8 [2/3] RUN ./test
#8 0.412 ${said}
#8 ERROR: process "/bin/sh -c ./test" did not complete successfully: ${end}
Dockerfile.dev:7
--------------------
   7 | >>> RUN ./test
--------------------
ERROR: failed to build: failed to solve: process "/bin/sh -c ./test" did not complete successfully: ${end}`;

test('cached instructions are counted, each once; pulls, exports and FROM are not among them', () => {
  const reader = new TranscriptReader((text) => text);
  const lines = [
    ...['#1 [internal] load build definition from Dockerfile', '#1 DONE 0.0s', '#5 [build 1/3] FROM docker.io/a/b:1'],
    ...['#5 CACHED', '#6 [build 2/3] COPY . .', '#6 CACHED', '#7 [linux/arm64 build 3/3] RUN make', '#7 0.1 CACHED'],
    ...['#7 DONE 3.0s', '#8 [stage-1 2/2] RUN [ "x", "[1/2] y" ]', '#8 CACHED', '#9 exporting to oci image format'],
  ];
  for (const line of lines) reader.read(line);
  expect(reader.steps()).toEqual({ steps: 3, cached: 2 });
});

test('causes have codes of their own', async () => {
  const recorded = await Promise.all(RECORDED.map(async ({ output }) => (await explained(output)).id));
  expect(recorded).toContain('base-denied');
  expect((await explained(failing('no'))).id).toBe('build-step');
  expect((await explained('ERROR: something that nobody has seen')).id).toBe('build-failed');
  const parsing = 'dockerfile parse error on line 1: unknown instruction: FRM (did you mean FROM?)';
  expect((await explained(`ERROR: failed to build: failed to solve: ${parsing}`)).id).toBe('dockerfile-syntax');
});

test('the place is the line of the Dockerfile, by its path in the repository', async () => {
  const error = await explained(failing('no'), { shownFile: 'web/Dockerfile.dev' });
  expect(error.message).toBe('web/Dockerfile.dev:7 RUN ./test: no (exit code 1).');
  expect(error.place).toEqual({ file: 'web/Dockerfile.dev', line: 7 });
});

test('a Dockerfile of another repository has no place in this one', async () => {
  const error = await explained(failing('no'), { context: 'https://git.example.com/app.git' });
  expect(error.message).toMatch(/^Dockerfile:7 RUN/);
  expect(error.place).toBeUndefined();
});

test('the name of a stage that BuildKit suggests for an image is the next step', async () => {
  const reason =
    'shel: failed to resolve source metadata for docker.io/library/shel:latest: failed to do request: Head "https://registry-1.docker.io/v2/library/shel/manifests/latest": dial tcp: lookup registry-1.docker.io on 10.0.0.53:53: no such host';
  const context = await mkdtemp(join(tmpdir(), 'tidegate-explain-'));
  await writeFile(join(context, 'Dockerfile'), 'FROM alpine AS shell\nFROM alpine\nCOPY --from=shel /x /x\n');
  const output = `#2 [internal] load metadata for docker.io/library/shel:latest
#2 ERROR: ${reason.slice(reason.indexOf('failed to do'))}
Dockerfile:5
--------------------
   5 | >>> COPY --from=shel /x /x
--------------------
ERROR: failed to build: failed to solve: ${reason} (did you mean shell?)`;
  const error = await explained(output, { context }).finally(() => rm(context, { recursive: true }));
  expect(error.message).toBe(
    'Dockerfile:5 COPY --from=shel /x /x: docker.io cannot be reached for the image shel:latest (no such host).',
  );
  expect(error.next).toBe('Write shell if you meant that stage.');
});

describe('a step that could not connect', () => {
  const SAID = [
    'psycopg2.OperationalError: connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused',
    'curl: (6) Could not resolve host: example.com',
    "Err:1 http://mirror.example bookworm InRelease: Temporary failure resolving 'mirror.example'",
    'npm error code EAI_AGAIN',
    "wget: bad address 'example.com'",
  ];
  test.each(SAID)('%s', async (said) => {
    expect(await explained(failing(said))).toMatchObject({
      id: 'build-network',
      next: expect.stringMatching(/`network: host`/),
    });
    expect((await explained(failing(said), { network: false })).next).toMatch(/HTTP_PROXY/);
  });

  test('is not one that prints another error, or whose command names one', async () => {
    expect((await explained(failing('error TS2304: Cannot find name'))).next).not.toMatch(/network/);
    const named = failing('x').replaceAll('./test', 'echo Connection refused');
    expect((await explained(named)).next).not.toMatch(/network/);
  });
});

describe('errors that are not build failures are unchanged', () => {
  test.each([
    ['output without an error of buildx', '#1 [internal] load build definition\nno space left on device'],
    ['a build that was stopped', 'ERROR: failed to build: failed to solve: Canceled: context canceled'],
    ['no output', ''],
  ])('%s', async (_, output) => {
    expect(await explained(output)).toBe(EXITED);
  });
});

test('a cache that cannot be read is not the failure', async () => {
  const cache = `#3 importing cache manifest from 127.0.0.1:1/c:1
#3 ERROR: failed to configure registry cache importer: connection refused
`;
  expect((await explained(cache + failing('the words'))).message).toMatch(/the words/);
});

test('the output of a step that ran beside the failed one is not its own', async () => {
  const beside = `#9 [c 1/1] RUN sleep
#9 0.1 ERROR: of another step
#9 CANCELED
`;
  expect((await explained(beside + failing('the words'))).message).toMatch(/the words/);
});

test('colours are removed, and a step of a million lines takes bounded memory', async () => {
  const reader = new TranscriptReader((text) => text);
  reader.read('#8 [2/3] RUN ./test');
  for (let at = 0; at < 20_000; at += 1) reader.read(`#8 0.1 ${'x'.repeat(5000)}`);
  for (const line of failing('\u001b[31mthe words\u001b[0m').split('\n').slice(1)) reader.read(line);
  const step = reader.transcript()?.step;
  expect(step?.output.at(-1)).toBe('the words');
  expect(step?.output.join('').length).toBeLessThan(500_000);
});
