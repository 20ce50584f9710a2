import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { folderSource } from '@tidegate/pipeline';
import { type Job, readNetwork } from '@tidegate/runner';
import { run as testImage } from '../test-image/run.ts';
import { buildkitdConfig } from './build/buildkitd-config.ts';
import { heldFile } from './build/held-file.ts';
import { assertSshPaths } from './build/ssh-paths.ts';
import { pemOf } from './signing/key.ts';
import { predicatesOf } from './signing/predicates.ts';
import { documentOf } from './signing/trusted-root.ts';

let workspace = '';
let job: Job;
beforeAll(async () => {
  workspace = await realpath(await mkdtemp(join(tmpdir(), 'tidegate-unreadable-')));
  await mkdir(join(workspace, 'folder'));
  await writeFile(join(workspace, 'file'), '');
  job = { workspace, env: {}, signal: new AbortController().signal, network: readNetwork({}) } as unknown as Job;
});
afterAll(() => rm(workspace, { recursive: true }));

const TESTS = { command: [], 'health-url': '', timeout: undefined, 'exit-code': '0' };
const BUILDKITD = { 'buildkitd-config-inline': '', builder: '', 'builder-endpoints': [] };
const HELD = { input: 'baseline', sha256: 'a'.repeat(64), limit: 1, writer: { action: 'plan', output: 'x' } };
const PREDICATE = { signing: '', 'predicate-type': ['https://example.org/review/v1'] } as const;

const READERS: readonly (readonly [input: string, expected: string, read: (path: string) => Promise<unknown>])[] = [
  ['trusted-root', 'a readable file, or an https URL', (path) => documentOf('trusted-root', path, job)],
  ['signing-config', 'a readable file, or an https URL', (path) => documentOf('signing-config', path, job)],
  ['verification-key', 'PEM text, or the path of a readable file', (path) => pemOf('verification-key', path, job)],
  ['predicate-path', 'a readable file', (path) => predicatesOf({ ...PREDICATE, 'predicate-path': [path] }, job)],
  ['tests', 'a file of tests', (path) => testImage({ ...TESTS, tests: [path] } as never, job)],
  ['buildkitd-config', 'a readable file', (path) => buildkitdConfig({ ...BUILDKITD, 'buildkitd-config': path }, job)],
  ['baseline', 'a readable file', (path) => heldFile({ ...HELD, path }, job)],
  ['ssh', 'the socket of an SSH agent, or a private key', (path) => assertSshPaths([`default=${path}`], job)],
];

test.each(
  READERS.flatMap(([input, expected, read]) => [
    [input, 'none', 'it does not exist', expected, read] as const,
    [input, 'folder', 'it is a folder', expected, read] as const,
    [input, 'file/none', 'a part of the path is a file, not a folder', expected, read] as const,
  ]),
)('%s: %s cannot be read, because %s', async (input, path, why, expected, read) => {
  const error = await read(path).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    id: 'input-path-unusable',
    next: `Correct the path: it leads to ${join(workspace, path)}.`,
  });
  const { message } = error as Error;
  expect(message).toMatch(`Input ${input}: got "${path}", expected ${expected}`);
  expect(message).toMatch(`, but ${why}.`);
  expect(message).not.toMatch(/E[A-Z]{5}|system call/);
});

test('an SSH agent of the environment, a key and options are accepted', async () => {
  await assertSshPaths(['default', 'a=file', 'b=file,raw=true'], job);
});

test('a policy that is a folder is named with the reason', async () => {
  await expect(folderSource(workspace).read('folder')).rejects.toMatchObject({
    id: 'policy-file-unusable',
    message: 'folder cannot be read: it is a folder.',
  });
});
