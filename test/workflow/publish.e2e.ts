/** The reusable workflow under act with the bundled actions and the real tools; what it did is read from the registry. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pullRequestOf, pushOf, type StoredArtifact, withKeptTree } from '@tidegate/testkit';
import { type Caller, makeCaller } from './caller.ts';
import { BUILD_TIME } from './programs.ts';
import {
  type Attempt,
  expectRun,
  filesIn,
  REPOSITORY,
  type RealRuns,
  SIGNING_KEY,
  startRealRuns,
} from './real-runs.ts';

const EVIDENCE = [
  'https://cosign.sigstore.dev/attestation/vuln/v1',
  'https://cyclonedx.org/bom',
  'https://sigstore.dev/cosign/sign/v1',
  'https://slsa.dev/provenance/v1',
  'https://slsa.dev/verification_summary/v1',
  'https://spdx.dev/Document',
];
const PUBLISHED = ['plan', 'build', 'build', 'scan', 'publish'];
const CHECKED = PUBLISHED.slice(0, -1);
const RUN = 300_000;

let runs: RealRuns;
/** A change that a test makes to an artifact once it is final. */
let tamper: (artifact: StoredArtifact) => Promise<void> = async () => {};
let sound: Caller;
/** The run that published main. */
let onMainFirst: Attempt;
let vulnerable: Caller;
/** Calls the workflow twice in a run, for one platform each: two variants of one image. Passes all secrets on. */
let variants: Caller;

beforeAll(async () => {
  runs = await startRealRuns({ onFinal: (artifact) => tamper(artifact) });
  const two = { platforms: 'linux/amd64,linux/arm64' };
  sound = await runs.caller('sound', { with: two });
  vulnerable = await runs.caller('vulnerable', { modFile: 'vulnerable.mod', with: two });
  variants = await runs.caller('variants', {
    variants: {
      alpine: { name: 'alpine', tags: 'raw=alpine' },
      debian: { name: 'debian', tags: 'raw=debian' },
    },
    secrets: 'inherit',
  });
}, BUILD_TIME);

afterAll(async () => runs[Symbol.asyncDispose]());

const at = (caller: Caller) => ({ repository: REPOSITORY, sha: caller.sha });
const onMain = (caller: Caller) => pushOf('refs/heads/main', at(caller));
const onTag = (tag: string) => pushOf(`refs/tags/${tag}`, at(sound));
const shortName = ({ name }: StoredArtifact) => name.replace(/^tidegate-app-[0-9a-f]{8}/, '');
const scanned = (result: Attempt) => result.step('scan', 'join').outputs.digest;

interface Referrer {
  readonly annotations?: Readonly<Record<string, string>>;
}

async function evidenceOf(digest: string): Promise<string[]> {
  const answer = await fetch(`${runs.registry.url}/v2/${REPOSITORY}/referrers/${digest}`);
  const { manifests } = (await answer.json()) as { manifests: readonly Referrer[] };
  const found = manifests.map(({ annotations = {} }) => annotations['dev.sigstore.bundle.predicateType'] ?? '');
  return [...new Set(found.filter(Boolean))].toSorted();
}

/** A manifest or an index. */
interface Published {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string; readonly size: number }[];
  readonly manifests: readonly { readonly digest: string; readonly platform: unknown }[];
}

const published = (reference: string): Published =>
  JSON.parse(runs.registry.manifest(REPOSITORY, reference)?.bytes.toString('utf8') ?? '{}');

