import { expect, test } from '@jest/globals';
import { secretsIn, secretsInConfig } from './secrets.ts';

/** One of each kind of file that is searched in its own way. */
const PATHS = [
  '/app/.git/HEAD',
  '/app/.env',
  '/app/.env.production',
  '/root/.npmrc',
  '/root/.yarnrc.yml',
  '/root/.docker/config.json',
  '/root/.dockercfg',
  '/root/.pypirc',
  '/root/.netrc',
  '/root/.aws/credentials',
  '/root/.kube/config',
  '/root/.git-credentials',
  '/x/application_default_credentials.json',
  '/root/.cargo/credentials.toml',
  '/root/.gem/credentials',
  '/root/.m2/settings.xml',
  '/root/.config/gh/hosts.yml',
  '/root/.pgpass',
  '/etc/ssl/server.p12',
];

test('a megabyte of near misses is searched in a moment', () => {
  for (const line of [
    'A: -----BEGIN PRIVATE KEY-----\n',
    '\n',
    ' ',
    '"auth" ',
    'A',
    '://a:b',
    ':a',
    'AKIA',
    'token:',
  ]) {
    const hostile = Buffer.from(line.repeat(2 ** 20 / line.length));
    // CPU time of this process: the load of other processes must not matter.
    const started = process.cpuUsage();
    for (const path of PATHS) secretsIn(path, hostile);
    secretsInConfig(hostile.toString());
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(8000);
  }
});
