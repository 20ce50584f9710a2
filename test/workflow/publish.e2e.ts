/** The reusable workflow under act with the bundled actions and the real tools; what it did is read from the registry. */
import { generateKeyPairSync } from 'node:crypto';
import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type ActSuite,
  type ArtifactService,
  copySuiteForAct,
  type FolderServer,
  pullRequestOf,
  pushOf,
  type RegistryServer,
  repositoryRoot,
  runWorkflow,
  type StoredArtifact,
  serveFolder,
  startArtifactService,
  startRegistry,
  type TestEvent,
  toolsFolder,
  vulnerabilityDatabase,
  type WorkflowRun,
} from '@tidegate/testkit';
import { buildApp } from '../e2e/support/app.ts';
import { type Caller, type CallerWorkflow, makeCaller } from './caller.ts';
import { actBinary, BUILD_TIME, fromSource, log, standIns } from './programs.ts';
import { type StandInHost, startStandIns } from './stand-ins/start.ts';

const WORKFLOW = 'commit-to-registry.yml';
const REPOSITORY = 'acme/app';
const TAGS = ['v1.2.3', 'v1.3.0', 'v1.2.4'];
const EVIDENCE = [
  'https://cosign.sigstore.dev/attestation/vuln/v1',
  'https://cyclonedx.org/bom',
  'https://sigstore.dev/cosign/sign/v1',
  'https://slsa.dev/provenance/v1',
  'https://slsa.dev/verification_summary/v1',
  'https://spdx.dev/Document',
];
const PUBLISHED = ['plan', 'build', 'build', 'assure', 'publish'];
const CHECKED = PUBLISHED.slice(0, -1);
const RUN = 300_000;

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const opened = new AsyncDisposableStack();
let act: string;
let base: string;
let suite: ActSuite;
let host: StandInHost;
let tools: string;
let database: FolderServer;
let registry: RegistryServer;
let artifacts: ArtifactService;
/** What a test does to an artifact once it is final. */
let tamper: (artifact: StoredArtifact) => Promise<void> = async () => {};
let sound: Caller;
let vulnerable: Caller;
/** Calls the workflow twice in a run, for one platform each: two variants of one image. */
let variants: Caller;

beforeAll(async () => {
  act = await actBinary();
  base = await mkdtemp(join(tmpdir(), 'publish-'));
  opened.defer(() => rm(base, { recursive: true, force: true }));
  suite = await copySuiteForAct({ root: repositoryRoot, into: base, workflows: [WORKFLOW], standIns, fromSource });
  host = opened.use(await startStandIns());
  tools = await toolsFolder({ log });
  database = opened.use(await serveFolder((await vulnerabilityDatabase({ log })).folder));
  registry = await startRegistry();
  opened.defer(() => registry.close());
  artifacts = opened.use(await startArtifactService({ onFinal: (artifact) => tamper(artifact) }));
  sound = opened.use(await callerOf('go.mod'));
  vulnerable = opened.use(await callerOf('vulnerable.mod'));
  variants = opened.use(
    await callerOf('go.mod', {
      alpine: { name: 'alpine', tags: 'raw=alpine' },
      debian: { name: 'debian', tags: 'raw=debian' },
    }),
  );
}, BUILD_TIME);

afterAll(() => opened.disposeAsync());