describe('a sound commit', () => {
  test(
    "of a fork's pull request is built and scanned, and the registry is not contacted",
    async () => {
      const result = await runs.run(sound, pullRequestOf(7, 'stranger/app', at(sound)));
      expectRun(result, 0, CHECKED);
      expect(result.step('scan', 'scan').outputs.verdict).toBe('pass');
      expect(runs.registry.requests).toEqual([]);
    },
    RUN,
  );

  test(
    'on main is published under the name of the branch, as it was scanned',
    async () => {
      const result = await runs.run(sound, onMain(sound));
      onMainFirst = result;
      expectRun(result, 0, PUBLISHED);
      expect(runs.tags()).toEqual({ main: scanned(result) });
    },
    RUN,
  );

  test('uploads each layer once, from the job that built it, and hands on from scan to publish no more than evidence', async () => {
    const layers = published('main').manifests.flatMap(({ digest }) => published(digest).layers);
    const holders = await Promise.all(
      onMainFirst.artifacts.map(async (artifact) => ({ name: shortName(artifact), files: await filesIn(artifact) })),
    );
    for (const { digest } of layers) {
      const file = `blobs/sha256/${digest.slice('sha256:'.length)}`;
      const holding = holders.filter(({ files }) => files.some((path) => path.endsWith(file)));
      expect(holding.map(({ name }) => name)).toEqual([expect.stringMatching(/^-linux-(amd|arm)64$/)]);
    }
    const moved = runs.artifacts.transfers(onMainFirst.attempt);
    const bytes = (job: string, direction: 'up' | 'down') =>
      moved.filter((one) => one.job === job && one.direction === direction).reduce((sum, one) => sum + one.bytes, 0);
    const sizeOf = (name: RegExp) =>
      onMainFirst.artifacts.filter((one) => name.test(shortName(one))).reduce((sum, { size }) => sum + size, 0);
    const [plan, builds, reports, evidence] = [/^-plan$/, /^-linux-/, /^-reports$/, /^$/].map(sizeOf);
    expect({ up: bytes('build', 'up'), down: bytes('build', 'down') }).toEqual({ up: builds, down: 2 * (plan ?? 0) });
    expect({ up: bytes('scan', 'up'), down: bytes('scan', 'down') }).toEqual({
      up: (reports ?? 0) + (evidence ?? 0),
      down: (plan ?? 0) + (builds ?? 0),
    });
    expect({ up: bytes('publish', 'up'), down: bytes('publish', 'down') }).toEqual({
      up: 0,
      down: (plan ?? 0) + (evidence ?? 0) + (builds ?? 0),
    });
    // The builds' artifacts are little more than the layers.
    const size = layers.reduce((sum, layer) => sum + layer.size, 0);
    expect((builds ?? 0) - size).toBeLessThan(200_000);
    expect(size).toBeGreaterThan(1_000_000);
  });

  test(
    'tagged v1.3.0 gets its version tags and latest',
    async () => {
      const { main } = runs.tags();
      const result = await runs.run(sound, onTag('v1.3.0'));
      expectRun(result, 0, PUBLISHED);
      const digest = scanned(result);
      expect(runs.tags()).toEqual({ main, '1.3.0': digest, '1.3': digest, 1: digest, latest: digest });
    },
    RUN,
  );

  test(
    'tagged v1.2.4 after v1.3.0 moves neither 1 nor latest back',
    async () => {
      const before = runs.tags();
      const result = await runs.run(sound, onTag('v1.2.4'));
      expectRun(result, 0, PUBLISHED);
      const digest = scanned(result);
      expect(runs.tags()).toEqual({ ...before, '1.2.4': digest, '1.2': digest });
    },
    RUN,
  );

  test('is an index of its two platforms, each with all evidence signed', async () => {
    const index = published('main');
    expect(index.manifests.map(({ platform }) => platform)).toEqual([
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
    ]);
    for (const { digest } of index.manifests) expect(await evidenceOf(digest)).toEqual(EVIDENCE);
  });
});

test('no job asks GitHub for what its permissions do not allow, in a private repository', () => {
  const { answers } = runs.api;
  const asked = new Set(answers.map(({ token }) => token));
  expect([asked.has('token-of-plan'), asked.has('token-of-publish')]).toEqual([true, true]);
  expect(answers.filter(({ status }) => status === 401 || status === 403)).toEqual([]);
});

