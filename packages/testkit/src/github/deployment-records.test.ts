import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { type DeploymentRecords, startDeploymentRecords } from './deployment-records.ts';

const open = new AsyncDisposableStack();
const OPTIONS = { owner: 'acme', repositories: ['app'], tokens: { writer: 'write', reader: 'read' } } as const;
let api: DeploymentRecords;
beforeEach(async () => {
  api = open.use(await startDeploymentRecords(OPTIONS));
});
afterAll(() => open.disposeAsync());

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const record = {
  ...{ name: 'ghcr.io/acme/app', digest: DIGEST, version: '1.2.3', status: 'deployed' },
  ...{ logical_environment: 'production', deployment_name: 'deploy/app.yaml spec.image', github_repository: 'app' },
};

async function post(body: unknown, { to = api, token = 'writer', owner = 'acme', method = 'POST' } = {}) {
  const response = await fetch(`${to.url}orgs/${owner}/artifacts/metadata/deployment-record`, {
    method,
    headers: token ? { authorization: `token ${token}` } : {},
    ...(method === 'GET' ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as object };
}

// github/rest-api-description, `orgs/create-artifact-deployment-record`: 200 with `total_count`, which is required, and
// `deployment_records`, of which each has id, digest, environments and name.
test('a record is stored, and the answer has it', async () => {
  expect(await post(record)).toEqual({
    status: 200,
    body: {
      total_count: 1,
      deployment_records: [
        {
          id: expect.any(Number),
          digest: DIGEST,
          logical_environment: 'production',
          deployment_name: record.deployment_name,
        },
      ],
    },
  });
  expect((await post(record, { owner: 'ACME' })).status).toBe(200);
});

// The same description: requests for the same environments, cluster and name update one record.
test('a later record of the same place replaces the earlier one', async () => {
  await post(record);
  await post({ ...record, logical_environment: 'staging' });
  await post({ ...record, cluster: 'eu' });
  const other = `sha256:${'cd'.repeat(32)}`;
  await post({ ...record, digest: other });
  expect(api.records.map(({ digest, logical_environment, cluster }) => [digest, logical_environment, cluster])).toEqual(
    [
      [other, 'production', undefined],
      [DIGEST, 'staging', undefined],
      [DIGEST, 'production', 'eu'],
    ],
  );
});

test.each<[string, object]>([
  // The fields that the description requires.
  ...(['name', 'digest', 'status', 'logical_environment', 'deployment_name'] as const).map(
    (field): [string, object] => [`"${field}" wasn't supplied`, { ...record, [field]: undefined }],
  ),
  // boshold/zaps#39 quotes these two messages and HTTP 422.
  ['Invalid /digest: sha512:ab does not match', { ...record, digest: 'sha512:ab' }],
  ['Invalid /github_repository: acme/app does not match', { ...record, github_repository: 'acme/app' }],
  // Lengths, values and types of the description. The wording of these messages is not documented.
  ['Invalid /digest', { ...record, digest: DIGEST.toUpperCase() }],
  ['Invalid /name', { ...record, name: '' }],
  ['Invalid /name', { ...record, name: 'x'.repeat(257) }],
  ['Invalid /version', { ...record, version: '' }],
  ['Invalid /version', { ...record, version: 'x'.repeat(101) }],
  ['Invalid /status', { ...record, status: 'active' }],
  ['Invalid /logical_environment', { ...record, logical_environment: '' }],
  ['Invalid /logical_environment', { ...record, logical_environment: 'x'.repeat(129) }],
  ['Invalid /cluster', { ...record, cluster: 'x'.repeat(129) }],
  ['Invalid /deployment_name', { ...record, deployment_name: 'x'.repeat(257) }],
  ["'properties/version'", { ...record, version: 1 }],
  ['"environment" is not a permitted key', { ...record, environment: 'production' }],
])('a wrong field is refused: %s', async (message, body) => {
  expect(await post(body)).toMatchObject({ status: 422, body: { message: expect.stringContaining(message) } });
  expect(api.records).toEqual([]);
});

test('requests without the right to write, and for others, are refused', async () => {
  // docs.github.com/rest/authentication/authenticating-to-the-rest-api.
  expect((await post(record, { token: '' })).status).toBe(401);
  expect((await post(record, { token: 'made-up' })).status).toBe(401);
  // docs.github.com/rest/orgs/artifact-metadata: "Artifact metadata" repository permissions (write); 403, 404.
  expect(await post(record, { token: 'reader' })).toMatchObject({
    ...{ status: 403, body: { message: 'Resource not accessible by integration' } },
  });
  expect((await post(record, { owner: 'other' })).status).toBe(404);
  expect((await post(record, { method: 'GET' })).status).toBe(404);
  await using user = await startDeploymentRecords({ ...OPTIONS, isUser: true });
  expect((await post(record, { to: user })).status).toBe(404);
  // The same description: the repository must belong to the organisation. The status is not documented.
  expect((await post({ ...record, github_repository: 'elsewhere' })).status).toBe(404);
  // docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api: malformed JSON is 400.
  expect((await post('{')).status).toBe(400);
});
