import { expect, test } from '@jest/globals';
import { parsePlatform, planAnnotations } from '@tidegate/core';
import type { BuildOptions } from './options.ts';
import { buildParameters } from './parameters.ts';

/** Every option of a caller, set to a value. */
const EVERYTHING: Required<Omit<BuildOptions, 'source'>> = {
  workspace: '/work',
  context: '/home/runner/work/app/app/service',
  shownContext: 'service',
  file: '/home/runner/work/app/app/service/Containerfile',
  shownFile: 'service/Containerfile',
  target: 'release',
  platforms: [parsePlatform('linux/arm/v7')],
  buildArgs: [['VERSION', '1']],
  secrets: [
    { id: 'npm', kind: 'value', value: 'hunter2' },
    { id: 'netrc', kind: 'file', path: '/home/runner/hunter2' },
  ],
  ssh: ['default', 'deploy=/home/runner/hunter2'],
  buildContexts: [['base', 'docker-image://debian:12']],
  labels: [['a', 'b']],
  annotations: planAnnotations({}, [['c', 'd']]),
  cacheFrom: ['type=gha,scope=main,token=hunter2', 'ghcr.io/acme/cache'],
  cacheTo: ['type=s3,bucket=b,"secret_access_key=hunter2,hunter2",mode=max'],
  environment: { AWS_SECRET_ACCESS_KEY: 'hunter2' },
  noCache: true,
  pull: true,
  network: 'host',
  ulimit: ['nofile=1024'],
  shmSize: '64m',
  sourceDateEpoch: 1,
  rewriteTimestamp: true,
  layout: '/home/runner/layout',
  builderId: 'urn:test',
  invocationId: 'urn:run',
};

const DOCKERFILE = 'FROM scratch\nRUN --mount=type=secret,id=npm --mount=type=secret,target=/root/netrc true\n';

test('everything that was asked for is listed; secrets by name, and no path of the machine', () => {
  const listed = buildParameters(EVERYTHING, DOCKERFILE);
  expect(listed).toEqual({
    context: 'service',
    file: 'service/Containerfile',
    target: 'release',
    platforms: ['linux/arm/v7'],
    buildArgs: { VERSION: '1' },
    labels: { a: 'b' },
    annotations: { 'manifest:c': 'd' },
    contexts: { base: 'docker-image://debian:12' },
    secrets: ['npm', 'netrc'],
    ssh: ['default', 'deploy'],
    cacheFrom: ['type=gha,scope=main,token', 'ghcr.io/acme/cache'],
    cacheTo: ['type=s3,bucket=b,secret_access_key,mode=max'],
    noCache: true,
    pull: true,
    network: 'host',
    ulimit: ['nofile=1024'],
    shmSize: '64m',
    sourceDateEpoch: 1,
    rewriteTimestamp: true,
  });
  expect(JSON.stringify(listed)).not.toMatch(/hunter2|home/);
});

test('a secret that the Dockerfile does not name is not published: it may be the second line of another', () => {
  const secrets = [...EVERYTHING.secrets, { id: 'c2VjcmV0LXRva2Vu', kind: 'value', value: 'x' } as const];
  expect(buildParameters({ ...EVERYTHING, secrets }, DOCKERFILE)).toMatchObject({ secrets: ['npm', 'netrc'] });
});

test('an option that is new is listed, or said here not to be one of the build', () => {
  // Output location, author, and values that have their own fields in provenance.
  const others = ['environment', 'layout', 'builderId', 'invocationId', 'shownFile', 'shownContext', 'workspace'];
  const names: Readonly<Record<string, string>> = { buildContexts: 'contexts' };
  const options = Object.keys(EVERYTHING).filter((name) => !others.includes(name));
  expect(Object.keys(buildParameters(EVERYTHING, DOCKERFILE)).toSorted()).toEqual(
    options.map((name) => names[name] ?? name).toSorted(),
  );
});
