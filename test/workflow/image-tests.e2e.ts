/** The reusable workflow runs a caller's tests of the image before anything is public, with real containers. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pushOf, type StoredArtifact } from '@tidegate/testkit';
import { startDockerd } from '../support/dockerd.ts';
import type { Caller } from './caller.ts';
import { BUILD_TIME } from './programs.ts';
import { expectRun, REPOSITORY, type RealRuns, startRealRuns } from './real-runs.ts';

const PUBLISHED = ['plan', 'build', 'test', 'scan', 'publish'];
const RUN = 300_000;
const RESULT = 'https://in-toto.io/attestation/test-result/v0.1';

const opened = new AsyncDisposableStack();
let runs: RealRuns;
let tamper: (artifact: StoredArtifact) => Promise<void> = async () => {};

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'image-tests-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const dockerd = opened.use(await startDockerd(join(folder, 'dockerd')));
  const options = { onFinal: (artifact: StoredArtifact) => tamper(artifact), env: { DOCKER_HOST: dockerd.address } };
  runs = opened.use(await startRealRuns(options));
}, BUILD_TIME);
afterAll(() => opened.disposeAsync());

const REQUIRES_TESTS =
  'version: 1\npreset: recommended\n' + 'evidence: { require: [provenance, sbom, scan, verdict, signature, tests] }\n';
const withTests = (tests: string) => ({
  '.github/tidegate.yml': REQUIRES_TESTS,
  'tests/image.yaml': `schemaVersion: "2.0.0"\n${tests}`,
});
const HASHES =
  'commandTests: [{ name: hash, command: /app, args: [hash, /app], expectedOutput: ["^sha256:[0-9a-f]{64}"] }]\n';
const onMain = (caller: Caller) => pushOf('refs/heads/main', { repository: REPOSITORY, sha: caller.sha });

async function evidenceOf(digest: string): Promise<readonly string[]> {
  const answer = await fetch(`${runs.registry.url}/v2/${REPOSITORY}/referrers/${digest}`);
  const { manifests } = (await answer.json()) as { manifests: readonly { annotations?: Record<string, string> }[] };
  return manifests.map(({ annotations = {} }) => annotations['dev.sigstore.bundle.predicateType'] ?? '');
}

test(
  'a policy that requires tests is satisfied by the job that runs them, and the result is published, signed',
  async () => {
    const caller = await runs.caller('sound', { files: withTests(HASHES), with: { tests: 'tests/image.yaml' } });
    const result = await runs.run(caller, onMain(caller));
    expectRun(result, 0, PUBLISHED);
    const digest = result.step('scan', 'join').outputs.digest ?? '';
    expect(runs.tags()).toEqual({ main: digest });
    expect(await evidenceOf(digest)).toContain(RESULT);
  },
  RUN,
);

describe('nothing is tagged', () => {
  test(
    'where the image fails its tests',
    async () => {
      const before = runs.tags();
      const files = withTests(HASHES.replace('^sha256', '^sha512'));
      const caller = await runs.caller('failing', { files, with: { tests: 'tests/image.yaml' } });
      const result = await runs.run(caller, onMain(caller));
      expectRun(result, 1, ['plan', 'build', 'test']);
      expect(result.step('test', 'test').log).toMatch(/hash: stdout does not match/);
      expect(runs.tags()).toEqual(before);
    },
    RUN,
  );

  test(
    'where the policy requires tests and the caller has none',
    async () => {
      const before = runs.tags();
      const caller = await runs.caller('untested', { files: { '.github/tidegate.yml': REQUIRES_TESTS } });
      const result = await runs.run(caller, onMain(caller));
      expectRun(result, 1, ['plan', 'build', 'scan']);
      expect(result.step('scan', 'scan').log).toMatch(/there is no test result/);
      expect(runs.tags()).toEqual(before);
    },
    RUN,
  );

  test(
    'where a test result was swapped for one of another image',
    async () => {
      const before = runs.tags();
      const earlier = runs.artifacts.artifacts().find(({ name }) => name.endsWith('-tests'));
      const zip = join(runs.folder, 'other.zip');
      await copyFile(earlier?.file ?? 'no earlier result', zip);
      tamper = async ({ name, id }) => {
        if (name.endsWith('-tests')) await runs.artifacts.replace(id, zip);
      };
      const files = { ...withTests(HASHES), 'other.txt': 'another commit' };
      const more = { tests: 'tests/image.yaml', labels: 'other=image' };
      const caller = await runs.caller('other', { files, with: more });
      const result = await runs.run(caller, onMain(caller)).finally(() => {
        tamper = async () => {};
      });
      expectRun(result, 1, ['plan', 'build', 'test', 'scan']);
      expect(result.step('scan', 'join').log).toMatch(/is not a test result of a platform of sha256:/);
      expect(runs.tags()).toEqual(before);
    },
    RUN,
  );
});
