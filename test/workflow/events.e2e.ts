/**
 * Every event that is no push, and what is run again: read from the registry and the artifact server. One run builds and
 * scans, and its push is refused. The others start from what its jobs left, with the real jobs `plan` and `publish`.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dispatchOf, pullRequestOf, pushOf, scheduleOf, withJobsDone, withKeptTree } from '@tidegate/testkit';
import { type Caller, makeCaller } from './caller.ts';
import { BUILD_TIME } from './programs.ts';
import { type Attempt, expectRun, REPOSITORY, type RealRuns, type RunOptions, startRealRuns } from './real-runs.ts';

const ALL = ['plan', 'build', 'scan', 'publish'];
const RUN = 300_000;
const POLICY = 'version: 1\npreset: recommended\nvulnerabilities: { fail-on: critical }\n';
/** Of another ref. Its policy requires what no image of ours has, and cannot be read in part. */
const OTHER_REF = {
  '.github/tidegate.yml': 'version: 1\npreset: strict\nevidence: { require: [test-result] }\nvulnerabilities: oops\n',
};

let runs: RealRuns;
let caller: Caller;
let refuses = false;
/** Built and scanned; its push was refused. */
let first: Attempt;

beforeAll(async () => {
  runs = await startRealRuns({
    onRequest: ({ method }) =>
      refuses && method !== 'GET' && method !== 'HEAD'
        ? { kind: 'answer', status: 403, body: '{"errors":[{"code":"DENIED","message":"read-only for now"}]}' }
        : undefined,
  });
  caller = await runs.caller('app', { files: { '.github/tidegate.yml': POLICY } });
  refuses = true;
  first = await runs.run(caller, onMain());
  refuses = false;
}, BUILD_TIME);

afterAll(async () => runs[Symbol.asyncDispose]());

const at = () => ({ repository: REPOSITORY, sha: caller.sha });
const onMain = () => pushOf('refs/heads/main', at());
const scanned = () => first.step('scan', 'join').outputs.digest;
const requests = () => runs.registry.requests.length;
/** Of what a reader sees: commands that mask a secret are not shown. */
const firstLine = (result: Attempt) =>
  result
    .step('plan', 'plan')
    .log.split('\n')
    .find((line) => !/^\s*⚙\s+\*\*\*$/u.test(line));
const planned = ({ outputs }: ReturnType<Attempt['step']>) => outputs['policy-sha256'];

/** The failed job again, or with `plan` that one too; what is done stays as it was. */
const again = (event: Parameters<RealRuns['run']>[1], done: readonly string[], more: RunOptions = {}) => {
  const { change = (text: string) => text } = more;
  const options = { after: first, ...more, change: (text: string) => withJobsDone(change(text), first, done) };
  return runs.run(caller, event, options);
};
const withPlan = (event: Parameters<RealRuns['run']>[1], more?: RunOptions) => again(event, ['build', 'scan'], more);

test('a push that the registry refuses fails the job publish alone, and tags nothing', () => {
  expectRun(first, 1, ALL);
  const failed = first.jobs.flatMap(({ id, steps }) =>
    steps.filter(({ conclusion }) => conclusion === 'failure').map((step) => [id, step.id]),
  );
  expect(failed).toEqual([['publish', 'push']]);
  expect(runs.tags()).toEqual({});
  const names = first.artifacts.map(({ name }) => name.replace(/^tidegate-app-[0-9a-f]{8}/, ''));
  expect(names).toEqual(['-plan', '-linux-amd64', '-reports', '']);
});

describe('is not published, and plan says so first', () => {
  test.each([
    [
      'a pull request of a branch of this repository',
      () => pullRequestOf(7, REPOSITORY, at()),
      'Not published: a pull request (pull_request).',
      'notice',
    ],
    [
      'a git tag that no rule fits',
      () => pushOf('refs/tags/v1.2.3', at()),
      'Not published: no tag rule matches git tag v1.2.3.',
      'warning',
    ],
  ])(
    '%s',
    async (_, event, why, level) => {
      const before = [runs.tags(), requests()];
      const change = (text: string) => text.replace(/"tags": "\$\{\{ inputs\.tags \}\}"/, '"tags": "branch"');
      const result = await withPlan(event(), level === 'warning' ? { change } : {});
      expectRun(result, 0, ALL.slice(0, -1));
      expect(firstLine(result)).toContain(why);
      expect(firstLine(result)).toContain(`::${level}::`);
      expect(result.step('plan', 'plan').summary.replaceAll('\\', '')).toContain(why);
      expect([runs.tags(), requests()]).toEqual(before);
      expect(result.artifacts.map(({ name }) => name.replace(/^.*-/, ''))).toEqual(['plan']);
    },
    RUN,
  );
});

test(
  "a re-run of the failed job publishes what the first attempt scanned, and does not read a runner's kept work tree",
  async () => {
    await using other = await makeCaller(OTHER_REF, { uses: 'none', with: {}, secrets: {} });
    const change = (text: string) => withKeptTree(text, other.folder);
    const result = await again(onMain(), ['plan', 'build', 'scan'], { change });
    expectRun(result, 0, ALL);
    expect(runs.tags()).toEqual({ main: scanned() });
    expect(result.artifacts).toEqual([]);
  },
  RUN,
);

test(
  'a schedule is published under its day',
  async () => {
    const before = runs.tags();
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
    const result = await withPlan(scheduleOf(at()));
    expectRun(result, 0, ALL);
    expect(runs.tags()).toEqual({ ...before, [`nightly-${day}`]: scanned() });
  },
  RUN,
);

test(
  'a dispatch of a repository that the token does not see (404) is published by the policy of its commit',
  async () => {
    // It points elsewhere until then.
    const [referrer = ''] = runs.registry.referrers?.(REPOSITORY, scanned() ?? '') ?? [];
    runs.registry.setTag(REPOSITORY, 'main', referrer);
    const result = await withPlan(dispatchOf(at()), { unseen: true });
    expectRun(result, 0, ALL);
    expect(runs.tags()).toMatchObject({ main: scanned() });
    // The same document: the file was not taken for absent.
    expect(planned(result.step('plan', 'plan'))).toBe(planned(first.step('plan', 'plan')));
    expect(planned(first.step('plan', 'plan'))).toMatch(/^[0-9a-f]{64}$/);
  },
  RUN,
);

test(
  'a re-run after the artifacts have expired fails, and says what to do',
  async () => {
    runs.artifacts.pass(6);
    const before = [runs.tags(), requests()];
    const result = await again(onMain(), ['plan', 'build', 'scan']);
    expectRun(result, 1, ALL);
    const failed = result.job('publish').steps.find(({ conclusion }) => conclusion === 'failure');
    expect(failed?.name).toBe('Download the policy (kept for 5 days; after that, re-run all jobs)');
    expect(failed?.log).toContain('None of the provided artifact IDs were found');
    expect([runs.tags(), requests()]).toEqual(before);
  },
  RUN,
);
