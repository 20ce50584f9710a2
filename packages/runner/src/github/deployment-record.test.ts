import { afterAll, afterEach, expect, test } from '@jest/globals';
import { type DeploymentRecords, startDeploymentRecords } from '@tidegate/testkit';
import { LONGEST_ENVIRONMENT, recordDeployment } from './deployment-record.ts';
import { closeGitHubs, gitHub } from './fake-github.fixture.ts';

const open = new AsyncDisposableStack();
afterEach(closeGitHubs);
afterAll(() => open.disposeAsync());

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const image = { name: 'ghcr.io/acme/app', digest: DIGEST, tag: '1.2.3', place: 'deploy/app.yaml spec.image' };

async function recorder(more: Partial<Parameters<typeof startDeploymentRecords>[0]> = {}) {
  const tokens = { writer: 'write', reader: 'read' } as const;
  const api = open.use(await startDeploymentRecords({ owner: 'acme', repositories: ['app'], tokens, ...more }));
  const { job } = await gitHub(() => [500, {}]);
  const env = { ...job.env, GITHUB_API_URL: api.url.replace(/\/$/, '') };
  const record = (images: readonly (typeof image)[], token = 'writer', environment = 'production') =>
    recordDeployment({ ...job, env }, token, environment, images);
  return { api, record };
}

const placesOf = ({ records }: DeploymentRecords) => records.map(({ deployment_name }) => deployment_name);

test('each image is recorded for its organisation, once for each place', async () => {
  const { api, record } = await recorder();
  const other = { ...image, digest: `sha256:${'cd'.repeat(32)}`, place: 'deploy/job.yaml spec.image' };
  await record([image, other]);
  await record([image, { ...other, digest: DIGEST }]);
  expect(api.records).toMatchObject([
    { digest: DIGEST, logical_environment: 'production', deployment_name: image.place },
    { digest: DIGEST, deployment_name: other.place },
  ]);
});

// docs.github.com/rest/orgs/artifact-metadata, "Create an artifact deployment record": path and body.
test('a record has the name, the tag and the repository', async () => {
  const { asked, job } = await gitHub(() => [200, { total_count: 1, deployment_records: [] }]);
  await recordDeployment(job, 'token', 'production', [image, { ...image, tag: undefined }]);
  expect(asked).toMatchObject([
    {
      method: 'POST',
      path: '/orgs/acme/artifacts/metadata/deployment-record',
      body: {
        ...{ name: 'ghcr.io/acme/app', digest: DIGEST, version: '1.2.3', status: 'deployed' },
        ...{ logical_environment: 'production', deployment_name: image.place, github_repository: 'app' },
      },
    },
    {},
  ]);
  expect(asked[1]?.body).not.toHaveProperty('version');
});

test('a tag that is too long for a version is left out, and long places stay apart', async () => {
  const { api, record } = await recorder();
  const end = `/${'x'.repeat(200)}.yaml spec.image`;
  const long = ['a', 'b'].map((folder) => ({ ...image, tag: 'v'.repeat(128), place: `${folder}${end}` }));
  await record(long);
  const places = placesOf(api);
  expect(places.map((place) => place.length)).toEqual([128, 128]);
  expect(new Set(places).size).toBe(2);
  for (const place of places) expect(place).toMatch(/^x+\.yaml spec\.image~[0-9a-f]{16}$/);
});

test.each([
  ['a token that may not write', {}, 'reader', 'Resource not accessible by integration', undefined],
  ['a user instead of an organisation', { isUser: true }, 'writer', 'Not Found', 'Only organisations'],
  ['a token that GitHub does not know', {}, 'made-up', 'Bad credentials', undefined],
])('%s is an error', async (_, options, token, message, next) => {
  const { record } = await recorder(options);
  await expect(record([image], token)).rejects.toMatchObject({
    id: 'deployment-not-recorded',
    message: expect.stringContaining(message),
    next: next && expect.stringContaining(next),
  });
});

test('what GitHub does not take is named', async () => {
  const { api, record } = await recorder();
  const error = record([{ ...image, digest: `sha512:${'ab'.repeat(64)}` }]);
  await expect(error).rejects.toThrow(/Invalid \/digest: sha512:/);
  await expect(record([image], 'writer', 'x'.repeat(LONGEST_ENVIRONMENT + 1))).rejects.toThrow('/logical_environment');
  expect(api.records).toEqual([]);
});

test('without a token, nothing is sent', async () => {
  const { api, record } = await recorder();
  await expect(record([image], '')).rejects.toMatchObject({
    ...{ id: 'deployment-not-recorded', message: expect.stringContaining('the step has no token') },
  });
  expect(api.records).toEqual([]);
});

test('a cancelled job is no failure of GitHub', async () => {
  const { job } = await gitHub(() => [200, {}]);
  const cancelled = new Error('cancelled');
  const recording = recordDeployment({ ...job, signal: AbortSignal.abort(cancelled) }, 'token', 'production', [image]);
  await expect(recording).rejects.toBe(cancelled);
});
