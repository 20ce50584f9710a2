/**
 * The folders of examples/ are what they recommend: no source rule finds anything in them, their policies are read, and
 * copies of them are published with the policy that they bring along.
 */
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readPolicyFile } from '@tidegate/core';
import {
  type RegistryServer,
  repositoryRoot,
  runBundle,
  serveFolder,
  startRegistry,
  toolsFolder,
  vulnerabilityDatabase,
} from '@tidegate/testkit';
import { actionsFromSource } from '../support/actions.ts';
import { makeKey } from '../support/key.ts';
import { startBuildkitd } from '../support/servers.ts';
import { BUILD_TIME, fromSource, log } from '../workflow/programs.ts';
import { type App, applications, makeExample, rust } from './apps.ts';
import { mirrorConfig, serveBases } from './bases.ts';

const EXAMPLES = join(repositoryRoot, 'examples');
const FOLDERS = ['go', 'java', 'node', 'python', 'rust', 'static'];
/** The others take minutes and show no more; `npm test -- three-ways` publishes them. */
const HERE = ['node', 'python', 'rust', 'static'];
/** Milliseconds for a run of the root action, on a machine that has other work. */
const RUN = 300_000;

let base = '';
let actions = '';
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'examples-'));
  if (fromSource) actions = await actionsFromSource(join(base, 'actions'));
});
afterAll(() => rm(base, { recursive: true, force: true }));

const manifest = (action: string) => (actions === '' ? action : join(actions, action, 'action.yml'));

/** A commit of the files that `fill` writes. */
async function committed(fill: (folder: string) => Promise<void>) {
  const folder = await mkdtemp(join(base, 'commit-'));
  const [workspace, temp] = [join(folder, 'workspace'), join(folder, 'temp')];
  await mkdir(workspace);
  await fill(workspace);
  const git = (...argv: string[]) => execFileSync('git', argv, { cwd: workspace, encoding: 'utf8' }).trim();
  git('init', '--quiet', '--initial-branch=main');
  // An ignored file of the machine would be missing in the commit.
  git('add', '--all', '--force');
  git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '--quiet', '--message=Start');
  return { workspace, temp, sha: git('rev-parse', 'HEAD') };
}

test('every application has a folder here', async () => {
  const entries = await readdir(EXAMPLES, { withFileTypes: true });
  const others = ['app', 'cluster', 'shell', 'workflows'];
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect(folders.filter((name) => !others.includes(name)).toSorted()).toEqual(FOLDERS);
  expect(FOLDERS).toEqual(expect.arrayContaining(applications.map(({ source }) => source)));
});

describe.each(FOLDERS)('the example %s', (name) => {
  test('has all that a repository needs', async () => {
    const files = (await readdir(join(EXAMPLES, name), { recursive: true })).toSorted();
    expect(files).toEqual(expect.arrayContaining(['.dockerignore', '.github/tidegate.yml', 'README.md']));
    expect(files.filter((path) => path.startsWith('.github/workflows/'))).toHaveLength(1);
    expect(files.filter((path) => /(^|\/)Dockerfile$/.test(path))).toHaveLength(name === 'go' ? 2 : 1);
  });

  test('has a policy that can be read', async () => {
    const path = '.github/tidegate.yml';
    const policy = await readPolicyFile(await readFile(join(EXAMPLES, name, path)), path);
    expect(policy).toMatchObject({ version: 1, preset: expect.stringMatching(/^(recommended|strict)$/) });
  });

  test('has nothing that a source rule finds', async () => {
    const { workspace, temp, sha } = await committed((folder) => cp(join(EXAMPLES, name), folder, { recursive: true }));
    const result = await runBundle({
      action: manifest('lint-source'),
      inputs: { 'fail-on': 'note', context: '.', hadolint: 'off', 'buildkit-checks': 'false' },
      ...{ workspace, temp },
      env: { GITHUB_SHA: sha },
    });
    const { findings } = JSON.parse(await readFile(result.outputs['findings-path'] ?? '', 'utf8'));
    expect(findings).toEqual([]);
    expect({ exitCode: result.exitCode, annotations: result.annotations }).toEqual({ exitCode: 0, annotations: [] });
  });
});

describe('a copy of the example is published with the policy that it brings along', () => {
  const opened = new AsyncDisposableStack();
  let registry: RegistryServer;
  let digests: ReadonlyMap<string, string>;
  let env: Readonly<Record<string, string>>;
  let inputs: Readonly<Record<string, string>>;

  beforeAll(async () => {
    const tools = await toolsFolder({ log });
    const database = opened.use(await serveFolder((await vulnerabilityDatabase({ log })).folder));
    registry = await startRegistry({ dir: join(base, 'registry') });
    opened.defer(() => registry.close());
    digests = await serveBases(registry.host);
    const buildkit = opened.use(await startBuildkitd(tools, join(base, 'buildkit'), mirrorConfig(registry.host)));
    env = { BUILDKIT_HOST: buildkit.address };
    const key = await readFile((await makeKey(base, 'key')).private, 'utf8');
    inputs = { tools, key, 'db-mirror': database.url, 'db-cache': join(base, 'database'), platforms: 'linux/amd64' };
  }, BUILD_TIME);
  afterAll(() => opened.disposeAsync());

  const apps = [...applications, rust].filter(({ name }) => HERE.includes(name));
  test.each(apps.map((app) => [app.name, app] as const))(
    '%s',
    async (name, app: App) => {
      const { workspace, temp, sha } = await committed((folder) => makeExample(app, folder, digests));
      const result = await runBundle({
        action: manifest('ship'),
        inputs: { ...inputs, image: `${registry.host}/acme/${name}`, file: app.file },
        ...{ workspace, temp },
        timeout: RUN,
        event: { repository: { full_name: 'acme/app', default_branch: 'main' } },
        env: { ...env, GITHUB_SHA: sha },
      });
      const warnings = result.annotations.filter(({ level }) => level !== 'notice');
      expect({ exitCode: result.exitCode, warnings }).toEqual({ exitCode: 0, warnings: [] });
      expect([...registry.tags(`acme/${name}`).keys()]).toEqual(['main']);
    },
    RUN,
  );
});
