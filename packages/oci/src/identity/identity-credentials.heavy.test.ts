import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { TidegateError } from '@tidegate/core';
import {
  type CloudAnswer,
  type CloudRequest,
  type Clouds,
  mayDo,
  type OidcIssuer,
  type SessionPolicy,
  startClouds,
  startOidcIssuer,
} from '@tidegate/testkit';
import { scratchFolder, virtualTiming } from '../fixture.ts';
import { CLIENT, connectionTo, ECR, everyService, LINES, POOL, ROLE } from './clouds.fixture.ts';
import type { IdentityScope } from './identity.ts';
import { identityCredentials } from './identity-credentials.ts';
import { parseRegistryIdentity } from './parse-identity.ts';

const base = scratchFolder('identity');
const each = Object.entries(LINES);
let issuer: OidcIssuer;
let clouds: Clouds;
let timing: ReturnType<typeof virtualTiming>;
/** By the test that runs. */
let answer: (request: CloudRequest) => CloudAnswer | 'silence' | undefined;
let [mayLogIn, hasRole] = [true, true];
const sessions: SessionPolicy[] = [];
const masked: string[] = [];

beforeAll(async () => {
  issuer = await startOidcIssuer();
  const more = { aws: { mayLogIn: () => mayLogIn }, hasRole: () => hasRole };
  const services = everyService(issuer, { now: () => timing.now() }, sessions, more);
  clouds = await startClouds({
    folder: base,
    services,
    onRequest: (request) => answer(request),
  });
});
afterAll(async () => {
  await clouds?.[Symbol.asyncDispose]();
  await issuer?.[Symbol.asyncDispose]();
  rmSync(base, { recursive: true, force: true });
});
beforeEach(() => {
  answer = () => undefined;
  timing = virtualTiming();
  (clouds.requests as string[]).length = 0;
});
afterEach(() => {
  [mayLogIn, hasRole] = [true, true];
  sessions.length = 0;
  masked.length = 0;
  issuer.claim({ sub: 'repo:octo-org/octo-app:ref:refs/heads/main', exp: undefined });
});

interface Given {
  readonly scope?: IdentityScope;
  /** Claims of the job's token. */
  readonly claims?: Parameters<OidcIssuer['token']>[1];
  readonly audience?: string;
  readonly idle?: number;
}

function source(line: string, { scope = { pull: 'acme/app', push: 'acme/app' }, claims, audience, idle }: Given = {}) {
  const identity = parseRegistryIdentity(line, 1);
  const asked: string[] = [];
  const credentials = identityCredentials(identity, scope, {
    connection: { ...connectionTo(clouds), idle },
    jobToken: async (wanted) => {
      asked.push(wanted);
      return issuer.token(audience ?? wanted, claims);
    },
    onSecret: (secret) => masked.push(secret),
    timing,
  });
  return { asked, get: () => credentials(identity.registry), credentials };
}

async function failure(line: string, given: Given = {}): Promise<TidegateError> {
  const error: unknown = await source(line, given)
    .get()
    .catch((thrown: unknown) => thrown);
  if (!(error instanceof TidegateError)) throw new Error(`not refused: ${String(error)}`);
  // No part of an error may contain a token.
  for (const secret of masked) expect([error.message, error.next, String(error.cause)].join()).not.toContain(secret);
  return error;
}

