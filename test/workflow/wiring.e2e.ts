/** The values that the reusable workflow hands to each job, seen by running it under act with every action a recorder. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type ActSuite,
  type ArtifactService,
  copySuiteForAct,
  pullRequestOf,
  pushOf,
  readWorkflow,
  repositoryRoot,
  runWorkflow,
  startArtifactService,
  type TestEvent,
  type WorkflowRun,
} from '@tidegate/testkit';
import { type Caller, makeCaller } from './caller.ts';
import { actBinary, BUILD_TIME, standIns } from './programs.ts';
import { type StandInHost, startStandIns } from './stand-ins/start.ts';
import { makeSuiteOfRecorders } from './suite-of-recorders.ts';

const SECRETS = {
  BUILD: 'npm_token=build-secret-1',
  PASSWORD: 'registry-secret-2',
  KEY: 'key-secret-3',
  KEY_PASSWORD: 'key-password-secret-4',
};
const MATRIX = {
  include: ['linux/amd64', 'linux/arm64'].map((platform, index) => ({
    ...{ index, platform, runner: index === 0 ? 'ubuntu-24.04' : 'ubuntu-24.04-arm' },
    artifact: `tidegate-app-0123abcd-${platform.replace('/', '-')}`,
  })),
};
const PLANNED = {
  publish: 'true',
  image: 'registry.example/acme/app',
  // The recorders' outputs are one line each.
  images: 'registry.example/acme/app mirror.example/team/app',
  tags: 'main',
  'exact-tags': 'raw=main',
  artifact: 'tidegate-app-0123abcd',
  labels: 'a=b',
  matrix: JSON.stringify(MATRIX),
};

const LAYOUT_DIGEST = `sha256:${'9'.repeat(64)}`;

/** Where only the end matters, one platform is enough. */
const BRIEF = { ...PLANNED, matrix: JSON.stringify({ include: MATRIX.include.slice(0, 1) }) };

interface Recorded {
  readonly action: string;
  readonly inputs: Readonly<Record<string, string>>;
}

const opened = new AsyncDisposableStack();
let act: string;
let base: string;
let suite: ActSuite;
let host: StandInHost;
let declared: ReadonlyMap<string, readonly string[]>;
let artifacts: ArtifactService;
let caller: Caller;
/** Has tests. */
let testing: Caller;
/** Wants `reproducible: check`. */
let twice: Caller;
/** Passes all its secrets on, under the names that secrets of a repository can have. */
let inheriting: Caller;

beforeAll(async () => {
  act = await actBinary();
  base = await mkdtemp(join(tmpdir(), 'wiring-'));
  opened.defer(() => rm(base, { recursive: true, force: true }));
  declared = await makeSuiteOfRecorders(join(base, 'recorders'));
  suite = await copySuiteForAct({
    root: join(base, 'recorders'),
    into: join(base, 'act'),
    workflows: ['commit-to-registry.yml'],
    standIns,
  });
  host = opened.use(await startStandIns());
  artifacts = opened.use(await startArtifactService());
  caller = await makeCaller(
    { Dockerfile: 'FROM scratch\n' },
    {
      uses: suite.workflow('commit-to-registry.yml'),
      with: { image: PLANNED.image, platforms: 'linux/amd64,linux/arm64', 'registry-username': 'octocat' },
      secrets: {
        'build-secrets': 'BUILD',
        'registry-password': 'PASSWORD',
        'signing-key': 'KEY',
        'signing-key-password': 'KEY_PASSWORD',
      },
    },
  );
  opened.use(caller);
  const uses = suite.workflow('commit-to-registry.yml');
  const tests = { tests: 'tests/image.yaml', 'test-health-url': 'http://localhost:8080/', 'test-timeout': '9s' };
  testing = opened.use(
    await makeCaller({ Dockerfile: 'FROM scratch\n' }, { uses, with: { image: PLANNED.image, ...tests }, secrets: {} }),
  );
  const check = { image: PLANNED.image, reproducible: ' check' };
  twice = opened.use(await makeCaller({ Dockerfile: 'FROM scratch\n' }, { uses, with: check, secrets: {} }));
  const oneStep = await readFile(join(repositoryRoot, 'examples/workflows/one-step.yml'), 'utf8');
  inheriting = opened.use(
    await makeCaller(
      { Dockerfile: 'FROM scratch\n', '.github/workflows/one-step.yml': oneStep },
      { uses, with: { image: PLANNED.image }, secrets: 'inherit' },
    ),
  );
}, BUILD_TIME);

