/**
 * Logins without passwords, from the bundles: the job's only way to the cloud and to the registry is a proxy, as in a
 * company's network, so everything has its real name. The stand-ins of the clouds check what the clouds check.
 */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  awsService,
  type Clouds,
  type OidcIssuer,
  type RegistryServer,
  startClouds,
  startOidcIssuer,
  startRegistry,
} from '@tidegate/testkit';
import { expectOneClearError } from '../support/clear-error.ts';
import { leave, succeeded } from '../support/job.ts';
import { secretsBelow, secretsIn } from '../support/secret-search.ts';
import { type Staged, stagesOf } from '../support/stages.ts';
import { theSuite } from '../support/suite.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const ROLE = 'arn:aws:iam::123456789012:role/push';
const PASSWORD = 'eyJwYXlsb2FkIjoiVGhpcyBpcyBhIHRva2VuIG9mIEVDUiJ9';
const MAIN = 'repo:octo-org/octo-app:ref:refs/heads/main';
/** With this one, whoever gets it could sign in the name of the workflow. */
const FOR_SIGSTORE = 'eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJzaWdzdG9yZSJ9.c2lnbmF0dXJl';
const image = `${HOST}/acme/app`;

const suite = await theSuite();
const stages = stagesOf(suite);
let staged: Staged;
let server: RegistryServer;
let issuer: OidcIssuer;
let clouds: Clouds;

beforeAll(async () => {
  server = await startRegistry({ auth: { kind: 'basic', username: 'AWS', password: PASSWORD } });
  issuer = await startOidcIssuer();
  const trust = { issuer: issuer.url, subject: MAIN };
  clouds = await startClouds({
    folder: await mkdtemp(join(suite.folder, 'clouds-')),
    services: [awsService({ trust, role: ROLE, password: PASSWORD, now: () => Date.now() }, [])],
    registries: { [HOST]: server.host },
  });
  staged = await stages('cataloged');
  await succeeded(staged.job.run('scan-image', { destination: image }));
  await succeeded(staged.job.run('sign-image'));
});
afterAll(async () => {
  await clouds?.[Symbol.asyncDispose]();
  await issuer?.[Symbol.asyncDispose]();
  await server?.close();
  await leave(staged.job);
});
beforeEach(() => issuer.claim({ sub: MAIN }));

const push = (env: Readonly<Record<string, string>> = identity(), line = `${HOST} role=${ROLE}`) =>
  staged.job.run(
    'push-image',
    { image, tags: 'raw=1.2.3', 'verification-key': suite.key.public, 'registry-identities': line },
    { env: { HTTPS_PROXY: clouds.proxy, NO_PROXY: '127.0.0.1', SSL_CERT_FILE: clouds.caPath, ...env } },
  );
const identity = () => ({
  ACTIONS_ID_TOKEN_REQUEST_URL: issuer.requestUrl,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: issuer.requestToken,
  SIGSTORE_ID_TOKEN: FOR_SIGSTORE,
});
const tags = () => [...server.tags('acme/app').keys()];

test('a job without the permission, or with a subject that the role does not trust, gets one clear error and no tag', async () => {
  const denied = await push({});
  expect(expectOneClearError(denied)).toContain('permissions: id-token: write');
  issuer.claim({ sub: 'repo:octo-org/octo-app:pull_request' });
  const distrusted = await push();
  const message = expectOneClearError(distrusted);
  expect(message).toContain(`trust policy of ${ROLE}`);
  expect(message).toContain('repo:octo-org/octo-app:pull_request');
  expect(tags()).toEqual([]);
});

test('an image is pushed to ECR with the identity of the job, and no token is left anywhere', async () => {
  const { raw, outputs, summary } = await succeeded(push());
  expect(outputs.published).toBe('true');
  expect(tags()).toEqual(['1.2.3']);
  expect(clouds.requests.slice(-2)).toEqual([
    'POST sts.eu-west-1.amazonaws.com/',
    'POST api.ecr.eu-west-1.amazonaws.com/',
  ]);
  expect(issuer.requests.every((audience) => audience === 'sts.amazonaws.com')).toBe(true);
  const secrets = { PASSWORD, FOR_SIGSTORE, ...Object.fromEntries(issuer.issued.map((token, at) => [`${at}`, token])) };
  expect(secretsIn(`${raw}${summary}${JSON.stringify(outputs)}`, secrets)).toEqual([]);
  expect(await secretsBelow(staged.job.temp, secrets)).toEqual([]);
});
