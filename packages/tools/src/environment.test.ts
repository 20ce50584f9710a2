import { expect, test } from '@jest/globals';
import { childEnvironment } from './environment.ts';

const job = {
  PATH: '/usr/bin',
  HOME: '/home/runner',
  LC_ALL: 'C.UTF-8',
  https_proxy: 'http://proxy:3128',
  SSL_CERT_FILE: '/etc/ssl/own.pem',
  DOCKER_CONFIG: '/home/runner/.docker',
  SSH_AUTH_SOCK: '/tmp/agent',
};
const secrets = {
  GITHUB_TOKEN: 'ghs_x',
  INPUT_TOKEN: 'ghs_x',
  'INPUT_REGISTRY-PASSWORD': 'x',
  ACTIONS_RUNTIME_TOKEN: 'x',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x',
  AWS_SECRET_ACCESS_KEY: 'x',
  NODE_OPTIONS: '--require /evil.js',
  LD_PRELOAD: '/evil.so',
};

test('a child learns where things are and how to reach the network, and no secret of the job', () => {
  const { DOCKER_CONFIG: _, SSH_AUTH_SOCK: __, ...passed } = job;
  expect(childEnvironment({ ...job, ...secrets, TMPDIR: undefined })).toEqual(passed);
});

test('a child that pulls is told of the docker config only when the caller says so', () => {
  expect(childEnvironment(job, {}, ['DOCKER_CONFIG'])).toHaveProperty('DOCKER_CONFIG', '/home/runner/.docker');
});

test('what the caller sets wins over what is inherited', () => {
  expect(childEnvironment(job, { HOME: '/private', GRYPE_TIMESTAMP: 'false' })).toMatchObject({
    HOME: '/private',
    GRYPE_TIMESTAMP: 'false',
  });
});
