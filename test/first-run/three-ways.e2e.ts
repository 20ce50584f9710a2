/**
 * The same repository, commit and policy give the same image, the same verdict and the same tags in all three ways of
 * use: the root action, the steps one by one, and the reusable workflow. With no policy file at all, ordinary
 * applications are published, and a critical finding that has a fix refuses them.
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type ActSuite,
  type ArtifactService,
  copySuiteForAct,
  type FolderServer,
  pushOf,
  type RegistryServer,
  repositoryRoot,
  runBundle,
  runWorkflow,
  serveFolder,
  startArtifactService,
  startRegistry,
  toolsFolder,
  vulnerabilityDatabase,
} from '@tidegate/testkit';
import { actionsFromSource } from '../support/actions.ts';
import { startBuildkitd } from '../support/servers.ts';
import { type Caller, makeCaller } from '../workflow/caller.ts';
import { actBinary, BUILD_TIME, fromSource, log, standIns } from '../workflow/programs.ts';
import { type StandInHost, startStandIns } from '../workflow/stand-ins/start.ts';
import { type App, applications, makeApp, makeExample } from './apps.ts';
import { mirrorConfig, serveBases } from './bases.ts';

const WORKFLOW = 'commit-to-registry.yml';
const TAG = 'v1.2.3';
const ALL_TAGS = ['1', '1.2', '1.2.3', 'latest'];
const PRESETS = ['observe', 'recommended', 'strict'] as const;
type Preset = (typeof PRESETS)[number];
const RUN = 300_000;

let runs = 0;
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

const opened = new AsyncDisposableStack();
let base: string;
let act: string;
let suite: ActSuite;
/** Folder of the actions, if they run from the sources. */
let actions = '';
let tools: string;
let buildkit: string;
let database: FolderServer;
let digests: ReadonlyMap<string, string>;
let registry: RegistryServer;
let artifacts: ArtifactService;
let standInHost: StandInHost;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'three-ways-'));
  opened.defer(() => rm(base, { recursive: true, force: true }));
  act = await actBinary();
  tools = await toolsFolder({ log });
  suite = await copySuiteForAct({ root: repositoryRoot, into: base, workflows: [WORKFLOW], standIns, fromSource });
  if (fromSource) actions = await actionsFromSource(join(base, 'actions'));
  database = opened.use(await serveFolder((await vulnerabilityDatabase({ log })).folder));
  registry = await startRegistry({ dir: join(base, 'registry') });
  opened.defer(() => registry.close());
  digests = await serveBases(registry.host);
  buildkit = opened.use(await startBuildkitd(tools, join(base, 'buildkit'), mirrorConfig(registry.host))).address;
  artifacts = opened.use(await startArtifactService());
  standInHost = opened.use(await startStandIns());
}, BUILD_TIME);

afterAll(() => opened.disposeAsync());

interface Outcome {
  readonly digest: string;
  readonly verdict: string;
  readonly tags: readonly string[];
}

interface Run extends Omit<Outcome, 'tags'> {
  /** Texts of it that people read. */
  readonly log: string;
}

type Way = (app: App, caller: Caller, preset: Preset, image: string) => Promise<Run>;

const verdictOf = (output: string | undefined) => (output === 'pass' ? 'pass' : 'fail');

/** Inputs of both kinds of step; the workflow declares the same under the same names. */
const usual = (preset: Preset) => ({ preset, 'db-mirror': database.url, tools });

const rootAction: Way = async ({ file }, caller, preset, image) => {
  const step = stepsOf(caller, await caller.temp(`root-${preset}`));
  const { outputs, log } = await step('ship', { ...usual(preset), image, file, key, platforms: 'linux/amd64' });
  return { digest: outputs.digest ?? '', verdict: verdictOf(outputs.verdict), log: log.join('\n') };
};

const fiveSteps: Way = async ({ file }, caller, preset, image) => {
  const step = stepsOf(caller, await caller.temp(`steps-${preset}`));
  const built = await step('build-image', { tools, file, platforms: 'linux/amd64', preset });
  const seen = { digest: built.outputs.digest ?? '', verdict: 'fail' };
  if (built.exitCode !== 0) return { ...seen, log: built.log.join('\n') };
  await step('generate-sbom', { tools });
  const scan = await step('scan-image', usual(preset));
  if (scan.exitCode !== 0) return { ...seen, log: scan.log.join('\n') };
  await step('sign-image', { key });
  const push = await step('push-image', { image, preset });
  return { ...seen, verdict: push.exitCode === 0 ? 'pass' : 'fail', log: push.log.join('\n') };
};

const reusableWorkflow: Way = async ({ name }, caller, preset) => {
  runs += 1;
  const id = `${name}-${preset}-${runs}`;
  const { event, payload, sha } = pushOf(`refs/tags/${TAG}`, { repository: 'acme/app', sha: caller.sha });
  const result = await runWorkflow({
    ...{ act, repository: caller.folder, workflow: '.github/workflows/ship.yml', repositoryName: 'acme/app' },
    ...{ repositories: suite.repositories, event, payload, sha, secrets: { KEY: key } },
    temp: await caller.temp(`workflow-${preset}`),
    env: {
      ...suite.env,
      ...standInHost.env,
      ...{ ACTIONS_RESULTS_URL: artifacts.url, ACTIONS_RUNTIME_TOKEN: artifacts.token(id, 'job') },
      BUILDKIT_HOST: buildkit,
    },
  });
  // Sources that are refused are not built.
  if (result.step('plan', 'lint').conclusion === 'failure') return { digest: '', verdict: 'fail', log: result.story() };
  if (!result.ran.includes('scan')) throw new Error(result.story());
  return {
    digest: result.step('scan', 'join').outputs.digest ?? '',
    verdict: verdictOf(result.step('scan', 'scan').outputs.verdict),
    log: result.story(),
  };
};

