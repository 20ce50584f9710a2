import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Finding, packageKey } from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import type { PlatformView } from '../registry/platform-view.ts';
import { NO_TOOLS, withServices } from '../services.ts';
import { withDeclared } from './declaring-files.ts';

const exec = promisify(execFile);
const LOCK = 'minimist@^1.2.0:\n  version "1.2.5"\n';
let temp: string;
let workspace: string;
let commit: string;

const git = async (...argv: string[]) => {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
  return (await exec('git', [...identity, ...argv], { cwd: workspace })).stdout.trim();
};
const write = async (path: string, text: string) => {
  await mkdir(dirname(join(workspace, path)), { recursive: true });
  await writeFile(join(workspace, path), text);
};

beforeAll(async () => {
  temp = await mkdtemp(join(tmpdir(), 'tidegate-declaring-'));
  workspace = join(temp, 'workspace');
  await mkdir(workspace);
  await git('init', '--quiet');
  await write('web/yarn.lock', LOCK);
  await write('web/package.json', '{ "dependencies": { "minimist": "^1.2.0" } }');
  await write('api/yarn.lock', `${'#'.repeat(4 * 1024 * 1024)}\n${LOCK}`);
  for (const at of [1, 2, 3, 4]) await write(`big/${at}/yarn.lock`, '#'.repeat(4 * 1024 * 1024 - 4));
  await write('big/5/yarn.lock', LOCK);
  await write('go.mod', 'require golang.org/x/text v0.3.7\n');
  await git('add', '.');
  await git('commit', '--quiet', '--message=locks');
  commit = await git('rev-parse', 'HEAD');
});
afterAll(() => rm(temp, { recursive: true, force: true }));

const minimist = { name: 'minimist', version: '1.2.5', type: 'npm' };
const text = { name: 'golang.org/x/text', version: 'v0.3.7', type: 'go-module' };

interface Given {
  readonly packages?: readonly Finding['package'][];
  readonly context?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** The file named for each package of one platform, and the lines of the log. */
async function declared({ packages = [minimist], context, env, signal = new AbortController().signal }: Given = {}) {
  const debug: string[] = [];
  const quiet = () => {};
  const log = { debug: (line: string) => debug.push(line), info: quiet, warning: quiet };
  const own = { workspace, temp, toolCache: temp, signal, event: {}, log };
  const job = { ...own, env: { PATH: process.env.PATH ?? '', ...(env ?? { GITHUB_SHA: commit }) } } as unknown as Job;
  const findings = packages.map((one) => ({ package: one, locations: [] }));
  const views = [{ platform: 'linux/amd64', findings }] as unknown as readonly PlatformView[];
  const [view] = await withServices(job, NO_TOOLS, (services) =>
    withDeclared(views, { context, token: '' }, job, services),
  );
  const places = packages.map((one) => view?.declared?.get(packageKey(one)));
  return { places, unchanged: view === views[0], debug };
}

describe('the file of the commit that declares a package', () => {
  test('is named with its line, and whether the project requires the package itself', async () => {
    const { places } = await declared({ packages: [minimist, text] });
    expect(places).toEqual([
      { file: 'web/yarn.lock', line: 1, direct: true },
      { file: 'go.mod', line: 1, direct: true },
    ]);
  });

  test('is in the build context', async () => {
    expect((await declared({ context: 'web' })).places).toEqual([{ file: 'web/yarn.lock', line: 1, direct: true }]);
    expect((await declared({ context: 'web', packages: [text] })).places).toEqual([undefined]);
    expect((await declared({ context: '.', packages: [text] })).places).toHaveLength(1);
  });

  test('is not one that is longer than a lock file', async () => {
    expect((await declared({ context: 'api' })).places).toEqual([undefined]);
  });

  test('is not one after those that are 16 MiB long together', async () => {
    expect((await declared({ context: 'big' })).places).toEqual([undefined]);
    expect((await declared({ context: 'big/5' })).places).toHaveLength(1);
  });

  test('is read as it was committed, not as a step before left it', async () => {
    await write('web/yarn.lock', `\n\n${LOCK}`);
    const { places } = await declared();
    await write('web/yarn.lock', LOCK);
    expect(places).toEqual([{ file: 'web/yarn.lock', line: 1, direct: true }]);
  });
});

describe('nothing is named, and reports do without it,', () => {
  test.each<[string, Given]>([
    ['outside of a workflow', { env: {} }],
    ['for another commit', { env: { GITHUB_SHA: 'ab'.repeat(20) } }],
    ['for a git context', { context: 'https://github.com/acme/app.git#main' }],
    ['without findings', { packages: [] }],
    ['for packages of a distribution', { packages: [{ name: 'libc6', version: '2.36', type: 'deb' }] }],
  ])('%s', async (_, given) => expect((await declared(given)).unchanged).toBe(true));

  test('if the run is cancelled', async () => {
    expect((await declared({ signal: AbortSignal.abort() })).unchanged).toBe(true);
  });
});
