import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Job, readNetwork } from '@tidegate/runner';
import { NO_TOOLS, withServices } from '../services.ts';
import { assertBuildCommitted } from './committed-files.ts';

// Each starts git a dozen times.
jest.setTimeout(60_000);

const exec = promisify(execFile);
const FILES: Readonly<Record<string, string>> = {
  Dockerfile: 'FROM scratch\nCOPY app /\n',
  '.dockerignore': '*\n!app\n',
  'web/Dockerfile': 'FROM scratch\nCOPY . /\n',
  'web/Dockerfile.dockerignore': 'secret\n',
  'web/link.Dockerfile': '',
  'shared/.dockerignore': 'data\n',
  'fixtures/Dockerfile': 'FROM evil\n',
};

let root: string;
let pristine: string;
let sha: string;
let workspace: string;
let temp: string;

async function git(folder: string, ...argv: string[]): Promise<string> {
  const own = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'protocol.file.allow=always'];
  return (await exec('git', [...own, ...argv], { cwd: folder })).stdout.trim();
}

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidegate-committed-files-'));
  const library = join(root, 'library');
  await write(library, { Dockerfile: 'FROM scratch\n', '.dockerignore': 'a\n' });
  await git(library, 'init', '--quiet');
  await git(library, 'add', '.');
  await git(library, 'commit', '--quiet', '--message=library');
  pristine = join(root, 'pristine');
  await write(pristine, FILES);
  await rm(join(pristine, 'web/link.Dockerfile'));
  await symlink('Dockerfile', join(pristine, 'web/link.Dockerfile'));
  await git(pristine, 'init', '--quiet');
  await git(pristine, 'submodule', '--quiet', 'add', library, 'libs/library');
  await git(pristine, 'add', '.');
  await git(pristine, 'commit', '--quiet', '--message=all');
  sha = await git(pristine, 'rev-parse', 'HEAD');
});
afterAll(() => rm(root, { recursive: true, force: true }));

beforeEach(async () => {
  const job = await mkdtemp(join(root, 'job-'));
  [workspace, temp] = [join(job, 'workspace'), join(job, 'temp')];
  await mkdir(temp);
  await cp(pristine, workspace, { recursive: true, verbatimSymlinks: true });
});

interface Given {
  readonly context?: string;
  readonly file?: string;
  readonly contexts?: readonly (readonly [string, string])[];
  readonly token?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly event?: Job['event'];
}

/** @returns the warnings */
async function check({
  context = '.',
  file = '',
  contexts = [],
  token = '',
  env = {},
  event = {},
}: Given = {}): Promise<string[]> {
  const warnings: string[] = [];
  const quiet = () => {};
  const all = { PATH: process.env.PATH ?? '', GITHUB_SHA: sha, GITHUB_REPOSITORY: 'acme/app', ...env };
  const job = {
    ...{ workspace, temp, toolCache: temp, env: all, event, signal: new AbortController().signal },
    log: { debug: quiet, info: quiet, mask: quiet, warning: (text: string) => warnings.push(text) },
    network: readNetwork(all),
  } as unknown as Job;
  const inputs = { context, file, 'build-contexts': contexts, token };
  await withServices(job, NO_TOOLS, (services) => assertBuildCommitted(inputs, job, services));
  return warnings;
}

test.each([{ context: 'wbe' }, { file: 'docker/Dockerfile' }, { context: 'Dockerfile' }])(
  'a misspelt path is left to the build, which says what is wrong with it: %j',
  async (given) => {
    expect(await check(given)).toEqual([]);
  },
);