afterAll(() => opened.disposeAsync());

interface More {
  readonly by?: Caller;
  readonly workflow?: string;
  readonly secrets?: Readonly<Record<string, string>>;
}

let runs = 0;
async function run(
  { event, payload, sha }: TestEvent,
  said: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
  { by = caller, workflow = 'ship.yml', secrets = SECRETS }: More = {},
): Promise<WorkflowRun & { readonly recorded: readonly Recorded[] }> {
  const id = `run-${++runs}`;
  const temp = await by.temp(id);
  const records = join(temp, 'records');
  await writeFile(records, '');
  const told = {
    plan: PLANNED,
    'scan-image': { verdict: 'pass', 'layout-digest': LAYOUT_DIGEST },
    'push-image': { published: 'true' },
    ...said,
  };
  const result = await runWorkflow({
    ...{ act, repository: by.folder, workflow: `.github/workflows/${workflow}`, temp },
    ...{ repositoryName: 'acme/app', secrets, event, payload, sha },
    repositories: { ...suite.repositories, 'tidegate/tidegate@v1': suite.folder },
    env: {
      ...suite.env,
      ...host.env,
      ...{ RECORDS: records, SAID: JSON.stringify(told) },
      ...{ ACTIONS_RESULTS_URL: artifacts.url, ACTIONS_RUNTIME_TOKEN: artifacts.token(id, 'job') },
    },
  });
  const lines = (await readFile(records, 'utf8')).split('\n').filter(Boolean);
  return { ...result, recorded: lines.map((line): Recorded => JSON.parse(line)) };
}

const inputsOf = (recorded: readonly Recorded[], action: string) =>
  recorded.filter((record) => record.action === action).map((record) => record.inputs);

