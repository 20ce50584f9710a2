/**
 * The workflows of docs/guides/many-images.md as they are on the page, run under act with every action a recorder: a
 * matrix of calls of the reusable workflow, and of publish.yml.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type ActSuite,
  type ArtifactService,
  copySuiteForAct,
  parseYaml,
  pushOf,
  readWorkflow,
  repositoryRoot,
  runWorkflow,
  startArtifactService,
  type WorkflowRun,
} from '@tidegate/testkit';
import { codeBlocks } from '../../packages/tooling/src/site/blocks.ts';
import { type Caller, makeCaller } from './caller.ts';
import { actBinary, BUILD_TIME, standIns } from './programs.ts';
import { type StandInHost, startStandIns } from './stand-ins/start.ts';
import { makeSuiteOfRecorders } from './suite-of-recorders.ts';

type Fields = Readonly<Record<string, unknown>>;
interface Jobs {
  readonly jobs: Readonly<Record<string, { readonly with?: Fields; readonly uses?: string; readonly if?: string }>>;
}

const LEG = {
  context: 'services/api',
  file: 'services/api.Dockerfile',
  target: 'final',
  platforms: 'linux/amd64',
  'build-args': 'A=1\n"B=two\nlines"',
  'build-contexts': 'lib=lib',
  labels: 'a=b',
  annotations: 'index:a=b',
  'cache-from': 'type=gha',
  'cache-to': 'type=gha',
  'no-cache': true,
  'no-cache-filters': 'deps',
  pull: true,
  network: 'none',
  allow: 'security.insecure',
  'add-hosts': 'db:10.0.0.7',
  ulimit: 'nofile=1024:1024',
  'shm-size': '128m',
};
const MATRIX = {
  include: ['api', 'web'].map((name, leg) => ({ ...LEG, leg, name, image: `registry.example/acme/${name}` })),
};
/** The plan of one image, in its own call. */
function planned(name: string) {
  const [image, artifact] = [`registry.example/acme/${name}`, `tidegate-${name}-0123abcd`];
  const leg = { index: 0, platform: 'linux/amd64', runner: 'ubuntu-24.04', artifact: `${artifact}-linux-amd64` };
  return {
    ...{ publish: 'true', image, images: image, tags: 'main', 'exact-tags': 'raw=main', artifact, labels: 'a=b' },
    matrix: JSON.stringify({ include: [leg] }),
  };
}
const SAID = {
  'plan registry.example/acme/api': planned('api'),
  'plan registry.example/acme/web': planned('web'),
  'plan bake-files': { any: 'true', matrix: JSON.stringify(MATRIX) },
  'scan-image': { verdict: 'pass' },
  'push-image': { published: 'true' },
};

interface Recorded {
  readonly action: string;
  readonly inputs: Readonly<Record<string, string>>;
}
type Run = WorkflowRun & { readonly recorded: readonly Recorded[] };

const opened = new AsyncDisposableStack();
let act: string;
let suite: ActSuite;
let host: StandInHost;
let artifacts: ArtifactService;
let whole: string;
let fragment: string;
let usual: Caller;
let later: Caller;

beforeAll(async () => {
  act = await actBinary();
  const base = await mkdtemp(join(tmpdir(), 'many-images-'));
  opened.defer(() => rm(base, { recursive: true, force: true }));
  await makeSuiteOfRecorders(join(base, 'recorders'));
  const workflows = ['commit-to-registry.yml', 'publish.yml'];
  suite = await copySuiteForAct({ root: join(base, 'recorders'), into: join(base, 'act'), workflows, standIns });
  host = opened.use(await startStandIns());
  artifacts = opened.use(await startArtifactService());
  const page = await readFile(join(repositoryRoot, 'docs/guides/many-images.md'), 'utf8');
  [whole = '', fragment = ''] = codeBlocks(page).flatMap(({ language, text }) => (language === 'yaml' ? [text] : []));
  usual = opened.use(await callerOf(whole));
  later = opened.use(await callerOf(`name: Images\non: push\n${fragment}`));
}, BUILD_TIME);
afterAll(() => opened.disposeAsync());

function callerOf(workflow: string): Promise<Caller> {
  const text = workflow.replaceAll(/tidegate\/tidegate\/\.github\/workflows\/([\w-]+\.yml)@v1/g, (_, file: string) =>
    suite.workflow(file),
  );
  const none = { uses: suite.workflow('commit-to-registry.yml'), with: {}, secrets: {} };
  return makeCaller({ Dockerfile: 'FROM scratch\n', '.github/workflows/images.yml': text }, none);
}

let runs = 0;
async function run(by: Caller, said: Readonly<Record<string, Readonly<Record<string, string>>>> = {}): Promise<Run> {
  const id = `run-${++runs}`;
  const temp = await by.temp(id);
  const records = join(temp, 'records');
  await writeFile(records, '');
  const result = await runWorkflow({
    ...{ act, repository: by.folder, workflow: '.github/workflows/images.yml', temp },
    ...{
      repositoryName: 'acme/app',
      secrets: {},
      ...pushOf('refs/heads/main', { repository: 'acme/app', sha: by.sha }),
    },
    repositories: { ...suite.repositories, 'tidegate/tidegate@v1': suite.folder },
    env: {
      ...suite.env,
      ...host.env,
      ...{ RECORDS: records, SAID: JSON.stringify({ ...SAID, ...said }) },
      ...{ ACTIONS_RESULTS_URL: artifacts.url, ACTIONS_RUNTIME_TOKEN: artifacts.token(id, 'job') },
    },
  });
  const lines = (await readFile(records, 'utf8')).split('\n').filter(Boolean);
  return { ...result, recorded: lines.map((line): Recorded => JSON.parse(line)) };
}