describe('a build passes', () => {
  test.each<[string, Given, Readonly<Record<string, string>>]>([
    ['at the commit', {}, {}],
    ['with a Dockerfile in a folder', { context: 'web' }, {}],
    ['with a Dockerfile behind a link', { context: 'web', file: 'web/link.Dockerfile' }, {}],
    ['beside what a step before compiled, and beside a file it changed', {}, { app: 'binary', 'package.json': '{}' }],
    ['with other line ends', {}, { Dockerfile: 'FROM scratch\r\nCOPY app /\r\n' }],
    ['in a submodule', { context: 'libs/library' }, {}],
    ['of another repository, by URL', { context: 'https://example.org/x.git' }, { Dockerfile: 'changed' }],
    ['without a Dockerfile, which BuildKit tells better', { context: 'shared' }, {}],
  ])('%s', async (_, given, files) => {
    await write(workspace, files);
    expect(await check(given)).toEqual([]);
  });

  test('below RUNNER_TEMP, and with a Dockerfile there, which a step of this job wrote', async () => {
    await write(temp, { 'sources/Dockerfile': 'FROM scratch\n', 'made.Dockerfile': 'FROM scratch\n' });
    expect(await check({ context: join(temp, 'sources') })).toEqual([]);
    expect(await check({ file: join(temp, 'made.Dockerfile') })).toEqual([]);
  });

  test('outside of a workflow', async () => {
    await write(workspace, { Dockerfile: 'changed' });
    expect(await check({ env: { GITHUB_SHA: '' } })).toEqual([]);
  });
});

describe('a build is refused', () => {
  const CHANGED = 'it was changed after the checkout';
  const UNKNOWN = 'an earlier step, or another job on this runner, wrote it';
  test.each<[string, Given, Readonly<Record<string, string>>, string]>([
    ['Dockerfile', {}, { Dockerfile: 'FROM evil\n' }, CHANGED],
    ['.dockerignore', {}, { '.dockerignore': '' }, CHANGED],
    ['web/Dockerfile', { context: '.', file: 'web/Dockerfile' }, { 'web/Dockerfile': 'FROM evil\n' }, CHANGED],
    ['web/Dockerfile.dockerignore', { context: 'web' }, { 'web/Dockerfile.dockerignore': '' }, CHANGED],
    ['Dockerfile.dockerignore', {}, { 'Dockerfile.dockerignore': '' }, UNKNOWN],
    ['made.Dockerfile', { file: 'made.Dockerfile' }, { 'made.Dockerfile': 'FROM scratch\n' }, UNKNOWN],
    ['libs/library/Dockerfile', { context: 'libs/library' }, { 'libs/library/Dockerfile': 'FROM evil\n' }, CHANGED],
    ['shared/.dockerignore', { contexts: [['shared', 'shared']] }, { 'shared/.dockerignore': '' }, CHANGED],
  ])('for %s, which the commit does not have so', async (shown, given, files, said) => {
    await write(workspace, files);
    const error = await check(given).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain(`${shown} ${said === CHANGED ? 'differs from' : 'is not in'} commit`);
    expect(String(error)).toContain(`commit ${sha} (GITHUB_SHA)`);
    expect(String(error)).toContain(said);
    expect(error).toMatchObject({ kind: 'bad-input', next: expect.stringContaining('RUNNER_TEMP') });
  });

  test('for an ignore file that is gone', async () => {
    await rm(join(workspace, '.dockerignore'));
    await expect(check()).rejects.toThrow(`.dockerignore of commit ${sha} (GITHUB_SHA) is missing from the work tree.`);
  });

  test('for a folder or a file that a link puts in the place of another', async () => {
    await rm(join(workspace, 'Dockerfile'));
    await symlink('fixtures/Dockerfile', join(workspace, 'Dockerfile'));
    await expect(check()).rejects.toThrow(CHANGED);
    await rm(join(workspace, 'web'), { recursive: true });
    await symlink('fixtures', join(workspace, 'web'));
    await expect(check({ context: 'web' })).rejects.toThrow(/^web\/Dockerfile.* (is not|changed)/);
  });

  test('at the head of a pull request as well', async () => {
    const env = { GITHUB_SHA: 'f'.repeat(40), GITHUB_EVENT_NAME: 'pull_request' };
    const pull = { env, event: { pull_request: { head: { sha } } } };
    expect(await check(pull)).toEqual([]);
    await write(workspace, { Dockerfile: 'FROM evil\n' });
    await expect(check(pull)).rejects.toThrow(`Dockerfile differs from commit ${sha}: it was changed`);
  });

  test('for a Dockerfile in a checkout of another repository', async () => {
    await git(workspace, 'clone', '--quiet', join(root, 'library'), 'central');
    await expect(check({ file: 'central/Dockerfile' })).rejects.toThrow('central/Dockerfile is not in commit');
  });
});