/** Runs the bundles of a job's steps. */
function stepsOf(caller: Caller, temp: string) {
  return (action: string, inputs: Readonly<Record<string, string>>) =>
    runBundle({
      ...{ inputs, temp, workspace: caller.folder },
      action: actions === '' ? action : join(actions, action, 'action.yml'),
      event: pushOf(`refs/tags/${TAG}`, { repository: 'acme/app', sha: caller.sha }).payload,
      env: {
        ...{ GITHUB_SHA: caller.sha, GITHUB_REF: `refs/tags/${TAG}`, GITHUB_REF_NAME: TAG, GITHUB_REF_TYPE: 'tag' },
        BUILDKIT_HOST: buildkit,
      },
    });
}

/** A repository of the application, that calls the reusable workflow. */
async function commitOf(app: App, state: 'sound' | 'vulnerable', preset: Preset, image: string): Promise<Caller> {
  return commitMade((folder) => makeApp(app, folder, state), app, preset, image);
}

async function commitMade(
  make: (folder: string) => Promise<void>,
  app: App,
  preset: Preset,
  image: string,
): Promise<Caller> {
  const folder = join(base, 'files');
  await rm(folder, { recursive: true, force: true });
  await make(folder);
  const files: Record<string, Buffer> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[relative(folder, path)] = await readFile(path);
  }
  const inputs = { ...usual(preset), image, file: app.file, platforms: 'linux/amd64' };
  const workflow = { uses: suite.workflow(WORKFLOW), with: inputs, secrets: { 'signing-key': 'KEY' } };
  return opened.use(await makeCaller(files, workflow, [TAG]));
}

/** One commit, taken to the registry in each way, each time as if the registry had never seen it. */
async function outcomesOf(
  app: App,
  state: 'sound' | 'vulnerable',
  preset: Preset,
): Promise<readonly (Outcome & { readonly log: string })[]> {
  const repository = `acme/${app.name}-${state}-${preset}`;
  const image = `${registry.host}/${repository}`;
  const caller = await commitOf(app, state, preset, image);
  const outcomes: (Outcome & { readonly log: string })[] = [];
  for (const way of [rootAction, fiveSteps, reusableWorkflow]) {
    registry.deleteRepository(repository);
    const seen = await way(app, caller, preset, image);
    outcomes.push({ ...seen, tags: [...registry.tags(repository).keys()].toSorted() });
  }
  return outcomes;
}

/** With which presets the six are published as they are written. */
const PUBLISHES: Readonly<Record<Preset, boolean>> = {
  observe: true,
  recommended: true,
  // Their bases are not pinned.
  strict: false,
};

describe.each(applications.map((app) => [app.name, app] as const))('%s', (_, app) => {
  test.each(PRESETS)(
    'gets the same image, verdict and tags in all three ways with the preset %s',
    async (preset) => {
      const outcomes = (await outcomesOf(app, 'sound', preset)).map(({ log: _log, ...outcome }) => outcome);
      const [first] = outcomes;
      for (const outcome of outcomes) expect(outcome).toEqual(first);
      const published = PUBLISHES[preset];
      expect(first).toMatchObject({ verdict: published ? 'pass' : 'fail', tags: published ? ALL_TAGS : [] });
    },
    RUN,
  );

  test(
    'is refused in all three ways with a critical finding that has a fix',
    async () => {
      const outcomes = await outcomesOf(app, 'vulnerable', 'recommended');
      for (const { log, ...outcome } of outcomes) {
        expect(outcome).toMatchObject({ verdict: 'fail', tags: [] });
        expect(log).toContain(app.advisory);
      }
    },
    RUN,
  );
});

/** Those that the end-to-end tests do not publish: test/first-run/examples.e2e.ts. */
const EXAMPLES = applications.filter(({ name }) => ['java', 'go-api', 'go-worker'].includes(name));

test.each(EXAMPLES.map((app) => [app.name, app] as const))(
  'a copy of the example %s is published with the policy that it brings along',
  async (name, app) => {
    const image = `${registry.host}/acme/example-${name}`;
    const caller = await commitMade((folder) => makeExample(app, folder, digests), app, 'recommended', image);
    const { preset: _, ...inputs } = usual('recommended');
    const step = stepsOf(caller, await caller.temp('example'));
    const more = { image, file: app.file, key, platforms: 'linux/amd64' };
    const { exitCode, annotations } = await step('ship', { ...inputs, ...more });
    const warnings = annotations.filter(({ level }) => level !== 'notice');
    expect({ exitCode, warnings }).toEqual({ exitCode: 0, warnings: [] });
    expect([...registry.tags(`acme/example-${name}`).keys()].toSorted()).toEqual(ALL_TAGS);
  },
  RUN,
);