const inputsOf = ({ recorded }: Run, action: string) =>
  recorded.filter((record) => record.action === action).map(({ inputs }) => inputs);

describe('each target in its own call', () => {
  let result: Run;
  beforeAll(async () => {
    result = await run(usual);
  }, 300_000);

  test('is built with what its bake file says, and published', () => {
    expect({ exit: result.exit, story: result.exit === 0 ? '' : result.story() }).toEqual({ exit: 0, story: '' });
    const builds = inputsOf(result, 'build-image');
    expect(builds).toHaveLength(2);
    const { labels: _, annotations: __, ...same } = LEG;
    const texts = Object.fromEntries(Object.entries(same).map(([name, value]) => [name, String(value)]));
    for (const build of builds) expect(build).toMatchObject(texts);
    const planned = inputsOf(result, 'plan').filter((inputs) => inputs['bake-files'] === undefined);
    expect(planned.map(({ image, labels, annotations }) => [image, labels, annotations]).toSorted()).toEqual([
      ['registry.example/acme/api', 'a=b', 'index:a=b'],
      ['registry.example/acme/web', 'a=b', 'index:a=b'],
    ]);
    expect(inputsOf(result, 'push-image')).toHaveLength(2);
  });

  test('and the required check passes', () => {
    expect(result.job('images').conclusion).toBe('success');
  });
});

test('where every target is left out, the matrix is skipped and the required check passes', async () => {
  const nothing = { 'plan bake-files': { any: 'false', matrix: '{"include":[]}' } };
  const result = await run(usual, nothing);
  expect(result.exit).toBe(0);
  expect(result.ran).toEqual(['plan', 'images']);
  expect(result.job('images').conclusion).toBe('success');
}, 300_000);

test('all or nothing: every image is checked before the first one is published', async () => {
  const { recorded } = await run(later);
  const order = recorded.map(({ action }) => action).filter((action) => /^(scan|sign)-image$/.test(action));
  // In act, the last call overwrites all outputs of the others, so that it is the only one that can be published.
  expect(order).toEqual(['scan-image', 'scan-image', 'sign-image']);
}, 300_000);

test.each(MATRIX.include)(
  'all or nothing: publish.yml gets what the call $leg checked',
  async (leg) => {
    const only = { 'plan bake-files': { any: 'true', matrix: JSON.stringify({ include: [leg] }) } };
    const result = await run(later, only);
    expect({ exit: result.exit, story: result.exit === 0 ? '' : result.story() }).toEqual({ exit: 0, story: '' });
    expect(inputsOf(result, 'push-image').map(({ image }) => image)).toEqual([leg.image]);
  },
  300_000,
);

test('all or nothing: keyless, publish.yml signs with the proof of what the call checked', async () => {
  const [leg] = MATRIX.include;
  const only = { 'plan bake-files': { any: 'true', matrix: JSON.stringify({ include: [leg] }) } };
  const keyless = { 'plan registry.example/acme/api': { ...planned('api'), signing: 'keyless' } };
  const result = await run(later, { ...only, ...keyless });
  expect({ exit: result.exit, story: result.exit === 0 ? '' : result.story() }).toEqual({ exit: 0, story: '' });
  const [proven] = inputsOf(result, 'sign-checked');
  const [signed] = inputsOf(result, 'sign-image');
  expect(signed).toMatchObject({ signing: 'keyless', 'identity-audience': 'signing-config' });
  expect(JSON.parse(signed?.checked ?? '')).toEqual({ ...JSON.parse(proven?.checked ?? ''), proof: 'recorded' });
}, 300_000);

test('all or nothing: where one gate fails, no image is published', async () => {
  const result = await run(later, { 'scan-image': { verdict: 'fail', exit: '1' } });
  expect(result.exit).toBe(1);
  expect(inputsOf(result, 'push-image')).toEqual([]);
}, 300_000);

describe('what act does not show', () => {
  test('a leg has its own output of `checked`, which is empty in every other call', async () => {
    const { on } = await readWorkflow(join(repositoryRoot, '.github/workflows/commit-to-registry.yml'));
    const { outputs, inputs } = (on as { readonly workflow_call: { outputs: Fields; inputs: Fields } }).workflow_call;
    const own = Object.entries(outputs).filter(([name]) => /^checked-/.test(name));
    expect(own.map(([name, output]) => [name, (output as { value: string }).value])).toEqual(
      Array.from({ length: 20 }, (_, leg) => [
        `checked-${leg}`,
        `\${{ inputs.leg == ${leg} && (startsWith(jobs.hand-over.outputs.checked, '{') && jobs.hand-over.outputs.checked || jobs.scan.outputs.checked) || '' }}`,
      ]),
    );
    expect(inputs.leg).toMatchObject({ type: 'number', default: -1 });
  });

  test('the page passes every input of a leg on, and checks the plan before the matrix', () => {
    const { image, images, plan } = (parseYaml(whole) as Jobs).jobs;
    const { name: _, leg: __, ...first } = MATRIX.include[0] ?? { name: '', leg: 0 };
    expect(image?.with).toEqual(Object.fromEntries(Object.keys(first).map((name) => [name, `\${{ matrix.${name} }}`])));
    expect([image?.if, images?.if, plan?.if]).toEqual(["needs.plan.outputs.any == 'true'", 'always()', undefined]);
    const { publish } = (parseYaml(fragment) as Jobs).jobs;
    expect(publish?.with).toEqual({ checked: `\${{ needs.image.outputs[format('checked-{0}', matrix.leg)] }}` });
    expect(publish?.if).toBeUndefined();
  });
});
