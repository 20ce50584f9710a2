/**
 * Facts about the stand-ins for GitHub's artifact actions, each with the line of GitHub's source it comes from.
 * With TIDEGATE_REAL_ACTIONS, a folder that holds checkouts of actions/upload-artifact (v7.0.1) and
 * actions/download-artifact (v8.0.1), the same facts are asked of the originals.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type ArtifactService, node24, parseYaml, startArtifactService } from '@tidegate/testkit';
import { standIns } from './programs.ts';
import { ask } from './stand-ins/ask.ts';
import type { Asked, Ended } from './stand-ins/host.ts';
import { type StandInHost, startStandIns } from './stand-ins/start.ts';

const real = process.env.TIDEGATE_REAL_ACTIONS;
const ACTIONS = {
  upload: { repository: 'actions/upload-artifact', original: 'upload-artifact/dist/upload/index.js' },
  download: { repository: 'actions/download-artifact', original: 'download-artifact/dist/index.js' },
} as const;

interface Result extends Ended {
  readonly outputs: Readonly<Record<string, string>>;
}

let host: StandInHost;
let service: ArtifactService;
let base: string;
/** An attempt of a run of its own for each test. */
let run: string;
let workspace: string;
beforeAll(async () => {
  host = await startStandIns();
  service = await startArtifactService();
  base = await mkdtemp(join(tmpdir(), 'stand-ins-'));
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
  await rm(base, { recursive: true, force: true });
});

let runs = 0;
beforeEach(async () => {
  run = `run-${++runs}`;
  workspace = join(base, run);
  await mkdir(workspace);
});

async function step(
  action: keyof typeof ACTIONS,
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const { repository, original } = ACTIONS[action];
  const folder = standIns[repository];
  const declared = parseYaml(await readFile(join(folder, 'action.yml'), 'utf8')).inputs;
  const given = Object.entries<{ default?: string }>(declared).map(([name, { default: text = '' }]) => [
    `INPUT_${name.toUpperCase()}`,
    inputs[name] ?? text,
  ]);
  const output = join(base, `output-${crypto.randomUUID()}`);
  await writeFile(output, '');
  const results = { ACTIONS_RESULTS_URL: service.url, ACTIONS_RUNTIME_TOKEN: service.token(run, 'job') };
  const github = { GITHUB_WORKSPACE: workspace, GITHUB_OUTPUT: output, GITHUB_SERVER_URL: 'https://github.com' };
  const about = { GITHUB_REPOSITORY: 'acme/app', GITHUB_RUN_ID: '7', RUNNER_TEMP: workspace };
  const own = { PATH: process.env.PATH ?? '', HOME: workspace, ...github, ...about, ...results };
  const asked = { step: action, cwd: workspace, env: { ...own, ...Object.fromEntries(given), ...env } };
  const ended = real ? await runOriginal(join(real, original), asked) : await ask(host.env.STAND_INS, asked);
  return { ...ended, outputs: readPairs(await readFile(output, 'utf8')) };
}

async function runOriginal(entry: string, { cwd, env }: Asked): Promise<Ended> {
  return new Promise((resolve, reject) => {
    execFile(node24(), [entry], { cwd, env }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ exit: Number(error?.code ?? 0), log: `${stdout}${stderr}` });
    });
  });
}

/** `name=value`, or `name<<DELIMITER`, the value's lines, `DELIMITER`, as @actions/core writes it. */
function readPairs(text: string): Record<string, string> {
  const found = [...text.matchAll(/^([\w-]+)(?:=(.*)|<<(\S+)\n([\s\S]*?)\n\3)$/gm)];
  return Object.fromEntries(found.map(([, name = '', line, , lines]) => [name, line ?? lines ?? '']));
}

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(workspace, path)), { recursive: true });
    await writeFile(join(workspace, path), content);
  }
}

/** Paths of the files below a folder of the workspace. */
async function files(folder: string): Promise<readonly string[]> {
  const all = await readdir(join(workspace, folder), { recursive: true, withFileTypes: true }).catch(() => []);
  return all
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(workspace, folder).length + 1))
    .toSorted();
}

const upload = (name: string, path: string, more: Readonly<Record<string, string>> = {}) =>
  step('upload', { name, path, 'if-no-files-found': 'error', ...more });

/** Two artifacts, `leg-a` with `a/index.json` and `leg-b` with `b/index.json`. @returns their ids */
async function twoLegs(): Promise<readonly [string, string]> {
  await write({ 'a/a/index.json': 'A', 'b/b/index.json': 'B' });
  const [a, b] = [await upload('leg-a', 'a'), await upload('leg-b', 'b')];
  return [a.outputs['artifact-id'] ?? '', b.outputs['artifact-id'] ?? ''];
}