describe('a workspace without git', () => {
  let server: Server;
  let api: string;
  let asked: number;

  /** GitHub's git database, answered from the repository (docs.github.com/rest/git). */
  beforeAll(async () => {
    server = createServer(async (request, response) => {
      asked += 1;
      const [, kind = '', id = ''] = /\/git\/(\w+)\/(\w+)$/.exec(request.url ?? '') ?? [];
      const answer = async () => {
        if (request.headers.authorization !== 'token reader') return undefined;
        if (kind === 'commits') return { tree: { sha: await git(pristine, 'rev-parse', `${id}^{tree}`) } };
        if (kind === 'trees') {
          const lines = (await git(pristine, 'ls-tree', id)).split('\n');
          const tree = lines.map((line) => /^(\d+) \w+ (\w+)\t(.+)$/.exec(line) ?? []);
          return { truncated: false, tree: tree.map(([, mode, sha_, path]) => ({ mode, sha: sha_, path })) };
        }
        const { stdout } = await exec('git', ['cat-file', 'blob', id], { cwd: pristine, encoding: 'buffer' });
        return { encoding: 'base64', content: stdout.toString('base64') };
      };
      const value = await answer().catch(() => undefined);
      response.writeHead(value ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value ?? { message: 'Not Found' }));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(async () => {
    asked = 0;
    await rm(join(workspace, '.git'), { recursive: true });
  });
  afterEach(async () => expect(await readFile(join(pristine, 'Dockerfile'), 'utf8')).toBe(FILES.Dockerfile));
  const github = (given: Given = {}) =>
    check({ token: 'reader', ...given, env: { GITHUB_API_URL: api, ...given.env } });

  test('builds when GitHub has the same Dockerfile and ignore files, and it is said that the rest is not compared', async () => {
    expect(await github()).toEqual([
      expect.stringMatching(/^The build context is in no git checkout, so only its Dockerfile/),
    ]);
    expect(asked).toBeGreaterThan(2);
    expect(await github({ context: 'web' })).toHaveLength(1);
  });

  test('is refused when it holds the files of another commit', async () => {
    await write(workspace, { Dockerfile: 'FROM evil\n' });
    await expect(github()).rejects.toThrow(`Dockerfile differs from commit ${sha} (GITHUB_SHA)`);
    await write(workspace, { 'made/Dockerfile': 'FROM scratch\n' });
    await expect(github({ context: 'made' })).rejects.toThrow('made/Dockerfile is not in commit');
  });

  test('is rejected if the contents of the commit are unknown', async () => {
    const other = { GITHUB_SHA: 'f'.repeat(40) };
    await expect(check()).rejects.toThrow(
      `The commit ${sha} (GITHUB_SHA) cannot be read: it is in no checkout, and no token can read it from GitHub.`,
    );
    await expect(github({ token: 'stranger' })).rejects.toThrow(`GitHub does not return commit ${sha}`);
    await expect(github({ env: other })).rejects.toThrow(`GitHub does not return commit ${other.GITHUB_SHA}`);
  });

  test('builds what lies below RUNNER_TEMP without a question', async () => {
    await write(temp, { 'sources/Dockerfile': 'FROM scratch\n' });
    expect(await github({ context: join(temp, 'sources'), token: 'stranger' })).toEqual([]);
    expect(asked).toBe(0);
  });
});