async function callerOf(modFile: 'go.mod' | 'vulnerable.mod', of?: CallerWorkflow['variants']): Promise<Caller> {
  const app = await buildApp(join(base, modFile), modFile);
  const files: Record<string, Buffer> = {};
  for (const entry of await readdir(app, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[relative(app, path)] = await readFile(path);
  }
  const inputs = {
    image: `${registry.host}/${REPOSITORY}`,
    // One platform is the default.
    ...(of ? {} : { platforms: 'linux/amd64,linux/arm64' }),
    'db-mirror': database.url,
    tools,
  };
  const workflow = { uses: suite.workflow(WORKFLOW), with: inputs, secrets: { 'signing-key': 'KEY' } };
  return makeCaller(files, { ...workflow, ...(of ? { variants: of } : {}) }, TAGS);
}

/** Paths in an artifact's zip, from its central directory. */
async function filesIn(artifact: StoredArtifact | undefined): Promise<readonly string[]> {
  const zip = await readFile(artifact?.file ?? 'no such artifact');
  const paths: string[] = [];
  for (let at = zip.indexOf('PK\x01\x02'); at !== -1; at = zip.indexOf('PK\x01\x02', at + 46)) {
    paths.push(zip.toString('utf8', at + 46, at + 46 + zip.readUInt16LE(at + 28)));
  }
  return paths;
}

let runs = 0;
async function run(caller: Caller, { event, payload, sha }: TestEvent): Promise<WorkflowRun> {
  const id = `run-${++runs}`;
  return runWorkflow({
    ...{ act, repository: caller.folder, workflow: '.github/workflows/ship.yml' },
    ...{ repositoryName: REPOSITORY, repositories: suite.repositories, event, payload, sha },
    temp: await caller.temp(id),
    secrets: { KEY: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() },
    env: {
      ...suite.env,
      ...host.env,
      ...{ ACTIONS_RESULTS_URL: artifacts.url, ACTIONS_RUNTIME_TOKEN: artifacts.token(id, 'job') },
    },
  });
}

function expectRun(result: WorkflowRun, exit: number, ran: readonly string[]): void {
  if (result.exit !== exit || result.ran.join() !== ran.join()) throw new Error(result.story());
}

const at = (caller: Caller) => ({ repository: REPOSITORY, sha: caller.sha });
const onMain = (caller: Caller) => pushOf('refs/heads/main', at(caller));
const onTag = (tag: string) => pushOf(`refs/tags/${tag}`, at(sound));
const tags = () => Object.fromEntries(registry.tags(REPOSITORY));
const scanned = (result: WorkflowRun) => result.step('assure', 'join').outputs.digest;

describe('a sound commit', () => {
  test(
    "of a fork's pull request is built and scanned, and the registry is not spoken to",
    async () => {
      const result = await run(sound, pullRequestOf(7, 'stranger/app', at(sound)));
      expectRun(result, 0, CHECKED);
      expect(result.step('assure', 'scan').outputs.verdict).toBe('pass');
      expect(registry.requests).toEqual([]);
    },
    RUN,
  );

  test(
    'on main is published under the name of the branch, as it was scanned',
    async () => {
      const result = await run(sound, onMain(sound));
      expectRun(result, 0, PUBLISHED);
      expect(tags()).toEqual({ main: scanned(result) });
    },
    RUN,
  );

  test(
    'tagged v1.3.0 gets its version tags and latest',
    async () => {
      const { main } = tags();
      const result = await run(sound, onTag('v1.3.0'));
      expectRun(result, 0, PUBLISHED);
      const digest = scanned(result);
      expect(tags()).toEqual({ main, '1.3.0': digest, '1.3': digest, 1: digest, latest: digest });
    },
    RUN,
  );

  test(
    'tagged v1.2.4 after v1.3.0 moves neither 1 nor latest back',
    async () => {
      const before = tags();
      const result = await run(sound, onTag('v1.2.4'));
      expectRun(result, 0, PUBLISHED);
      const digest = scanned(result);
      expect(tags()).toEqual({ ...before, '1.2.4': digest, '1.2': digest });
    },
    RUN,
  );

  test('is an index of its two platforms, each with all evidence signed', async () => {
    const index = JSON.parse(registry.manifest(REPOSITORY, 'main')?.bytes.toString('utf8') ?? '{}');
    expect(index.manifests.map((manifest: { platform: unknown }) => manifest.platform)).toEqual([
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
    ]);
    for (const { digest } of index.manifests) expect(await evidenceOf(digest)).toEqual(EVIDENCE);
  });

  async function evidenceOf(digest: string): Promise<string[]> {
    const answer = await fetch(`${registry.url}/v2/${REPOSITORY}/referrers/${digest}`);
    const { manifests } = (await answer.json()) as { manifests: { annotations?: Record<string, string> }[] };
    const found = manifests.map(({ annotations = {} }) => annotations['dev.sigstore.bundle.predicateType'] ?? '');
    return [...new Set(found.filter(Boolean))].toSorted();
  }
});

test(
  'two variants of one image, for one platform each, are published in one run',
  async () => {
    const before = tags();
    const result = await run(variants, onMain(variants));
    if (result.exit !== 0) throw new Error(result.story());
    const { alpine, debian, ...others } = tags();
    expect(others).toEqual(before);
    for (const digest of [alpine, debian]) {
      const image = JSON.parse(registry.manifest(REPOSITORY, digest ?? '')?.bytes.toString('utf8') ?? '{}');
      expect(image.manifests.map((manifest: { platform: unknown }) => manifest.platform)).toEqual([
        { os: 'linux', architecture: 'amd64' },
      ]);
    }
    const names = artifacts.artifacts(`run-${runs}`).map(({ name }) => name.replace(/^tidegate-app-[0-9a-f]{8}-/, ''));
    for (const variant of ['alpine', 'debian']) {
      const own = names.filter((name) => name.startsWith(variant));
      expect(own).toEqual([`${variant}-plan`, `${variant}-linux-amd64`, `${variant}-reports`, variant]);
    }
  },
  RUN,
);

describe('nothing is tagged', () => {
  test(
    'of a vulnerable commit on main',
    async () => {
      const before = tags();
      const result = await run(vulnerable, onMain(vulnerable));
      expectRun(result, 1, CHECKED);
      expect(result.step('assure', 'scan')).toMatchObject({ conclusion: 'failure', outputs: { verdict: 'fail' } });
      expect(tags()).toEqual(before);
      const kept = artifacts.artifacts(`run-${runs}`).find(({ name }) => name.endsWith('-reports'));
      const summary = result.step('assure', 'scan').summary;
      // Dashes are escaped in the summary.
      const shown = kept?.name.replaceAll('-', '&#45;');
      expect(summary).toContain(`artifact [<code>${shown}</code>](https://github.com/${REPOSITORY}/actions/runs/`);
      const files = await filesIn(kept);
      for (const path of ['scan/report.html', 'scan/report.json', 'scan/findings.sarif', 'lint/source-findings.json']) {
        expect(files).toContain(path);
      }
      expect(files.filter((path) => path.startsWith('sbom/')).length).toBeGreaterThan(3);
    },
    RUN,
  );

  test.each([
    ['a platform that was swapped after its build', /-linux-amd64$/, CHECKED, 'join'],
    ['an image that was swapped after its scan', /app-[0-9a-f]{8}$/, PUBLISHED, 'sign'],
  ])(
    'of %s',
    async (_, name, ran, refuses) => {
      const before = tags();
      // Sound too, and scanned: another image, that is all.
      const other = artifacts.artifacts().find((artifact) => name.test(artifact.name));
      const zip = join(base, 'other.zip');
      await copyFile(other?.file ?? 'no earlier run', zip);
      tamper = async (artifact) => {
        if (name.test(artifact.name)) await artifacts.replace(artifact.id, zip);
      };
      const result = await run(sound, onTag('v1.2.3')).finally(() => {
        tamper = async () => {};
      });
      expectRun(result, 1, ran);
      const job = result.job(ran.at(-1) ?? '');
      const failed = job.steps.filter((step) => step.conclusion === 'failure');
      expect(failed.map((step) => step.id)).toEqual([refuses]);
      expect(failed[0]?.log).toMatch(/expected sha256:|integrity/);
      expect(tags()).toEqual(before);
    },
    RUN,
  );
});