describe.each(each)('%s', (_, { line, audience, requests, credential }) => {
  test('issues credentials for the job, by its documented requests, with a token for its audience', async () => {
    const { get, asked } = source(line);
    expect(await get()).toMatchObject(credential);
    expect([asked, clouds.requests]).toEqual([[audience], requests]);
    expect(masked).toContain(credential.kind === 'password' ? credential.password : credential.token);
  });

  test('is asked once for all who need it at a time, and again before the credentials expire', async () => {
    const { get, asked } = source(line);
    const [first] = await Promise.all([get(), get(), get()]);
    expect(first?.until).toBeGreaterThan(timing.now() + 10 * 60_000);
    expect(await get()).toBe(first);
    expect(asked).toHaveLength(1);
    await timing.sleep((first?.until ?? 0) - timing.now());
    const [second] = await Promise.all([get(), get()]);
    expect(second).not.toBe(first);
    expect(asked).toHaveLength(2);
  });

  test('gives nothing to another host', async () => {
    const { credentials, asked } = source(line);
    for (const host of ['ghcr.io', `${line.split(' ')[0]}.evil.example`, `evil.${line.split(' ')[0]}`]) {
      expect(await credentials(host)).toBeUndefined();
    }
    expect([asked, clouds.requests]).toEqual([[], []]);
  });

  test.each<[string, Given]>([
    ['for another audience', { audience: 'sigstore' }],
    ['that has expired', { claims: { exp: 1_000_000_000 } }],
    ['of another issuer', { claims: { iss: 'https://evil.example' } }],
    ['of a pull request', { claims: { sub: 'repo:octo-org/octo-app:pull_request' } }],
  ])('rejects a token %s, and the error says what to correct', async (__, given) => {
    const error = await failure(line, given);
    expect(error).toMatchObject({ id: 'registry-identity-denied', kind: 'unauthorized' });
    expect(error.message).toContain(line.split(' ')[0] ?? '');
    expect(error.message).toContain(String(given.claims?.sub ?? 'repo:octo-org/octo-app:ref:refs/heads/main'));
    expect(error.next).toMatch(
      /trust policy|identity provider|audience|issuer|subject|condition|ruleset|clock|Check that/,
    );
    expect(clouds.requests).toHaveLength(1);
    expect(timing.sleeps).toEqual([]);
  });

  test.each<[string, Parameters<typeof failure>[1], () => CloudAnswer | 'silence', RegExp]>([
    [
      'redirects',
      {},
      () => ({ status: 307, body: '', headers: { location: 'https://quay.io/steal' } }),
      /redirects, which is not followed/,
    ],
    ['sends no token', {}, () => ({ status: 200, body: '{}' }), /no usable token/],
    ['sends rubbish', {}, () => ({ status: 200, body: '<html>eyJ' }), /no usable token|other than a JSON object/],
    ['sends a huge body', {}, () => ({ status: 200, body: 'x'.repeat(300_000) }), /more than 262144 bytes/],
    ['fails for good', {}, () => ({ status: 503, body: '{"message":"down"}' }), /responded with 503/],
    ['says nothing', { idle: 250 }, () => 'silence', /is not reachable|no complete response/],
  ])('a service that %s is one clear error', async (__, given, responds, expected) => {
    answer = responds;
    expect(await failure(line, given)).toMatchObject({
      id: 'identity-service-failed',
      message: expect.stringMatching(expected),
    });
    expect(clouds.requests.every((request) => request === requests[0])).toBe(true);
  });

  test('a service that fails once is asked again, as late as it says', async () => {
    let failed = false;
    answer = () => {
      if (failed) return undefined;
      failed = true;
      return { status: 429, body: '', headers: { 'retry-after': '7' } };
    };
    expect(await source(line).get()).toMatchObject(credential);
    expect(timing.sleeps).toHaveLength(1);
    expect(timing.sleeps[0]).toBeGreaterThanOrEqual(7_000);
  });
});

test.each<[string, Given, string, RegExp]>([
  [LINES.ecr.line, { audience: 'sigstore' }, 'Incorrect token audience', /audience sts\.amazonaws\.com/],
  [LINES.ecr.line, { claims: { sub: 'x' } }, 'Not authorized', new RegExp(`trust policy of ${ROLE}`)],
  [`${ECR} role=arn:aws:iam::123456789012:role/other`, {}, 'Not authorized', /trust policy of .*role\/other/],
  [
    LINES['Artifact Registry'].line,
    { claims: { sub: 'x' } },
    'attribute condition',
    new RegExp(`condition of ${POOL}`),
  ],
  [LINES['Artifact Registry'].line, { audience: 'x' }, 'audience', /allowed audiences/],
  [LINES['Artifact Registry'].line.replace('acme', 'none'), {}, 'invalid_target', /exists, is enabled/],
  [LINES.ACR.line, { audience: 'x' }, 'AADSTS700212', /Set the audience .* to api:\/\/AzureADTokenExchange/],
  [LINES.ACR.line, { claims: { sub: 'x' } }, 'AADSTS700213', /Set the subject/],
  [LINES.ACR.line.replace(CLIENT, CLIENT.replace('1', '9')), {}, 'AADSTS700016', /client 9.* exists/],
  [LINES['Docker Hub'].line.replace(CLIENT, CLIENT.replace('1', '9')), {}, 'connection not found', /Docker Home/],
  ['quay.io robot=acme+other', {}, 'Invalid robot', /federation of the robot acme\+other/],
])('%s %j: %s', async (line, given, reported, fix) => {
  expect(await failure(line, given)).toMatchObject({
    message: expect.stringContaining(reported),
    next: expect.stringMatching(fix),
  });
});

