/** SBOM and provenance in the index, through the reusable workflow: one digest is scanned, signed, tagged and rescanned. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pushOf } from '@tidegate/testkit';
import { askWith } from '../support/client.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';
import { BUILD_TIME } from '../workflow/programs.ts';
import { expectRun, REPOSITORY, type RealRuns, SIGNING_KEY, startRealRuns } from '../workflow/real-runs.ts';

const suite = await theSuite();
const RUN = 400_000;
const PLATFORMS = ['linux/amd64', 'linux/arm64'];
/** New in each scan. Everything else is published once. */
const OF_SCANS = ['https://cosign.sigstore.dev/attestation/vuln/v1', 'https://slsa.dev/verification_summary/v1'];

const opened = new AsyncDisposableStack();
let runs: RealRuns;
let home: string;
let digest = '';

beforeAll(async () => {
  runs = opened.use(await startRealRuns());
  home = await mkdtemp(join(tmpdir(), 'docker-attestations-'));
  opened.defer(() => rm(home, { recursive: true, force: true }));
}, BUILD_TIME);
afterAll(() => opened.disposeAsync());

interface Index {
  readonly manifests: readonly {
    readonly digest: string;
    readonly platform?: { readonly os: string };
    readonly annotations?: Readonly<Record<string, string>>;
  }[];
}

const index = (): Index =>
  JSON.parse(runs.registry.manifest(REPOSITORY, digest)?.bytes.toString() ?? '{"manifests":[]}');

/** Number of signed statements by the manifest that they are about and their type. */
async function evidence(): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const subject of [digest, ...index().manifests.map((one) => one.digest)]) {
    const answer = await fetch(`${runs.registry.url}/v2/${REPOSITORY}/referrers/${subject}`);
    const { manifests } = (await answer.json()) as Index;
    for (const { annotations = {} } of manifests) {
      const key = `${subject} ${annotations['dev.sigstore.bundle.predicateType'] ?? 'unknown'}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
  }
  return counts;
}

/** Output of `docker buildx imagetools inspect --format '{{json .SBOM}}'`. */
async function sbomOfTag() {
  const reference = `${runs.registry.host}/${REPOSITORY}:main`;
  const argv = ['imagetools', 'inspect', reference, '--format', '{{json .SBOM}}'];
  const { code, stdout, stderr } = await askWith({ HOME: home }, '/', join(suite.tools, 'buildx'), ...argv);
  expect({ code, stderr: code ? stderr : '' }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

test(
  'the index with SBOM and provenance is the image that is scanned, signed and tagged',
  async () => {
    const inputs = { platforms: PLATFORMS.join(), 'docker-attestations': true };
    const caller = await runs.caller('docker', { with: inputs });
    const result = await runs.run(caller, pushOf('refs/heads/main', { repository: REPOSITORY, sha: caller.sha }));
    expectRun(result, 0, ['plan', 'build', 'build', 'scan', 'publish']);
    digest = result.step('scan', 'sbom').outputs.digest ?? '';
    expect(digest).not.toBe(result.step('scan', 'join').outputs.digest);
    expect([result.step('scan', 'scan').outputs.digest, result.step('publish', 'join').outputs.digest]).toEqual([
      ...[digest, digest],
    ]);
    expect(runs.tags()).toEqual({ main: digest });
    const { manifests } = index();
    expect(manifests.map(({ platform }) => platform?.os)).toEqual(['linux', 'linux', 'unknown', 'unknown']);
    const images = manifests.slice(0, 2).map((one) => one.digest);
    const described = manifests.slice(2).map(({ annotations }) => annotations?.['vnd.docker.reference.digest']);
    expect(described).toEqual(images);
    // Signed evidence about the index and its platforms, and none about the index that was joined first.
    const counts = Object.entries(await evidence());
    for (const subject of [digest, ...images]) {
      expect(counts).toContainEqual([`${subject} https://slsa.dev/verification_summary/v1`, 1]);
    }
    expect(counts.filter(([, count]) => count > 1)).toEqual([]);
    const before = result.step('scan', 'join').outputs.digest;
    expect(runs.registry.manifest(REPOSITORY, before ?? '')).toBeUndefined();
  },
  RUN,
);

test('buildx shows the SBOM of each platform', async () => {
  const sbom = await sbomOfTag();
  for (const platform of PLATFORMS) expect(sbom).toHaveProperty([platform, 'SPDX', 'spdxVersion'], 'SPDX-2.3');
});

test(
  'rescans of the published image add a scan and a verdict, and nothing else twice',
  async () => {
    const jobs: Job[] = [];
    opened.defer(async () => {
      for (const job of jobs) await leave(job);
    });
    const image = `${runs.registry.host}/${REPOSITORY}:main`;
    let before = await evidence();
    for (const _ of [1, 2]) {
      const job = await newJob(suite);
      jobs.push(job);
      const { outputs } = await succeeded(job.run('scan-image', { image, key: SIGNING_KEY }));
      expect([outputs.digest, outputs.verdict]).toEqual([digest, 'pass']);
      const after = await evidence();
      const added = Object.keys(after).filter((key) => after[key] !== before[key]);
      expect(added.filter((key) => !OF_SCANS.some((type) => key.endsWith(type)))).toEqual([]);
      for (const key of added) expect([key, after[key]]).toEqual([key, (before[key] ?? 0) + 1]);
      before = after;
    }
    expect(runs.tags()).toEqual({ main: digest });
    expect(Object.keys(await sbomOfTag())).toEqual(PLATFORMS);
  },
  RUN,
);
