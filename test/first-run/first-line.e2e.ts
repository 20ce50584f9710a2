/** The first line of the log says what a run does; one that publishes nothing says so, with the reason. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BundleResult, runBundle } from '@tidegate/testkit';
import { actionsFromSource } from '../support/actions.ts';
import { writeEmptyImage } from '../support/empty-image.ts';

let folder = '';
let workspace = '';
let layout = '';
let sha = '';
let actions = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'first-line-'));
  workspace = join(folder, 'app');
  await mkdir(workspace);
  await writeFile(join(workspace, 'Dockerfile'), 'FROM scratch\n');
  const git = (...argv: string[]) => execFileSync('git', argv, { cwd: workspace, encoding: 'utf8' }).trim();
  git('init', '--quiet', '--initial-branch=main');
  git('add', 'Dockerfile');
  git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '--quiet', '-m', 'Start');
  sha = git('rev-parse', 'HEAD');
  layout = join(folder, 'layout');
  // It has no evidence: the first line comes before the gate.
  await writeEmptyImage(layout);
  if (process.env.TIDEGATE_E2E_FROM_SOURCE === '1') actions = await actionsFromSource(join(folder, 'actions'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const EVENTS = {
  fork: {
    eventName: 'pull_request',
    ref: 'refs/pull/7/merge',
    event: { pull_request: { number: 7, head: { repo: { full_name: 'stranger/app' } } } },
  },
  'pull request': {
    eventName: 'pull_request',
    ref: 'refs/pull/7/merge',
    event: { pull_request: { number: 7, head: { repo: { full_name: 'acme/app' } } } },
  },
  'git tag': { eventName: 'push', ref: 'refs/tags/v1.2.3', event: {} },
  branch: { eventName: 'push', ref: 'refs/heads/main', event: {} },
} as const;

const publishing = (action: 'plan' | 'ship' | 'push-image', kind: keyof typeof EVENTS, tags: string) => {
  const own = action === 'push-image' ? { layout } : action === 'ship' ? { 'tools-mirror': 'http://127.0.0.1:9' } : {};
  return firstLines(action, kind, { image: 'ghcr.io/acme/app', tags, ...own });
};

async function firstLines(
  action: 'plan' | 'ship' | 'push-image' | 'lint-source' | 'read-baseline',
  kind: keyof typeof EVENTS,
  inputs: Readonly<Record<string, string>>,
): Promise<BundleResult> {
  const { eventName, ref, event } = EVENTS[kind];
  return runBundle({
    action: actions ? join(actions, action, 'action.yml') : action,
    workspace,
    temp: await mkdtemp(join(folder, 'temp-')),
    // GitHub does not answer, which is a notice: it must not come before the line that matters.
    ...{ token: 'ghs_token', eventName },
    event: { repository: { full_name: 'acme/app', default_branch: 'main' }, ...event },
    env: { GITHUB_SHA: sha, GITHUB_REF: ref },
    inputs,
    // The run ends after this line: ship would fetch its tools.
    ...(action === 'ship' ? { onLine: (line, kill) => line.includes('Not published:') && kill('SIGTERM') } : {}),
  });
}

describe.each(['plan', 'ship', 'push-image'] as const)('%s', (action) => {
  test.each([
    ['a fork', 'fork', 'auto', 'notice: Not published: a pull request from a fork.'],
    ['a pull request', 'pull request', 'auto', 'notice: Not published: a pull request (pull_request).'],
    ['a branch that no tag rule fits', 'branch', 'semver', 'notice: Not published: no tag rule matches branch main.'],
    ['a git tag that no rule fits', 'git tag', 'branch', 'warning: Not published: no tag rule matches git tag v1.2.3.'],
  ] as const)('says first that %s is not published', async (_, kind, tags, line) => {
    const { log, summary } = await publishing(action, kind, tags);
    const [first] = log;
    expect(first).toContain(line);
    if (action === 'plan') expect(summary.replaceAll('\\', '')).toContain(line.replace(/^\w+: /, ''));
  });
});

test('lint-source and read-baseline say first what they do', async () => {
  const lint = await firstLines('lint-source', 'branch', { 'buildkit-checks': 'false', hadolint: 'off' });
  expect(lint.log[0]).toBe('Check every Dockerfile and the other sources against the source rules; nothing is built.');
  const read = await firstLines('read-baseline', 'branch', { image: 'ghcr.io/acme/app', signing: 'none' });
  expect(read.log[0]).toBe('Read the findings of the live image of ghcr.io/acme/app; nothing is published.');
});