test(
  'two variants of one image are published in one run, signed with the secret that secrets: inherit passes',
  async () => {
    const before = runs.tags();
    const result = await runs.run(variants, onMain(variants), { secrets: { SIGNING_KEY } });
    if (result.exit !== 0) throw new Error(result.story());
    const { alpine = '', debian = '', ...others } = runs.tags();
    expect(others).toEqual(before);
    for (const digest of [alpine, debian]) {
      const config = await fetch(`${runs.registry.url}/v2/${REPOSITORY}/blobs/${published(digest).config.digest}`);
      expect(await config.json()).toMatchObject({ os: 'linux', architecture: 'amd64' });
      expect(await evidenceOf(digest)).toEqual(EVIDENCE);
    }
    const names = result.artifacts.map(({ name }) => name.replace(/^tidegate-app-[0-9a-f]{8}-/, ''));
    for (const variant of ['alpine', 'debian']) {
      const own = names.filter((name) => name.startsWith(variant));
      expect(own).toEqual([`${variant}-plan`, `${variant}-linux-amd64`, `${variant}-reports`, variant]);
    }
  },
  RUN,
);

/** Another ref, whose policy and scanner settings let everything through. */
const LAX = {
  '.github/tidegate.yml': 'version: 1\npreset: observe\nvulnerabilities: { fail-on: none }\n',
  '.grype.yaml': 'ignore: [{ package: { name: ".*" } }]\n',
  '.syft.yaml': 'exclude: ["**"]\n',
};

describe('nothing is tagged', () => {
  test(
    "of a vulnerable commit on main, though a self-hosted runner's workspace holds a ref that would let it through",
    async () => {
      const before = runs.tags();
      await using lax = await makeCaller(LAX, { uses: 'none', with: {}, secrets: {} });
      const result = await runs.run(vulnerable, onMain(vulnerable), {
        change: (text) => withKeptTree(text, lax.folder),
      });
      expectRun(result, 1, CHECKED);
      expect(result.step('scan', 'scan')).toMatchObject({ conclusion: 'failure', outputs: { verdict: 'fail' } });
      expect(runs.tags()).toEqual(before);
      const kept = result.artifacts.find(({ name }) => name.endsWith('-reports'));
      const summary = result.step('scan', 'scan').summary;
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
    ['an image whose evidence was swapped after its scan', /app-[0-9a-f]{8}$/, PUBLISHED, 'join'],
  ])(
    'of %s',
    async (_, name, ran, refuses) => {
      const before = runs.tags();
      // Sound too, and scanned: another image, that is all.
      const other = runs.artifacts.artifacts().find((artifact) => name.test(artifact.name));
      const zip = join(runs.folder, 'other.zip');
      await copyFile(other?.file ?? 'no earlier run', zip);
      tamper = async (artifact) => {
        if (name.test(artifact.name)) await runs.artifacts.replace(artifact.id, zip);
      };
      const result = await runs.run(sound, onTag('v1.2.3')).finally(() => {
        tamper = async () => {};
      });
      expectRun(result, 1, ran);
      const job = result.job(ran.at(-1) ?? '');
      const failed = job.steps.filter((step) => step.conclusion === 'failure');
      expect(failed.map((step) => step.id)).toEqual([refuses]);
      expect(failed[0]?.log).toMatch(/expected sha256:|integrity/);
      expect(runs.tags()).toEqual(before);
    },
    RUN,
  );

  test(
    'of an image whose layers were swapped after its scan',
    async () => {
      const before = runs.tags();
      tamper = async ({ name, run }) => {
        if (!/app-[0-9a-f]{8}$/.test(name)) return;
        // The layers of the other platform: every byte in it is what the other build uploaded.
        const build = (end: string) => runs.artifacts.artifacts(run).find((one) => one.name.endsWith(end));
        await runs.artifacts.replace(build('-amd64')?.id ?? 0, build('-arm64')?.file ?? 'no such build');
      };
      const result = await runs.run(sound, onTag('v1.2.3')).finally(() => {
        tamper = async () => {};
      });
      expectRun(result, 1, PUBLISHED);
      const failed = result.job('publish').steps.filter((step) => step.conclusion === 'failure');
      expect(failed.map((step) => step.id)).toEqual(['join']);
      expect(failed[0]?.log).toMatch(/does not contain sha256:/);
      expect(runs.tags()).toEqual(before);
    },
    RUN,
  );
});