describe('a push to the default branch', () => {
  let push: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    push = await run(pushOf('refs/heads/main', { repository: 'acme/app', sha: caller.sha }));
  }, 300_000);

  test('runs every job, a build for each platform', () => {
    expect({ exit: push.exit, ran: push.ran }).toEqual({
      exit: 0,
      ran: ['plan', 'build', 'build', 'scan', 'publish'],
    });
  });

  test('gives join-layouts the digest of each platform, in the order of the plan', () => {
    const [join] = inputsOf(push.recorded, 'join-layouts');
    const digests = push.jobs
      .filter((job) => job.id === 'build')
      .sort((a, b) => Number(a.matrix.index) - Number(b.matrix.index))
      .map((job) => job.steps.find((step) => step.id === 'build')?.outputs.digest);
    expect(new Set(digests).size).toBe(2);
    expect(join?.digests?.split('\n').filter(Boolean)).toEqual(digests);
    expect(join?.layouts).toBe(MATRIX.include.map((leg) => leg.artifact).join(','));
  });

  test('publishes the layers that the builds uploaded, with the evidence of scan, bound by digests', () => {
    const [, completed] = inputsOf(push.recorded, 'join-layouts');
    const { digest } = push.step('scan', 'sbom').outputs;
    expect(completed).toMatchObject({ 'expected-digest': digest, 'expected-layout-digest': LAYOUT_DIGEST });
    const [sign] = inputsOf(push.recorded, 'sign-image');
    const [pushed] = inputsOf(push.recorded, 'push-image');
    expect([sign?.layout, pushed?.layout]).toEqual([completed?.evidence, completed?.evidence]);
  });

  test('signs and pushes what scan decided on, under exactly the planned tags', () => {
    const digest = push.step('scan', 'sbom').outputs.digest;
    const [sign] = inputsOf(push.recorded, 'sign-image');
    const [pushed] = inputsOf(push.recorded, 'push-image');
    expect(digest).toMatch(/^sha256:/);
    expect([sign?.['expected-digest'], pushed?.['expected-digest']]).toEqual([digest, digest]);
    expect([pushed?.image, pushed?.tags]).toEqual([PLANNED.images, 'raw=main']);
  });

  test.each([
    ['build-secret-1', ['build-image']],
    ['registry-secret-2', ['push-image']],
    ['key-secret-3', ['sign-image']],
    ['key-password-secret-4', ['sign-image']],
  ])('%s reaches %s only', (secret, actions) => {
    const reached = push.recorded.filter((record) =>
      Object.values(record.inputs).some((value) => value.includes(secret)),
    );
    expect([...new Set(reached.map((record) => record.action))]).toEqual(actions);
  });

  test('gives no action an input that it does not declare', () => {
    const undeclared = push.recorded.flatMap(({ action, inputs }) =>
      Object.keys(inputs)
        .filter((name) => !declared.get(action)?.includes(name))
        .map((name) => `${action}: ${name}`),
    );
    expect(undeclared).toEqual([]);
  });

  test('judges twice by the policy that plan resolved', () => {
    const judges = ['scan-image', 'push-image'].flatMap((action) => inputsOf(push.recorded, action));
    const sums = judges.map((inputs) => inputs['policy-document-sha256']);
    expect(sums).toEqual(Array(2).fill(push.step('plan', 'plan').outputs['policy-sha256']));
  });

  test('keeps one artifact for each platform and one with the evidence', () => {
    const names = artifacts.artifacts().map((artifact) => artifact.name);
    expect(names).toEqual([
      `${PLANNED.artifact}-plan`,
      ...MATRIX.include.map((leg) => leg.artifact),
      `${PLANNED.artifact}-reports`,
      PLANNED.artifact,
    ]);
  });
});

describe('nothing is signed or pushed', () => {
  const push = () => pushOf('refs/heads/main', { repository: 'acme/app', sha: caller.sha });
  const fork = () => pullRequestOf(7, 'stranger/app', { repository: 'acme/app', sha: caller.sha });
  test.each([
    ['where the plan says so', push, { plan: { ...BRIEF, publish: 'false' } }, 0],
    ["for a fork's pull request, even if the plan were wrong", fork, {}, 0],
    ['where the gate stays shut', push, { 'scan-image': { verdict: 'fail', exit: '1' } }, 1],
    ['where the scan gives no verdict', push, { 'scan-image': {} }, 0],
    ['where a platform does not build', push, { 'build-image': { exit: '1' } }, 1],
  ])(
    '%s',
    async (_, event, said, exit) => {
      const result = await run(event(), { plan: BRIEF, ...said });
      expect(result.ran).not.toContain('publish');
      expect(result.recorded.map((record) => record.action)).toEqual(expect.not.arrayContaining(['push-image']));
      expect(result.exit).toBe(exit);
    },
    300_000,
  );
});

describe('a caller with tests', () => {
  const push = () => pushOf('refs/heads/main', { repository: 'acme/app', sha: testing.sha });

  test('has each platform tested by its own digest, and the results joined before the gate', async () => {
    const result = await run(push(), {}, { by: testing });
    if (result.exit !== 0) throw new Error(result.story());
    expect(result.ran).toEqual(['plan', 'build', 'build', 'test', 'test', 'scan', 'publish']);
    const tested = inputsOf(result.recorded, 'test-image');
    const [joined] = inputsOf(result.recorded, 'join-layouts');
    expect(tested.map((inputs) => inputs['expected-digest'])).toEqual(joined?.digests?.split('\n').filter(Boolean));
    expect(tested.map(({ platforms }) => platforms)).toEqual(['linux/amd64', 'linux/arm64']);
    expect(tested[0]).toMatchObject({
      tests: 'tests/image.yaml',
      'health-url': 'http://localhost:8080/',
      timeout: '9s',
    });
    expect(joined?.['test-results-dir']).toMatch(/\/results$/);
  }, 300_000);

  test('publishes nothing where one fails', async () => {
    const result = await run(push(), { plan: BRIEF, 'test-image': { exit: '1' } }, { by: testing });
    expect([result.exit, result.ran]).toEqual([1, ['plan', 'build', 'test']]);
  }, 300_000);
});

