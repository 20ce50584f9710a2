/** The reusable workflow builds a second time in a job of its own: its result alone becomes signed evidence. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PredicateType } from '@tidegate/core';
import { pushOf, type StoredArtifact } from '@tidegate/testkit';
import { BUSYBOX } from '../support/built-image.ts';
import type { Caller } from './caller.ts';
import { BUILD_TIME } from './programs.ts';
import { expectRun, REPOSITORY, type RealRuns, startRealRuns } from './real-runs.ts';

const PUBLISHED = ['plan', 'build', 'rebuild', 'scan', 'publish'];
const RUN = 400_000;
const REQUIRES =
  'version: 1\npreset: recommended\n' +
  'evidence: { require: [provenance, sbom, scan, reproduced, verdict, signature] }\n';
const WITH = { reproducible: 'check', 'rewrite-timestamp': true, lint: 'off' };
const BASE = 'FROM scratch\nCOPY busybox /bin/busybox\nCOPY app-linux-amd64 /app\nSHELL ["/bin/busybox", "sh", "-c"]\n';
/** Of the RUN step, from 1. */
const LINE = 5;

let runs: RealRuns;
let tamper: (artifact: StoredArtifact) => Promise<void> = async () => {};
beforeAll(async () => {
  // As on GitHub: names of runners may repeat, and each job has a machine of its own.
  const env = { RUNNER_ENVIRONMENT: 'github-hosted', RUNNER_NAME: 'GitHub Actions 2' };
  runs = await startRealRuns({ env, onFinal: (artifact) => tamper(artifact) });
}, BUILD_TIME);
afterAll(async () => runs[Symbol.asyncDispose]());

async function callerWith(name: string, step: string, inputs: Readonly<Record<string, string | boolean>> = {}) {
  return runs.caller(name, {
    files: {
      '.github/tidegate.yml': REQUIRES,
      Dockerfile: `${BASE}RUN ${step}\nUSER 65532\nENTRYPOINT ["/app"]\n`,
      busybox: await readFile(BUSYBOX),
    },
    with: { ...WITH, ...inputs },
  });
}
const onMain = (caller: Caller) => pushOf('refs/heads/main', { repository: REPOSITORY, sha: caller.sha });

/** The signed statement of a second build about this image. */
async function signedRebuild(digest: string) {
  const at = `${runs.registry.url}/v2/${REPOSITORY}`;
  const { manifests } = (await (await fetch(`${at}/referrers/${digest}`)).json()) as {
    manifests: readonly { digest: string; annotations?: Record<string, string> }[];
  };
  const own = manifests.filter(
    ({ annotations }) => annotations?.['dev.sigstore.bundle.predicateType'] === PredicateType.reproduced,
  );
  expect(own).toHaveLength(1);
  const manifest = JSON.parse(runs.registry.manifest(REPOSITORY, own[0]?.digest ?? '')?.bytes.toString() ?? '{}');
  const bundle = (await (await fetch(`${at}/blobs/${manifest.layers[0].digest}`)).json()) as {
    dsseEnvelope: { payload: string };
  };
  return JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString());
}

test(
  'equal builds on two runners are signed evidence, which the policy requires',
  async () => {
    const caller = await callerWith('equal', '/bin/busybox echo 1 > /version');
    const result = await runs.run(caller, onMain(caller));
    expectRun(result, 0, PUBLISHED);
    const digest = result.step('scan', 'join').outputs.digest ?? '';
    expect(runs.tags()).toEqual({ main: digest });
    const { predicate, subject } = await signedRebuild(digest);
    expect(`sha256:${subject[0].digest.sha256}`).toBe(digest);
    expect(predicate).toMatchObject({
      result: 'REPRODUCED',
      runners: [{ environment: 'github-hosted' }, { environment: 'github-hosted' }],
      buildkit: 'OWN',
      cache: 'NONE',
    });
    // The names of runners are in the log, and not in what is published.
    expect(JSON.stringify(predicate)).not.toContain('GitHub Actions 2');
    expect(result.step('rebuild', 'rebuild').log).toMatch(/First build: runner GitHub Actions 2\./);
    // The first job builds once.
    expect(result.step('build', 'build').log).not.toMatch(/Build again/);
    expect(result.step('build', 'build').outputs.reproduced ?? '').toBe('');
  },
  RUN,
);

describe('nothing is tagged', () => {
  test(
    'of an image that the second build makes differently: layer, file and line are named',
    async () => {
      const before = runs.tags();
      const caller = await callerWith('random', '/bin/busybox head -c 8 /dev/urandom > /random');
      const result = await runs.run(caller, onMain(caller));
      expectRun(result, 1, PUBLISHED.slice(0, -1));
      const { conclusion, log, summary } = result.step('rebuild', 'rebuild');
      expect(conclusion).toBe('success');
      expect(log).toMatch(
        /another result\. linux\/amd64, layer \d \(RUN [^)]*urandom > \/random\): \/?random \(other c/,
      );
      expect(log).toMatch(new RegExp(`file=Dockerfile,line=${LINE}[,:]`));
      expect(summary).toMatch(/^\*\*Not reproducible\*\*: a second build without cache on another runner gave/m);
      expect(result.step('scan', 'scan').log).toMatch(/no second build gave the same digest/);
      expect(runs.tags()).toEqual(before);
    },
    RUN,
  );

  test(
    'where the layout of the first build was replaced before the second one',
    async () => {
      const before = runs.tags();
      const other = runs.artifacts.artifacts().find(({ name }) => name.endsWith('-linux-amd64'));
      tamper = async ({ name, id }) => {
        if (name.endsWith('-linux-amd64')) await runs.artifacts.replace(id, other?.file ?? 'no earlier layout');
      };
      const caller = await callerWith('swapped', '/bin/busybox echo 2 > /version');
      const result = await runs.run(caller, onMain(caller)).finally(() => {
        tamper = async () => {};
      });
      expectRun(result, 1, ['plan', 'build', 'rebuild']);
      expect(result.step('rebuild', 'rebuild').log).toMatch(/contains sha256:\w+, expected sha256:/);
      expect(runs.tags()).toEqual(before);
    },
    RUN,
  );

  test(
    'of an image whose builder states itself that a second build gave the same digest',
    async () => {
      const before = runs.tags();
      // The first job makes a statement of its own, as a compromised one could.
      const lies = (text: string) => text.replace(/"reproducible": "[^"]*'off'[^"]*"/, '"reproducible": "check"');
      const caller = await callerWith('lying', '/bin/busybox echo 3 > /version', { reproducible: 'off' });
      const result = await runs.run(caller, onMain(caller), { change: lies });
      expect(result.step('build', 'build').outputs.reproduced).toMatch(/REPRODUCED/);
      expectRun(result, 1, ['plan', 'build', 'scan']);
      expect(result.step('scan', 'join').log).toMatch(/evidence other than provenance and SBOMs\. It is removed/);
      expect(runs.tags()).toEqual(before);
    },
    RUN,
  );
});
