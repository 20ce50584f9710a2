import { describe, expect, test } from '@jest/globals';
import { makeGitState, parsePlatform } from '@tidegate/core';
import { parseCacheEntries } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { buildCache } from './cache.ts';

const token = (scopes: unknown) => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ ac: JSON.stringify(scopes) })}.`;
};
const SERVICE = {
  ACTIONS_RUNTIME_TOKEN: token([{ Scope: 'refs/heads/main', Permission: 3 }]),
  ACTIONS_RESULTS_URL: 'https://results.example/',
  ACTIONS_CACHE_SERVICE_V2: 'True',
};
const SUBJECT = { image: 'ghcr.io/acme/app', platforms: [parsePlatform('linux/arm/v7')] };
const SCOPE = 'ghcr-io-acme-app-5aaba65f-linux-arm-v7';

interface Given {
  readonly from?: readonly string[];
  readonly to?: readonly string[];
  readonly event?: string;
  readonly ref?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly service?: Readonly<Record<string, string>>;
  readonly subject?: typeof SUBJECT;
}

function cache({ from = [], to = [], event = 'push', ref = 'refs/heads/main', ...given }: Given) {
  const notices: string[] = [];
  const masked: string[] = [];
  const log = {
    notice: (text: string) => notices.push(text),
    mask: (text: string) => {
      if (text !== '') masked.push(text);
    },
  };
  const job = { log, env: given.env ?? {}, cacheService: () => given.service ?? SERVICE } as unknown as Job;
  const git = makeGitState({
    ...{ event, ref, sha: 'a'.repeat(40), defaultBranch: 'main', repository: 'acme/app' },
    headRepository: 'acme/app',
  });
  const inputs = { 'cache-from': from, 'cache-to': to };
  return { ...buildCache(inputs, git, given.subject ?? SUBJECT, job), notices, masked };
}

const scopesIn = (lines: readonly string[]) =>
  lines.flatMap(parseCacheEntries).map(({ attributes }) => attributes.scope ?? attributes.name);

describe('the variables that a cache needs', () => {
  test("are GitHub's for type=gha, and AWS_* for type=s3", () => {
    const env = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key', AWS_REGION: 'here', GOOGLE_X: 'x' };
    const s3 = 'type=s3,bucket=b';
    expect(cache({ from: ['type=gha'], env }).environment).toEqual(SERVICE);
    expect(cache({ to: ['type=gha'], env }).environment).toEqual(SERVICE);
    const { GOOGLE_X: _, ...aws } = env;
    expect(cache({ from: [s3], env }).environment).toEqual(aws);
    expect(cache({ from: [s3], to: ['type=gha'], env }).environment).toEqual({ ...aws, ...SERVICE });
  });

  test('are none where no such cache is named, or where it is not written in this run', () => {
    const env = { AWS_SECRET_ACCESS_KEY: 'key' };
    expect(cache({ from: ['ghcr.io/acme/cache'], to: ['type=local,dest=/x'], env }).environment).toEqual({});
    expect(cache({ to: ['type=gha'], event: 'workflow_run' }).environment).toEqual({});
  });
});

describe('the scope', () => {
  test('is image and platform where none is given', () => {
    expect(scopesIn(cache({ from: ['type=gha'] }).cacheFrom)).toEqual([SCOPE]);
    expect(scopesIn(cache({ to: ['type=gha,mode=max'] }).cacheTo)).toEqual([SCOPE]);
    expect(scopesIn(cache({ to: ['type=s3,bucket=b,region=r'] }).cacheTo)).toEqual([SCOPE]);
    expect(scopesIn(cache({ to: ['type=azblob,account_url=https://x'] }).cacheTo)).toEqual([SCOPE]);
  });
  test('is what the entry says', () => {
    expect(cache({ from: ['type=gha,scope=mine'] }).cacheFrom).toEqual(['type=gha,scope=mine']);
    expect(scopesIn(cache({ from: ['type=s3,bucket=b,region=r,name=mine'] }).cacheFrom)).toEqual(['mine']);
  });
  test('is another for another image, another platform and several platforms', () => {
    const platforms = ['linux/amd64', 'linux/arm64'].map((text) => parsePlatform(text));
    const subjects = [
      SUBJECT,
      { ...SUBJECT, image: 'ghcr.io/acme/App' },
      { ...SUBJECT, image: 'ghcr.io/acme/app debian' },
      { ...SUBJECT, platforms },
      { ...SUBJECT, platforms: platforms.slice(0, 1) },
      { ...SUBJECT, platforms: [] },
    ];
    const scopes = subjects.flatMap((subject) => scopesIn(cache({ from: ['type=gha'], subject }).cacheFrom));
    expect(new Set(scopes).size).toBe(subjects.length);
    // A key of GitHub's caches has no commas and at most 512 characters.
    for (const scope of scopes) expect(scope).toMatch(/^[a-z0-9-]{1,100}$/);
  });
});

describe('an entry that can have no effect is an error', () => {
  const NOTHING = { service: {} };
  test.each<[string, Given, RegExp]>([
    [
      'gha outside a job',
      { from: ['type=gha'], ...NOTHING },
      /^Input cache-from: type=gha has no effect here, because ACTIONS_RUNTIME_TOKEN/,
    ],
    [
      'gha without an address',
      { to: ['type=gha,token=x'], ...NOTHING },
      /^Input cache-to: .*ACTIONS_RESULTS_URL is not set/,
    ],
    ['s3 without a bucket', { from: ['type=s3,region=r'] }, /an entry with bucket/],
    ['s3 without a region', { from: ['type=s3,bucket=b'] }, /an entry with region/],
    ['azblob without an account', { from: ['type=azblob'] }, /an entry with account_url/],
    ['registry without a reference', { from: ['type=registry'] }, /an entry with ref/],
    ['local without a folder to read', { from: ['type=local,dest=/x'] }, /an entry with src/],
    ['local without a folder to write', { to: ['type=local,src=/x'] }, /an entry with dest/],
    [
      'inline that is read',
      { from: ['type=inline'] },
      /^Input cache-from: got "type=inline", expected one of the types registry, local, gha/,
    ],
    ['a type that does not exist', { to: ['type=nowhere'] }, /got "type=nowhere"/],
    ['a type of Object', { to: ['type=constructor'] }, /got "type=constructor"/],
    [
      'what buildx does not read',
      { to: ['type=gha,x'] },
      /an entry cannot be parsed, because a part of it is not KEY=VALUE/,
    ],
  ])('%s', (_, given, message) => {
    expect(() => cache(given)).toThrow(message);
  });

  test('gha works with an address and a token of its own, or with those of the older service', () => {
    expect(cache({ from: ['type=gha,token=x,url_v2=https://x'], ...NOTHING }).cacheFrom).toHaveLength(1);
    const { ACTIONS_RUNTIME_TOKEN } = SERVICE;
    const service = { ACTIONS_RUNTIME_TOKEN, ACTIONS_CACHE_URL: 'https://x' };
    expect(cache({ from: ['type=gha'], service }).environment).toEqual(service);
  });

  test('bucket and region may come from the variables that BuildKit would read', () => {
    const { cacheFrom } = cache({ from: ['type=s3'], env: { AWS_BUCKET: 'b', AWS_REGION: 'r' } });
    expect(parseCacheEntries(cacheFrom[0] ?? '')[0]?.attributes).toMatchObject({ bucket: 'b', region: 'r' });
  });
});

describe('writers of the cache', () => {
  const ALL = [
    ...['type=gha', 'type=registry,ref=x/y', 'type=s3,bucket=b,region=r', 'type=azblob,account_url=https://x'],
    ...['type=local,dest=/x', 'type=inline'],
  ];
  test.each([
    ['push', 'refs/heads/feature', ['gha', 'registry', 's3', 'azblob', 'local', 'inline']],
    ['push', 'refs/tags/v1', ['gha', 'registry', 's3', 'azblob', 'local', 'inline']],
    ['schedule', 'refs/heads/main', ['gha', 'registry', 's3', 'azblob', 'local', 'inline']],
    ['workflow_dispatch', 'refs/heads/main', ['gha', 'registry', 's3', 'azblob', 'local', 'inline']],
    ['release', 'refs/tags/v1', ['gha', 'registry', 's3', 'azblob', 'local', 'inline']],
    ['pull_request', 'refs/pull/1/merge', ['gha', 'inline']],
    ['pull_request_target', 'refs/heads/main', ['inline']],
    ['workflow_run', 'refs/heads/main', ['inline']],
    ['issue_comment', 'refs/heads/main', ['inline']],
    ['merge_group', 'refs/heads/gh-readonly-queue/main/pr-1', ['inline']],
  ])('%s of %s writes %j', (event, ref, types) => {
    const { cacheTo, notices } = cache({ to: ALL, event, ref });
    expect(cacheTo.flatMap(parseCacheEntries).map(({ type }) => type)).toEqual(types);
    expect(notices).toHaveLength(ALL.length - types.length);
    for (const notice of notices)
      expect(notice).toMatch(/^Input cache-to: type=\w+ is not written in this run, because releases read it/);
  });

  test('every event reads', () => {
    const from = ALL.filter((entry) => entry !== 'type=inline').map((entry) => entry.replace('dest=', 'src='));
    expect(cache({ from, event: 'pull_request_target' }).cacheFrom).toHaveLength(5);
  });

  test("GitHub's caches are not written with a token that may only read", () => {
    const service = { ...SERVICE, ACTIONS_RUNTIME_TOKEN: token([{ Scope: 'refs/heads/main', Permission: 1 }]) };
    const { cacheTo, notices } = cache({ to: ['type=gha'], event: 'pull_request', ref: 'refs/pull/1/merge', service });
    expect([cacheTo, notices]).toEqual([[], [expect.stringContaining('may only read caches')]]);
    expect(cache({ to: ['type=gha'], service: { ...SERVICE, ACTIONS_RUNTIME_TOKEN: 'opaque' } }).cacheTo).toHaveLength(
      1,
    );
  });
});

test('secrets in an entry are masked', () => {
  const entry = 'type=s3,bucket=b,region=r,access_key_id=one,secret_access_key=two,session_token=three';
  expect(cache({ from: [entry] }).masked).toEqual(['one', 'two', 'three']);
  expect(cache({ from: ['type=gha,token=four,ghtoken=five'] }).masked).toEqual(['four', 'five']);
});