describe('download-artifact v8', () => {
  // src/download-artifact.ts: `isSingleArtifactDownload || inputs.mergeMultiple || artifacts.length === 1`.
  test('a pattern that matches one artifact puts it right into path; two go into folders of their names', async () => {
    const [a] = await twoLegs();
    await step('download', { pattern: 'leg-a*', path: 'one' });
    await step('download', { pattern: 'leg-*', path: 'two' });
    expect(a).toMatch(/^\d+$/);
    expect([await files('one'), await files('two')]).toEqual([
      ['a/index.json'],
      ['leg-a/a/index.json', 'leg-b/b/index.json'],
    ]);
  });

  test('one id goes right into path, two into folders of their names, and merge-multiple right into path', async () => {
    const [a, b] = await twoLegs();
    await step('download', { 'artifact-ids': a, path: 'one' });
    await step('download', { 'artifact-ids': `${a},${b}`, path: 'two' });
    await step('download', { 'artifact-ids': `${a},${b}`, path: 'merged', 'merge-multiple': 'true' });
    expect([await files('one'), await files('two'), await files('merged')]).toEqual([
      ['a/index.json'],
      ['leg-a/a/index.json', 'leg-b/b/index.json'],
      ['a/index.json', 'b/index.json'],
    ]);
  });

  // src/download-artifact.ts, `isDownloadByIds`: `.filter(id => id !== '')`.
  test('takes ids with nothing between their commas', async () => {
    const [a] = await twoLegs();
    expect(await step('download', { 'artifact-ids': `${a},,,`, path: 'one' })).toMatchObject({ exit: 0 });
    expect(await files('one')).toEqual(['a/index.json']);
  });

  // src/download-artifact.ts: nothing checks `artifacts.length` after `matcher.match`.
  test('a pattern that matches nothing is no error', async () => {
    const { exit, log } = await step('download', { pattern: 'none-*', path: 'none' });
    expect([exit, log]).toEqual([0, expect.stringContaining('Total of 0 artifact(s) downloaded')]);
    expect(await files('none')).toEqual([]);
  });

  // src/download-artifact.ts, `isDownloadByIds`: an error where none is found, a warning where one is.
  test('ids that are gone are an error, some of them a warning', async () => {
    const [a] = await twoLegs();
    const some = await step('download', { 'artifact-ids': `${a},999999`, path: 'some' });
    const none = await step('download', { 'artifact-ids': '999999', path: 'none' });
    expect([some.exit, some.log]).toEqual([
      0,
      expect.stringContaining('Could not find the following artifact IDs: 999999'),
    ]);
    expect([none.exit, none.log]).toEqual([1, expect.stringContaining('None of the provided artifact IDs were found')]);
  });

  // src/download-artifact.ts, DigestMismatchBehavior.Error.
  test('an artifact that is not what was uploaded is an error', async () => {
    const [a, b] = await twoLegs();
    const [forged, original] = [Number(a), Number(b)].map((id) => service.artifacts(run).find((one) => one.id === id));
    service.corrupt(forged?.id ?? 0, original?.file ?? '');
    const { exit, log } = await step('download', { 'artifact-ids': a, path: 'one' });
    expect([exit, log]).toEqual([1, expect.stringContaining('Digest validation failed for artifact(s): leg-a')]);
  });

  // packages/artifact of actions/toolkit, `src/internal/client.ts`: GHESNotSupportedError.
  test('does not work on GitHub Enterprise Server, as upload-artifact does not', async () => {
    await write({ 'a/index.json': 'A' });
    const ghes = { GITHUB_SERVER_URL: 'https://github.example.com' };
    for (const result of [
      await step('download', { name: 'leg-a' }, ghes),
      await step('upload', { name: 'leg-a', path: 'a' }, ghes),
    ]) {
      expect([result.exit, result.log]).toEqual([1, expect.stringContaining('not currently supported on GHES')]);
    }
  });
});