test('a caller that has the image built twice gets each result joined, from beside its own first build', async () => {
  const result = await run(pushOf('refs/heads/main', { repository: 'acme/app', sha: twice.sha }), {}, { by: twice });
  if (result.exit !== 0) throw new Error(result.story());
  expect(result.ran).toEqual(['plan', 'build', 'build', 'rebuild', 'rebuild', 'scan', 'publish']);
  const built = inputsOf(result.recorded, 'build-image');
  expect(built.map(({ reproducible }) => reproducible?.trim())).toEqual(['off', 'off', 'check', 'check']);
  const [joined] = inputsOf(result.recorded, 'join-layouts');
  const digests = joined?.digests?.split('\n').filter(Boolean) ?? [];
  const firsts = built.slice(2).map((inputs) => [inputs['first-digest'], inputs['first-runner']]);
  const runners = built.slice(2).map(({ platforms }) => `{"name":"builder of ${platforms}"}`);
  expect(firsts).toEqual(digests.map((digest, at) => [digest, runners[at]]));
  const handed = digests.map((digest) => JSON.stringify({ digests: [digest] }));
  expect(joined?.reproduced?.split('\n').filter(Boolean)).toEqual(handed);
}, 300_000);

test('twenty platforms are built, and joined in the order of the plan', async () => {
  const push = pushOf('refs/heads/main', { repository: 'acme/app', sha: caller.sha });
  const include = Array.from({ length: 20 }, (_, index) => ({
    ...{ index, platform: `linux/p${index}`, runner: 'ubuntu-24.04' },
    artifact: `${PLANNED.artifact}-linux-p${index}`,
  }));
  const result = await run(push, { plan: { ...PLANNED, matrix: JSON.stringify({ include }) } });
  if (result.exit !== 0) throw new Error(result.story());
  expect(result.ran.filter((job) => job === 'build')).toHaveLength(20);
  const [joined] = inputsOf(result.recorded, 'join-layouts');
  expect(joined?.layouts?.split(',')).toEqual(include.map(({ artifact }) => artifact));
  const digests = joined?.digests?.split('\n').filter(Boolean) ?? [];
  expect([digests.length, new Set(digests).size]).toEqual([20, 20]);
  const kept = artifacts.artifacts(`run-${runs}`).map(({ name }) => name);
  expect(kept).toEqual(expect.arrayContaining(include.map(({ artifact }) => artifact)));
}, 300_000);

test('a gate that fails leaves the reports, and no layout to publish', async () => {
  const push = pushOf('refs/heads/main', { repository: 'acme/app', sha: caller.sha });
  const result = await run(push, { plan: BRIEF, 'scan-image': { verdict: 'fail', exit: '1' } });
  const kept = artifacts.artifacts(`run-${runs}`).map((artifact) => artifact.name);
  expect([result.job('scan').conclusion, kept]).toEqual([
    'failure',
    [`${PLANNED.artifact}-plan`, MATRIX.include[0]?.artifact, `${PLANNED.artifact}-reports`],
  ]);
}, 300_000);

test('sources that are refused are not built, and what was found in them is kept', async () => {
  const push = pushOf('refs/heads/main', { repository: 'acme/app', sha: caller.sha });
  const result = await run(push, { plan: BRIEF, 'lint-source': { exit: '1' } });
  const kept = artifacts.artifacts(`run-${runs}`).map((artifact) => artifact.name);
  expect([result.exit, result.ran, kept]).toEqual([1, ['plan'], [`${PLANNED.artifact}-plan`]]);
}, 300_000);

