/** scan-image follows two published images in issues, night after night, with the real tools and GitHub's issues. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ACTIONS_BOT, type BundleResult, type IssuesApi, startIssuesApi } from '@tidegate/testkit';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const running = new AsyncDisposableStack();
const host = suite.registries.olareg;
const imageOf = (app: string) => `${host}/tracked/${app}`;
const REPOSITORY = 'acme/app';
const STRANGER = { login: 'stranger', id: 7, type: 'User' } as const;

let github: IssuesApi;
let key: string;
beforeAll(async () => {
  github = running.use(
    await startIssuesApi({ repository: REPOSITORY }, [{ token: 'the-token', user: ACTIONS_BOT, issues: 'write' }]),
  );
  key = await readFile(suite.key.private, 'utf8');
  for (const app of ['sound', 'vulnerable'] as const) {
    // Published while nobody minded the finding.
    await succeeded((await jobOn(app)).run('ship', { image: imageOf(app), 'fail-on': 'none' }));
  }
}, 900_000);
afterAll(() => running.disposeAsync());

async function jobOn(app: 'sound' | 'vulnerable'): Promise<Job> {
  const job = await newJob(suite, { app });
  running.defer(() => leave(job));
  return job;
}

/** @returns how the step ended, and the requests that changed something */
async function night(more: Readonly<Record<string, string>> = {}): Promise<[BundleResult, readonly string[]]> {
  const before = github.requests.length;
  const inputs = {
    image: `${imageOf('sound')}:main\n${imageOf('vulnerable')}:main`,
    ...{ key, 'attach-after': '0s', 'tracking-issues': 'failed', token: 'the-token', ...more },
  };
  const env = { GITHUB_REPOSITORY: REPOSITORY, GITHUB_API_URL: github.url.replace(/\/$/, '') };
  const result = await (await jobOn('vulnerable')).run('scan-image', inputs, { env });
  const writes = github.requests.slice(before).filter((one) => /^(?:POST|PATCH) \/repos/.test(one));
  return [result, writes];
}

test('an image has an issue from the night in which it fails to the night in which it passes', async () => {
  const [failed] = await night();
  expect(failed.exitCode).toBe(1);
  expect(github.issues).toHaveLength(1);
  const [issue] = github.issues;
  expect(issue).toMatchObject({ state: 'open', user: ACTIONS_BOT });
  expect(issue?.title).toContain('tracked/vulnerable:main');
  expect(issue?.title).toContain('no longer passes the gate');
  expect(issue?.body).toContain('Upgrade golang');
  expect(issue?.body).not.toMatch(/(^|[^`\w/])@\w/m);

  const [, unchanged] = await night();
  expect(unchanged).toEqual([]);

  const [passed] = await night({ 'fail-on': 'none' });
  expect(passed.exitCode).toBe(0);
  expect(github.issues).toHaveLength(1);
  expect(issue).toMatchObject({ state: 'closed', stateReason: 'completed' });
  expect(issue?.comments).toHaveLength(1);

  await night();
  expect(github.issues).toHaveLength(1);
  expect(issue).toMatchObject({ state: 'open' });
}, 600_000);

test('an issue of somebody else with the same marker stays as it is', async () => {
  const [ours] = github.issues;
  const forged = github.add({ user: STRANGER, title: 'not ours', body: ours?.body ?? '', state: 'open' });
  const [, writes] = await night({ 'fail-on': 'none' });
  expect(writes.filter((one) => one.includes(`/issues/${forged.number}`))).toEqual([]);
  expect(forged).toMatchObject({ state: 'open', title: 'not ours', comments: [] });
  expect(ours).toMatchObject({ state: 'closed' });
}, 600_000);

test('a token that may not write issues is a warning, and the verdict counts', async () => {
  const [result] = await night({ 'fail-on': 'none', token: 'another' });
  expect(result.exitCode).toBe(0);
  expect(result.annotations.filter(({ level }) => level === 'warning').map(({ message }) => message)).toEqual(
    expect.arrayContaining([expect.stringMatching(/issue/)]),
  );
}, 600_000);