describe('upload-artifact v7', () => {
  const download = async (name: string) => {
    await step('download', { name, path: `got-${name}` });
    return files(`got-${name}`);
  };

  // src/shared/search.ts, findFilesToUpload: one search path is the root, a file named itself has its folder as root.
  test('one folder is the root of the artifact; of one file the folder is', async () => {
    await write({ 'out/layout/index.json': '{}' });
    await upload('folder', 'out');
    await upload('file', 'out/layout/index.json');
    expect([await download('folder'), await download('file')]).toEqual([['layout/index.json'], ['index.json']]);
  });

  // src/shared/search.ts, getMultiPathLCA.
  test('several paths have their least common ancestor as root', async () => {
    await write({ 'out/scan/report.html': 'r', 'out/sbom/a.json': 's', 'out/other': 'o' });
    await upload('several', 'out/scan\nout/sbom');
    expect(await download('several')).toEqual(['sbom/a.json', 'scan/report.html']);
  });

  // src/shared/search.ts, `excludeHiddenFiles: !includeHiddenFiles`.
  test('hidden files are not uploaded unless configured', async () => {
    await write({ 'out/.hidden': 'h', 'out/seen': 's' });
    await upload('seen', 'out');
    await upload('hidden', 'out', { 'include-hidden-files': 'true' });
    expect([await download('seen'), await download('hidden')]).toEqual([['seen'], ['.hidden', 'seen']]);
  });

  // README, "(Not) Uploading to the same artifact"; and the service's own words.
  test('a second upload of a name is a conflict', async () => {
    await write({ 'out/a': 'a' });
    expect((await upload('same', 'out')).exit).toBe(0);
    const { exit, log } = await upload('same', 'out');
    expect([exit, log]).toEqual([
      1,
      expect.stringContaining('(409) Conflict: an artifact with this name already exists'),
    ]);
  });

  // src/upload/upload-artifact.ts, NoFileOptions; the default is `warn`.
  test('nothing to upload is a warning by default, and an error if configured', async () => {
    await mkdir(join(workspace, 'empty'));
    expect(await step('upload', { name: 'warned', path: 'empty' })).toMatchObject({ exit: 0, outputs: {} });
    expect(await upload('refused', 'empty')).toMatchObject({ exit: 1 });
    expect(service.artifacts(run)).toEqual([]);
  });

  // packages/artifact of actions/toolkit, `path-and-artifact-name-validation.ts`: NTFS has no such names.
  test('refuses names that no file can have everywhere', async () => {
    await write({ 'out/linux:amd64.json': '{}' });
    expect((await upload('colon', 'out')).log).toContain('Contains the following character:  Colon :');
  });

  // README, "Retention Period", and packages/artifact of actions/toolkit, `retention.ts`.
  test('an artifact lives for its days, by default 90, and never longer than the repository lets it', async () => {
    await write({ 'out/a': 'a' });
    await upload('usual', 'out');
    await upload('short', 'out', { 'retention-days': '1' });
    await step('upload', { name: 'capped', path: 'out', 'retention-days': '30' }, { GITHUB_RETENTION_DAYS: '7' });
    expect(service.artifacts(run).map(({ name, days }) => [name, days])).toEqual([
      ['usual', 90],
      ['short', 1],
      ['capped', 7],
    ]);
  });

  // packages/artifact of actions/toolkit, `errors.ts`: UsageError.
  test('a full storage is an error that says so', async () => {
    await write({ 'out/a': 'a' });
    service.full(true);
    const { exit, log } = await upload('full', 'out').finally(() => service.full(false));
    expect([exit, log]).toEqual([1, expect.stringContaining('Artifact storage quota has been hit')]);
  });

  test('tells the id, the digest and the page of what it uploaded', async () => {
    await write({ 'out/a': 'a' });
    const { outputs } = await upload('told', 'out');
    const [{ id, digest } = { id: 0, digest: '' }] = service.artifacts(run);
    expect(outputs).toEqual({
      'artifact-id': String(id),
      'artifact-digest': digest.replace('sha256:', ''),
      'artifact-url': `https://github.com/acme/app/actions/runs/7/artifacts/${id}`,
    });
  });
});

// go-gitea/gitea#38901: tested on github.com, where it is not documented.
describe('a re-run of the failed jobs', () => {
  test('sees what the attempt before it uploaded, keeps its own copy of a name, and finds the newest', async () => {
    await write({ 'a/a': '1', 'b/b': '1' });
    const { outputs } = await upload('a', 'a');
    await upload('b', 'b');
    const next = `${run}-again`;
    service.rerunFailed(run, next);
    run = next;
    await write({ 'b/b': '2' });
    expect((await upload('b', 'b')).exit).toBe(0);
    await step('download', { path: 'all', 'merge-multiple': 'true' });
    await step('download', { 'artifact-ids': outputs['artifact-id'] ?? '', path: 'by-id' });
    expect(await readFile(join(workspace, 'all/b'), 'utf8')).toBe('2');
    expect([await files('all'), await files('by-id')]).toEqual([['a', 'b'], ['a']]);
  });

  test('finds nothing once the days are over', async () => {
    await write({ 'a/a': '1' });
    const { outputs } = await upload('a', 'a', { 'retention-days': '1' });
    service.pass(2);
    const gone = await step('download', { 'artifact-ids': outputs['artifact-id'] ?? '', path: 'gone' });
    expect([gone.exit, gone.log]).toEqual([1, expect.stringContaining('None of the provided artifact IDs')]);
    expect((await step('download', { pattern: 'a*', path: 'gone' })).exit).toBe(0);
  });
});
