import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { SIGNING_SERVICES } from '@tidegate/attest';
import type { Job } from '@tidegate/runner';
import { assertMayBeLogged } from '../reports/public-log.ts';
import { type PlanInputs, plannedSigning } from './planned-signing.ts';

const folder = mkdtempSync(join(tmpdir(), 'planned-signing-'));
afterAll(() => rmSync(folder, { recursive: true }));
const ROOT = join(folder, 'trusted_root.json');
const recorded = new URL('../../../packages/attest/testdata/sigstore.json', import.meta.url);
writeFileSync(ROOT, JSON.stringify(JSON.parse(readFileSync(recorded, 'utf8')).trustedRoot));

const servers: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** The job of an event; `api` is GitHub's response about the repository. */
async function jobOf(repository: object | undefined, api?: readonly [status: number, value: unknown]): Promise<Job> {
  const server = createServer((_, response) => {
    response.writeHead(api?.[0] ?? 500, { 'content-type': 'application/json' });
    response.end(JSON.stringify(api?.[1] ?? {}));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const quiet = () => {};
  return {
    log: { debug: quiet, info: quiet, notice: quiet, warning: quiet, mask: quiet },
    clock: () => new Date(),
    signal: new AbortController().signal,
    network: { fetch },
    env: { GITHUB_API_URL: url, GITHUB_REPOSITORY: 'acme/app' },
    event: repository === undefined ? {} : { repository },
    workspace: '/',
  } as unknown as Job;
}

const usual: PlanInputs = {
  ...{
    signing: '',
    'key-given': 'false',
    'signing-config': 'public-good',
    'trusted-root': '',
    'public-log': 'refuse',
    token: 'token',
  },
};
const PUBLIC = { visibility: 'public', private: false };

describe('how the job that signs will sign', () => {
  test.each([
    ['keyless without a key', {}, 'keyless'],
    ['with the key that is given', { 'key-given': 'true' }, 'key'],
    ['as the input says', { signing: 'key', 'key-given': 'true' }, 'key'],
    ['not at all', { signing: 'none' }, 'none'],
    ['that job decides where only it sees the secrets of its environment', { 'key-given': 'unknown' }, ''],
    ['with a key of its environment', { 'key-given': 'unknown', signing: 'key' }, 'key'],
  ] as const satisfies readonly (readonly [string, Partial<PlanInputs>, string])[])('%s', async (_, inputs, mode) => {
    expect(await plannedSigning({ ...usual, ...inputs }, [], await jobOf(PUBLIC))).toBe(mode);
  });

  test.each([
    [
      'an empty key',
      { signing: 'key' },
      [],
      'got "key", but the signing key is empty.',
      /secret exists.*id-token: write/,
    ],
    [
      'a key and keyless',
      { signing: 'keyless', 'key-given': 'true' },
      [],
      'got "keyless", expected key',
      /remove the key/,
    ],
    ['a key and none', { signing: 'none', 'key-given': 'true' }, [], 'got "none", expected key', /remove the key/],
    [
      "GitHub's Sigstore without its root",
      { 'signing-config': 'github' },
      [],
      'the trusted root of signing-config github',
      /path or https URL/,
    ],
    [
      'a root that is not there',
      { 'trusted-root': 'nowhere/trusted_root.json' },
      [],
      'got "nowhere/trusted_root.json", expected a readable file, or an https URL that serves it, but it does not exist.',
      /^Correct the path/,
    ],
    [
      'none where the policy wants a signature',
      { signing: 'none' },
      ['signature'],
      'the policy requires',
      /Sign the image, or/,
    ],
  ] as const)('%s is refused', async (_, inputs, required, says, next) => {
    const planned = plannedSigning({ ...usual, ...inputs }, required, await jobOf(PUBLIC));
    await expect(planned).rejects.toMatchObject({
      message: expect.stringContaining(says),
      next: expect.stringMatching(next),
    });
  });
});

describe('keyless signing with public Sigstore', () => {
  const plan = async (repository: object | undefined, more: object = {}, api?: readonly [number, unknown]) =>
    plannedSigning({ ...usual, ...more }, [], await jobOf(repository, api));
  const refusal = (what: string) => ({
    message: expect.stringContaining(`The repository is ${what}`),
    next: expect.stringMatching(/a key.*signing-config: github.*public-log: allow/),
  });

  test.each([
    ['private', { visibility: 'private' }],
    ['internal', { visibility: 'internal', private: true }],
    ['private', { private: true }],
  ])('of a repository that the event calls %s is refused, with three ways out', async (what, repository) => {
    await expect(plan(repository)).rejects.toMatchObject(refusal(what));
  });

  test.each([
    ['a key', { 'key-given': 'true' }],
    ["GitHub's own Sigstore", { 'signing-config': 'github', 'trusted-root': ROOT }],
    ['permission to publish it', { 'public-log': 'allow' }],
  ])('%s is a way out', async (_, more) => {
    expect(await plan({ visibility: 'private' }, more)).toMatch(/^key/);
  });

  test('asks the API where the event does not say', async () => {
    expect(await plan(undefined, {}, [200, PUBLIC])).toBe('keyless');
    await expect(plan(undefined, {}, [200, { visibility: 'internal' }])).rejects.toMatchObject(refusal('internal'));
  });

  test.each([404, 403])('takes a repository of which the API says %d for private', async (status) => {
    await expect(plan(undefined, {}, [status, {}])).rejects.toMatchObject(refusal('of unknown visibility'));
  });

  test("believes the identity token before an event that is as old as the run's first attempt", async () => {
    const claims = Buffer.from(JSON.stringify({ repository_visibility: 'private' })).toString('base64url');
    const logged = assertMayBeLogged(usual, SIGNING_SERVICES['public-good'], await jobOf(PUBLIC), `x.${claims}.x`);
    await expect(logged).rejects.toMatchObject(refusal('private'));
  });

  test("believes GitLab's token, whose projects GitHub's API does not know", async () => {
    const tokenOf = (visibility: string) =>
      `x.${Buffer.from(JSON.stringify({ project_visibility: visibility })).toString('base64url')}.x`;
    const asked = async (visibility: string) =>
      assertMayBeLogged(usual, SIGNING_SERVICES['public-good'], await jobOf({}), tokenOf(visibility));
    await asked('public');
    await expect(asked('internal')).rejects.toMatchObject(refusal('internal'));
  });
});
