/**
 * Behavior of a cluster that Tidegate relies on in builds: real buildx against an API server, and the server's own
 * answers. Our stand-in and the API server of Kubernetes 1.37.2 pass the same tests.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { apiClient, runPost } from '@tidegate/testkit';
import { expectOneClearError } from './clear-error.ts';
import { type Job, leave, newJob } from './job.ts';
import { type Kubernetes, type KubernetesApi, kubeconfigFor, recordedApi, type Token } from './kubernetes-api.ts';
import type { Suite } from './suite.ts';

const INPUTS = { platforms: 'linux/arm64', 'builder-endpoints': 'linux/arm64=kubernetes' };
const LIMITS = 'limits.memory=3Gi\nnodeselector=disk=fast\nnamespace=buildkit\n';

/** @param kubernetes a server with the namespaces and users of kubernetes-api.ts, where no pod becomes ready */
export function kubernetesTests(suite: Suite, kubernetes: () => Promise<Kubernetes>): void {
  const opened = new AsyncDisposableStack();
  afterAll(() => opened.disposeAsync());
  const start = async () => opened.use(await recordedApi(await kubernetes()));
  builderTests(async (token) => {
    const api = await start();
    const job = await newJob(suite);
    opened.defer(() => leave(job));
    const KUBECONFIG = join(job.temp, '..', 'kubeconfig');
    await writeFile(KUBECONFIG, kubeconfigFor(api, token));
    return { api, job, env: { KUBECONFIG } };
  });
  answerTests(start);
}

interface InCluster {
  readonly api: KubernetesApi;
  readonly job: Job;
  readonly env: Record<string, string>;
}

function builderTests(inCluster: (token?: Token) => Promise<InCluster>): void {
  test('a pod that does not become ready is an error, and is removed', async () => {
    const { api, job, env } = await inCluster();
    const result = await job.run('build-image', { ...INPUTS, 'builder-driver-opts': `${LIMITS}timeout=2s` }, { env });
    expect(expectOneClearError(result)).toMatch(
      /^Input builder-endpoints: no pod for linux\/arm64 \(kubernetes\) became ready: .*expected 1 replicas to be ready, got 0\./,
    );
    expect(api.writes).toEqual(['POST deployments', 'DELETE deployments/NAME']);
    const [pod = ''] = api.created;
    expect(pod).toMatch(/^buildkit /);
    for (const text of ['docker.io/moby/buildkit:v0.31.2', 'kubernetes.io/arch', 'arm64', 'disk', 'fast', '3Gi']) {
      expect(pod).toContain(text);
    }
  });

  test('a pod of a step that was killed is removed after the job', async () => {
    const { api, job, env } = await inCluster();
    const killed = await job.run(
      'build-image',
      { ...INPUTS, 'builder-driver-opts': LIMITS },
      {
        env,
        onLine: (_line, kill) => {
          api.onCreate = () => kill('SIGKILL');
        },
      },
    );
    expect(killed.signal).toBe('SIGKILL');
    expect(api.writes).toEqual(['POST deployments']);
    expect((await runPost(killed))?.exitCode).toBe(0);
    expect(api.writes).toEqual(['POST deployments', 'DELETE deployments/NAME']);
  });

  test('a cluster that denies access is an error that says so', async () => {
    const { job, env } = await inCluster('nobody');
    const result = await job.run('build-image', INPUTS, { env });
    expect(expectOneClearError(result)).toMatch(
      /no pod for linux\/arm64 .* became ready: .*is forbidden: User "nobody" cannot get resource "deployments"/s,
    );
  });

  test('a namespace that does not exist is an error that names it', async () => {
    const { api, job, env } = await inCluster();
    const result = await job.run('build-image', { ...INPUTS, 'builder-driver-opts': 'namespace=absent' }, { env });
    expect(expectOneClearError(result)).toMatch(/no pod for linux\/arm64 .* became ready: .*"absent" not found/s);
    expect(api.created).toEqual([]);
  });
}

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
/** Names as `build-image` gives them. */
const NAME = 'tidegate-00c0ffee00-1';

const body = (metadata: object, labels = { app: 'builder' }) => {
  const spec = { containers: [{ name: 'builder', image: 'moby/buildkit' }] };
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata },
    spec: { selector: { matchLabels: { app: 'builder' } }, template: { metadata: { labels }, spec } },
  };
};

