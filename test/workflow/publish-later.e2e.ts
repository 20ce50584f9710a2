/** commit-to-registry.yml with `publish: false`, a job of the caller, and publish.yml: with the real tools. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pullRequestOf, pushOf, type StoredArtifact } from '@tidegate/testkit';
import type { Caller } from './caller.ts';
import { BUILD_TIME } from './programs.ts';
import { type Attempt, expectRun, REPOSITORY, type RealRuns, startRealRuns } from './real-runs.ts';

const RUN = 300_000;
const CHECKED = ['plan', 'build', 'scan', 'try'];
const PUBLISHED = [...CHECKED, 'publish'];

let runs: RealRuns;
let tamper: (artifact: StoredArtifact) => Promise<void> = async () => {};
let caller: Caller;
let first: Attempt;

/** The caller's own jobs: one that may fail, and the one that publishes. */
const jobs =
  (checked: string, script = 'test -n "$DIGEST" && test -n "$ID"') =>
  (uses: (file: string) => string) => ({
    try: {
      needs: 'image',
      'runs-on': 'ubuntu-latest',
      steps: [
        {
          id: 'try',
          env: {
            DIGEST: `\${{ needs.image.outputs.digest }}`,
            ID: `\${{ needs.image.outputs.layout-artifact-ids }}`,
          },
          run: script,
        },
      ],
    },
    publish: {
      needs: ['image', 'try'],
      uses: uses('publish.yml'),
      with: { checked },
      secrets: { 'signing-key': `\${{ secrets.KEY }}` },
    },
  });
const TRUE = `\${{ needs.image.outputs.checked }}`;
// Two runs of one commit make the same image.
// The key is passed to publish.yml alone.
const SAME = { publish: false, 'rewrite-timestamp': true, signing: 'key' };
const LATER = { with: SAME, secrets: {} };

beforeAll(async () => {
  runs = await startRealRuns({ onFinal: (artifact) => tamper(artifact) });
  caller = await runs.caller('later', { ...LATER, jobs: jobs(TRUE) });
}, BUILD_TIME);
afterAll(async () => runs[Symbol.asyncDispose]());

const onMain = (by: Caller) => pushOf('refs/heads/main', { repository: REPOSITORY, sha: by.sha });
const failedIn = (result: Attempt, job: string) =>
  result.job(job).steps.filter(({ conclusion }) => conclusion === 'failure');

test(
  'an image is published after a job of the caller, as it was checked',
  async () => {
    first = await runs.run(caller, onMain(caller));
    expectRun(first, 0, PUBLISHED);
    expect(runs.tags()).toEqual({ main: first.step('scan', 'join').outputs.digest });
    expect(first.step('publish', 'push').outputs.published).toBe('true');
  },
  RUN,
);

test(
  "a fork's pull request is checked and tried, and nothing is published",
  async () => {
    const before = runs.registry.requests.length;
    const result = await runs.run(
      caller,
      pullRequestOf(7, 'stranger/app', { repository: REPOSITORY, sha: caller.sha }),
    );
    expectRun(result, 0, CHECKED);
    expect(runs.registry.requests.length).toBe(before);
  },
  RUN,
);

test(
  'nothing is published where the job of the caller fails',
  async () => {
    const before = runs.tags();
    const failing = await runs.caller('failing', { ...LATER, jobs: jobs(TRUE, 'exit 1') });
    const result = await runs.run(failing, onMain(failing));
    expectRun(result, 1, CHECKED);
    expect(runs.tags()).toEqual(before);
  },
  RUN,
);

describe('nothing is tagged, and the step that puts the image together refuses', () => {
  const swapped = async (name: RegExp, file: string | undefined, by = caller) => {
    const before = runs.tags();
    const zip = join(runs.folder, 'other.zip');
    await copyFile(file ?? 'no earlier artifact', zip);
    tamper = async (artifact) => {
      if (name.test(artifact.name)) await runs.artifacts.replace(artifact.id, zip);
    };
    const result = await runs.run(by, onMain(by)).finally(() => {
      tamper = async () => {};
    });
    expectRun(result, 1, PUBLISHED);
    expect(runs.tags()).toEqual(before);
    return failedIn(result, 'publish');
  };
  const layoutOf = (attempt: Attempt) => attempt.artifacts.find(({ name }) => /app-[0-9a-f]{8}$/.test(name))?.file;

  test(
    'where another image took the place of the one that was checked',
    async () => {
      const other = await runs.caller('other', { ...LATER, jobs: jobs(TRUE), with: { ...SAME, labels: 'a=b' } });
      const failed = await swapped(/app-[0-9a-f]{8}$/, layoutOf(first), other);
      expect(failed.map(({ id, log }) => [id, /expected sha256:/.test(log)])).toEqual([['join', true]]);
    },
    RUN,
  );

  test(
    'where the image is the same, and its evidence is of an earlier run',
    async () => {
      const failed = await swapped(/app-[0-9a-f]{8}$/, layoutOf(first));
      expect(failed.map(({ id }) => id)).toEqual(['join']);
      expect(failed[0]?.log).toMatch(/The layout \S+ has the digest sha256:\S+ expected sha256:/);
    },
    RUN,
  );

  test(
    'where `checked` lacks the digests',
    async () => {
      const id = (name: string) => `"${name}":\${{ fromJSON(needs.image.outputs.checked).${name} }}`;
      const ids = ['artifact-id', 'artifact-id-0', 'plan-artifact-id'].map(id).join();
      const checked = `{"publish":"true","verdict":"pass",${ids}}`;
      const careless = await runs.caller('careless', { ...LATER, jobs: jobs(checked) });
      const before = runs.tags();
      const result = await runs.run(careless, onMain(careless));
      expectRun(result, 1, PUBLISHED);
      expect(failedIn(result, 'publish').map(({ id: step }) => step)).toEqual(['join']);
      expect(failedIn(result, 'publish')[0]?.log).toMatch(/expected-digest: got "missing"/);
      expect(runs.tags()).toEqual(before);
    },
    RUN,
  );
});

test(
  'nothing is published by another policy than the one that was checked',
  async () => {
    const before = runs.tags();
    const lax = await runs.caller('lax', {
      ...LATER,
      files: { '.github/tidegate.yml': 'version: 1\npreset: observe\n' },
    });
    const loose = await runs.run(lax, onMain(lax));
    expectRun(loose, 0, ['plan', 'build', 'scan']);
    const zip = join(runs.folder, 'plan.zip');
    const planOf = (artifacts: readonly StoredArtifact[]) => artifacts.findLast(({ name }) => name.endsWith('-plan'));
    await copyFile(planOf(loose.artifacts)?.file ?? 'no plan', zip);
    // Only after the scan: the jobs before have read the right one.
    tamper = async ({ name }) => {
      if (/app-[0-9a-f]{8}$/.test(name)) await runs.artifacts.replace(planOf(runs.artifacts.artifacts())?.id ?? 0, zip);
    };
    const result = await runs.run(caller, onMain(caller)).finally(() => {
      tamper = async () => {};
    });
    expectRun(result, 1, PUBLISHED);
    expect(failedIn(result, 'publish').map(({ id }) => id)).toEqual(['push']);
    expect(runs.tags()).toEqual(before);
  },
  RUN,
);