test('a role that may not log in, an account that may not be impersonated, and a client without a role are said', async () => {
  mayLogIn = false;
  expect(await failure(LINES.ecr.line)).toMatchObject({
    next: expect.stringContaining(`ecr:GetAuthorizationToken on * in a policy of the role ${ROLE}`),
  });
  const other = LINES['Artifact Registry with a service account'].line.replace('push@', 'other@');
  expect(await failure(other)).toMatchObject({
    next: expect.stringContaining('roles/iam.workloadIdentityUser on other@acme'),
  });
  hasRole = false;
  expect(await failure(LINES.ACR.line)).toMatchObject({
    next: expect.stringContaining('AcrPush on acmeimages.azurecr.io'),
  });
});

test('a clock that is off is the reason that the error gives', async () => {
  const late = timing;
  await late.sleep(0);
  answer = ({ headers }) => {
    if (headers['x-amz-date']) void late.sleep(10 * 60_000);
    return undefined;
  };
  expect(await failure(LINES.ecr.line)).toMatchObject({ next: expect.stringMatching(/clock of this runner/) });
});

test('text of a service reaches the error without control characters, and without the token that it repeats', async () => {
  answer = ({ body }) => ({
    status: 400,
    body: JSON.stringify({
      error: 'x\n::add-mask::y\u001b[31m\u202e',
      error_description: new URLSearchParams(body).get('client_assertion'),
    }),
  });
  const { message } = await failure(LINES.ACR.line);
  expect(['\n', '\u001b', '\u202e'].filter((character) => message.includes(character))).toEqual([]);
  expect(message).toContain('***');
});

describe("the session of AWS is limited to the image's repository", () => {
  const arn = (name: string) => `arn:aws:ecr:eu-west-1:123456789012:repository/${name}`;
  const may = (action: string, resource: string) => mayDo(sessions[0], action, resource);

  test('which it may push to and pull from, and no other', async () => {
    await source(LINES.ecr.line).get();
    expect([may('ecr:PutImage', arn('acme/app')), may('ecr:BatchGetImage', arn('acme/app'))]).toEqual([true, true]);
    expect([may('ecr:PutImage', arn('acme/app2')), may('ecr:BatchGetImage', arn('acme/other'))]).toEqual([
      false,
      false,
    ]);
    expect(may('ecr:SetRepositoryPolicy', arn('acme/app'))).toBe(false);
  });

  test('for a build: pulls from all, pushes to that of the cache only', async () => {
    await source(LINES.ecr.line, { scope: { pull: 'all', push: 'acme/cache' } }).get();
    expect([may('ecr:BatchGetImage', arn('base/node')), may('ecr:PutImage', arn('base/node'))]).toEqual([true, false]);
    expect(may('ecr:PutImage', arn('acme/cache'))).toBe(true);
  });

  test('of ECR Public, too', async () => {
    await source(LINES['ECR Public'].line, { scope: { pull: 'alias/app', push: 'alias/app' } }).get();
    const own = 'arn:aws:ecr-public::123456789012:repository/';
    expect([may('ecr-public:PutImage', `${own}app`), may('ecr-public:PutImage', `${own}other`)]).toEqual([true, false]);
  });
});