test('an image without a signature is pushed as such only where signing is none', async () => {
  const push = pushOf('refs/heads/main', { repository: 'acme/app', sha: caller.sha });
  const { recorded } = await run(push, { plan: { ...BRIEF, signing: 'none' } });
  const actions = recorded.map(({ action }) => action);
  expect([actions.includes('sign-image'), actions.includes('push-image')]).toEqual([false, true]);
}, 300_000);

test('a policy that lets findings of the live image pass is given what was read of it, by the signer of the run', async () => {
  const push = pushOf('refs/heads/main', { repository: 'acme/app', sha: caller.sha });
  const result = await run(push, { plan: { ...BRIEF, signing: 'key', compares: 'true' } });
  const [read] = inputsOf(result.recorded, 'read-baseline');
  const [scan] = inputsOf(result.recorded, 'scan-image');
  if (result.exit !== 0) throw new Error(result.story());
  expect(result.ran.toSorted()).toEqual(['baseline', 'build', 'plan', 'publish', 'scan']);
  expect(scan?.destination).toBe(PLANNED.images);
  expect([read?.image, read?.tags, read?.signing, read?.key, read?.['registry-password']]).toEqual([
    ...[PLANNED.images, 'raw=main', 'key', 'key-secret-3', 'registry-secret-2'],
  ]);
  expect(scan?.['baseline-sha256']).toBe(result.step('baseline', 'read').outputs['baseline-sha256']);
  expect(scan?.baseline).toMatch(/\/baseline\/baseline\.json$/);
}, 300_000);

test('nothing is scanned where the live image was to be read and that failed', async () => {
  const push = pushOf('refs/heads/main', { repository: 'acme/app', sha: caller.sha });
  const result = await run(push, { plan: { ...BRIEF, compares: 'true' }, 'read-baseline': { exit: '1' } });
  expect([result.exit, result.ran.includes('scan'), result.ran.includes('publish')]).toEqual([1, false, false]);
}, 300_000);

test('secrets: inherit passes the secrets whose names a repository can have', async () => {
  const push = pushOf('refs/heads/main', { repository: 'acme/app', sha: inheriting.sha });
  const secrets = {
    ...{ BUILD_SECRETS: 'a=inherited-1', REGISTRY_PASSWORD: 'inherited-2' },
    ...{ SIGNING_KEY: 'inherited-3', SIGNING_KEY_PASSWORD: 'inherited-4' },
  };
  const { recorded } = await run(push, { plan: BRIEF }, { by: inheriting, secrets });
  const [plan, build, sign, pushed] = ['plan', 'build-image', 'sign-image', 'push-image'].map(
    (action) => inputsOf(recorded, action)[0],
  );
  expect([
    plan?.['key-given'],
    build?.secrets,
    sign?.key,
    sign?.['key-password'],
    pushed?.['registry-password'],
  ]).toEqual(['true', 'a=inherited-1', 'inherited-3', 'inherited-4', 'inherited-2']);
}, 300_000);

test("the README's workflow of one step is keyless, for one platform, and gives the root action what it declares", async () => {
  const push = pushOf('refs/heads/main', { repository: 'acme/app', sha: inheriting.sha });
  const { exit, recorded, story } = await run(push, {}, { by: inheriting, workflow: 'one-step.yml' });
  if (exit !== 0) throw new Error(story());
  const [inputs = {}] = inputsOf(recorded, 'ship');
  expect([exit, inputs.image, inputs.key, inputs.platforms]).toEqual([0, 'ghcr.io/acme/app', undefined, undefined]);
  expect(Object.keys(inputs).filter((name) => !declared.get('ship')?.includes(name))).toEqual([]);
  const { jobs } = await readWorkflow(join(inheriting.folder, '.github/workflows/one-step.yml'));
  expect(jobs.image?.permissions).toEqual({ contents: 'read', packages: 'write', 'id-token': 'write' });
}, 300_000);
