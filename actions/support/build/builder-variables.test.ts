import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Job } from '@tidegate/runner';
import { builderVariables } from './builder-variables.ts';

const DOCKER = { DOCKER_HOST: 'a', DOCKER_CONTEXT: 'b', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/c' };
const KUBERNETES = { KUBECONFIG: '/k', KUBERNETES_SERVICE_HOST: 'h', KUBERNETES_SERVICE_PORT_HTTPS: '443' };
const CLOUDS = { AWS_ROLE_ARN: 'a', GOOGLE_APPLICATION_CREDENTIALS: '/g', AZURE_CLIENT_ID: 'c' };
const OTHERS = {
  GITHUB_TOKEN: 'x',
  DOCKER_PASSWORD: 'x',
  MY_AWS_KEY: 'x',
  KUBERNETES_TOKEN: 'x',
  ACTIONS_RESULTS_URL: 'x',
};

let home = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'builder-variables-'));
});
afterAll(() => rm(home, { recursive: true }));

const variables = (address: string | undefined, more: Record<string, string> = {}) =>
  builderVariables(
    { env: { HOME: home, ...DOCKER, ...KUBERNETES, ...CLOUDS, ...OTHERS, ...more } } as unknown as Job,
    address,
  );

test.each([
  ['a builder that is named', undefined, { ...DOCKER, ...KUBERNETES, ...CLOUDS }],
  ['a BuildKit in a container', 'docker-container://buildkit', { ...DOCKER, ...KUBERNETES, ...CLOUDS }],
  ['a BuildKit in a cluster', 'kube-pod://buildkit', { ...DOCKER, ...KUBERNETES, ...CLOUDS }],
  ['a socket', 'unix:///run/buildkitd.sock', {}],
  ['a port', 'tcp://127.0.0.1:1234', {}],
])('%s gets what leads to it, and nothing else', async (_, address, expected) => {
  expect(await variables(address)).toEqual(expected);
});

test.each([
  [{ credHelpers: { 'x.dkr.ecr.us-east-1.amazonaws.com': 'ecr-login' } }, CLOUDS],
  [{ credsStore: 'gcloud' }, CLOUDS],
  [{ credHelpers: {}, auths: {} }, {}],
  ['nonsense', {}],
])("clouds' variables go where docker's configuration %j names a helper", async (config, expected) => {
  const folder = await mkdtemp(join(home, 'config-'));
  await writeFile(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  expect(await variables('unix:///x', { DOCKER_CONFIG: folder })).toEqual(expected);
});

test("docker's configuration is found below HOME as well", async () => {
  await mkdir(join(home, '.docker'));
  await writeFile(join(home, '.docker/config.json'), JSON.stringify({ credsStore: 'x' }));
  expect(await variables('unix:///x')).toEqual(CLOUDS);
  await rm(join(home, '.docker'), { recursive: true });
});
