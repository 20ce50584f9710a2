/** The table of names, through the bundled action `plan`: one process a row, against the stand-in for GitHub's API. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type BundleResult, runBundle, startRepositoryApi } from '@tidegate/testkit';
import { NAME_ROWS, type NameRow } from '../../packages/core/src/plan/plan-names.fixture.ts';
import { actionsFromSource } from '../support/actions.ts';

const OTHER = 'f'.repeat(40);
const TOKEN = 'ghs_reader';

let folder = '';
/** A whole checkout, and one as `fetch-depth: 1` leaves it. */
let whole = '';
let shallow = '';
let sha = '';
/** With TIDEGATE_E2E_FROM_SOURCE=1 the sources run in place of the bundle. */
let action = 'plan';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plan-names-'));
  [whole, shallow] = [join(folder, 'whole'), join(folder, 'shallow')];
  await mkdir(whole);
  await writeFile(join(whole, 'Dockerfile'), 'FROM scratch\n');
  const git = (...argv: string[]) =>
    execFileSync('git', argv, { cwd: whole, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  git('init', '--quiet', '--initial-branch=main');
  git('add', 'Dockerfile');
  const author = ['-c', 'user.name=A', '-c', 'user.email=a@example.org'];
  for (const message of ['First', 'Second']) git(...author, 'commit', '--quiet', '--allow-empty', '-m', message);
  sha = git('rev-parse', 'HEAD');
  git('clone', '--quiet', '--depth=1', `file://${whole}`, shallow);
  if (process.env.TIDEGATE_E2E_FROM_SOURCE === '1') {
    action = join(await actionsFromSource(join(folder, 'actions')), 'plan', 'action.yml');
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ABOUT = { description: 'Says "hello", and more', license: 'Apache-2.0' };

async function planned(row: NameRow): Promise<BundleResult> {
  const { repository = 'acme/app', ref = 'heads/main', event = 'push', others = [], release, head = 'here' } = row;
  const [, kind = '', name = ''] = /^(heads|tags|pull)\/(.+)$/.exec(ref) ?? [];
  const at = { here: sha, unknown: sha, elsewhere: OTHER, gone: undefined }[head];
  const here = at === undefined ? {} : { [name]: at };
  const known = others === 'unknown' ? [] : others;
  await using api = await startRepositoryApi(
    {
      repository,
      branches: kind === 'heads' ? here : { main: sha },
      tags: { ...Object.fromEntries(known.map((tag) => [tag, OTHER])), ...(kind === 'tags' ? here : {}) },
      releases: release ? [{ tag: name, prerelease: release === 'pre-release' }] : [],
    },
    [{ token: TOKEN, contents: 'read' }],
  );
  const described = {
    full_name: repository,
    default_branch: 'main',
    description: ABOUT.description,
    license: { spdx_id: ABOUT.license },
  };
  const payloads = {
    push: { ref: `refs/${ref}`, after: sha },
    schedule: { schedule: '0 4 * * *' },
    workflow_dispatch: { inputs: null },
    release: { action: 'published', release: { tag_name: name, prerelease: release === 'pre-release' } },
    pull_request: { action: 'synchronize', pull_request: { number: 7, head: { repo: { full_name: repository } } } },
    workflow_run: { action: 'completed', workflow_run: { head_repository: { full_name: repository } } },
  };
  return await runBundle({
    action,
    workspace: others === 'unknown' ? shallow : whole,
    temp: await mkdtemp(join(folder, 'temp-')),
    token: others === 'unknown' || head === 'unknown' ? '' : TOKEN,
    eventName: event,
    event: { repository: described, ...payloads[event] },
    env: {
      GITHUB_REPOSITORY: repository,
      GITHUB_REF: `refs/${ref}`,
      GITHUB_SHA: sha,
      GITHUB_RUN_ATTEMPT: String(row.attempt ?? 1),
      GITHUB_API_URL: api.url.replace(/\/$/, ''),
    },
    inputs: {
      image: row.image ?? `ghcr.io/${repository}`,
      ...(row.rules ? { tags: row.rules.join('\n') } : {}),
      ...(row.latest ? { latest: row.latest } : {}),
      ...(row.publishBranches ? { 'publish-branches': row.publishBranches } : {}),
    },
  });
}

const lines = (text = '') => text.split('\n').filter((line) => line !== '');
/** The table knows neither this commit nor this day. */
const real = (text: string) =>
  text
    .replaceAll('0123456789ab', sha.slice(0, 12))
    .replaceAll('DAY', new Date().toISOString().slice(0, 10).replaceAll('-', ''));

test.each(NAME_ROWS.map((row) => [row.about, row] as const))('%s', async (_, row) => {
  const { exitCode, outputs, log } = await planned(row);
  // The reserved name of a commit in the table is a name, not this commit.
  const reason = row.ref?.startsWith('heads/sha-') ? row.reason : real(row.reason);
  expect(log.join('\n')).toContain(reason);
  if (row.refused) {
    expect(exitCode).toBe(1);
    expect(outputs.publish).toBeUndefined();
    return;
  }
  expect(exitCode).toBe(0);
  const repository = row.repository ?? 'acme/app';
  expect(outputs.image).toBe(row.named ?? row.image ?? `ghcr.io/${repository}`);
  expect(lines(outputs.tags)).toEqual(row.tags.map(real));
  expect(outputs.publish).toBe(String(row.publish ?? row.tags.length > 0));
  expect(outputs.version).toBe(real(row.version ?? ''));
  const source = `https://github.com/${repository}`;
  const version = row.version === undefined ? [] : [`org.opencontainers.image.version=${real(row.version)}`];
  expect(lines(outputs.labels)).toEqual([
    `org.opencontainers.image.created=${outputs['source-date-epoch'] && new Date(Number(outputs['source-date-epoch']) * 1000).toISOString().replace('.000Z', 'Z')}`,
    // Quoted as a line of an input: `build-image` reads it again.
    '"org.opencontainers.image.description=Says ""hello"", and more"',
    'org.opencontainers.image.licenses=Apache-2.0',
    `org.opencontainers.image.revision=${sha}`,
    `org.opencontainers.image.source=${source}`,
    `org.opencontainers.image.title=${repository.split('/')[1]}`,
    `org.opencontainers.image.url=${source}`,
    ...version,
  ]);
  // The rules for the push give the same tags, one each.
  expect(lines(outputs['exact-tags'])).toHaveLength(row.tags.length);
});