function answerTests(start: () => Promise<KubernetesApi>): void {
  const as = ({ url, ca }: KubernetesApi, token: string) => apiClient({ url, ca, token });

  test('one deployment, from its creation to its removal', async () => {
    const { request } = as(await start(), 'admin');
    const path = `${DEPLOYMENTS}/${NAME}`;
    const missing = {
      status: 404,
      body: {
        ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'NotFound', code: 404 },
        message: `deployments.apps "${NAME}" not found`,
        details: { name: NAME, group: 'apps', kind: 'deployments' },
      },
    };
    expect(await request('GET', path)).toMatchObject(missing);
    const object = { kind: 'Deployment', apiVersion: 'apps/v1', metadata: { name: NAME, namespace: 'default' } };
    expect(await request('POST', DEPLOYMENTS, body({ name: NAME }))).toMatchObject({ status: 201, body: object });
    expect(await request('POST', DEPLOYMENTS, body({ name: NAME }))).toMatchObject({
      status: 409,
      body: { reason: 'AlreadyExists', message: `deployments.apps "${NAME}" already exists` },
    });
    const { status, body: read } = await request('GET', path);
    expect({ status, read }).toMatchObject({ status: 200, read: object });
    // Nothing that is zero is sent.
    expect(read.status).toEqual({});
    const list = { kind: 'DeploymentList', apiVersion: 'apps/v1', items: [{ metadata: { name: NAME } }] };
    expect(await request('GET', DEPLOYMENTS)).toMatchObject({ status: 200, body: list });
    expect(await request('DELETE', path)).toMatchObject({
      status: 200,
      body: {
        ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' },
        details: { name: NAME, group: 'apps', kind: 'deployments', uid: read.metadata.uid },
      },
    });
    expect(await request('DELETE', path)).toMatchObject(missing);
  });

  describe('refused is', () => {
    test('a deployment without a name', async () => {
      const { request } = as(await start(), 'admin');
      expect(await request('POST', DEPLOYMENTS, body({}))).toMatchObject({
        status: 422,
        body: {
          ...{ kind: 'Status', status: 'Failure', reason: 'Invalid' },
          message: expect.stringMatching(/^Deployment.apps "" is invalid: .*name or generateName is required/),
        },
      });
    });

    test('a deployment that does not select its own pods', async () => {
      const { request } = as(await start(), 'admin');
      expect(await request('POST', DEPLOYMENTS, body({ name: NAME }, { app: 'other' }))).toMatchObject({
        status: 422,
        body: {
          ...{ kind: 'Status', status: 'Failure', reason: 'Invalid' },
          message: expect.stringMatching(/is invalid: .*labels: Invalid value: .*`selector` does not match template/),
          details: { name: NAME, group: 'apps', kind: 'Deployment' },
        },
      });
      expect(await request('GET', `${DEPLOYMENTS}/${NAME}`)).toMatchObject({ status: 404 });
    });

    test('a path that is none of the API', async () => {
      const { request } = as(await start(), 'admin');
      const { status, body: said } = await request('GET', DEPLOYMENTS.replace('deployments', 'nonsense'));
      expect({ status, said }).toEqual({
        status: 404,
        said: {
          ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 404, reason: 'NotFound' },
          ...{ message: 'the server could not find the requested resource', details: {} },
        },
      });
    });

    test('a deployment in a namespace that does not exist', async () => {
      const { request } = as(await start(), 'admin');
      const path = DEPLOYMENTS.replace('default', 'absent');
      expect(await request('POST', path, body({ name: NAME }))).toMatchObject({
        status: 404,
        body: { reason: 'NotFound', message: 'namespaces "absent" not found', details: { kind: 'namespaces' } },
      });
    });

    test('an unknown token', async () => {
      const { status, body: said } = await as(await start(), 'wrong').request('GET', DEPLOYMENTS);
      expect({ status, said }).toEqual({
        status: 401,
        said: {
          ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' },
          ...{ message: 'Unauthorized', reason: 'Unauthorized', code: 401 },
        },
      });
    });

    test.each([
      ['nobody', 'GET', DEPLOYMENTS, 'deployments.apps', 'list'],
      ['nobody', 'GET', `${DEPLOYMENTS}/${NAME}`, `deployments.apps "${NAME}"`, 'get'],
      ['nobody', 'POST', DEPLOYMENTS, 'deployments.apps', 'create'],
      ['nobody', 'DELETE', `${DEPLOYMENTS}/${NAME}`, `deployments.apps "${NAME}"`, 'delete'],
      ['', 'GET', `${DEPLOYMENTS}/${NAME}`, `deployments.apps "${NAME}"`, 'get'],
    ])('for a user without a role (%j): %s %s', async (token, method, path, what, verb) => {
      const { request } = as(await start(), token);
      const why = `User "${token || 'system:anonymous'}" cannot ${verb} resource "deployments" in API group "apps" in the namespace "default"`;
      expect(await request(method, path, method === 'POST' ? body({ name: NAME }) : undefined)).toMatchObject({
        status: 403,
        body: { kind: 'Status', status: 'Failure', reason: 'Forbidden', message: `${what} is forbidden: ${why}` },
      });
    });
  });
}
