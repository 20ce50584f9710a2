import { expect, test } from '@jest/globals';
import { digestOf, parsePlatform, planAnnotations } from '@tidegate/core';
import type { BuildOptions } from './options.ts';
import { buildParameters } from './parameters.ts';

/** Every option of a caller, set to a value. */
const EVERYTHING: Required<Omit<BuildOptions, 'source' | 'cacheOf'>> = {
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
  buildContexts: [
    ['base', 'docker-image://debian:12'],
    ['jar', '/home/runner/work/_temp/artifact'],
  ],
  artifact: { name: 'jar', digest: digestOf('zip') },
  labels: [['a', 'b']],
  annotations: planAnnotations({}, [['c', 'd']]),
  cacheFrom: ['type=gha,scope=main,token=hunter2', 'ghcr.io/acme/cache'],
  cacheTo: ['type=s3,bucket=b,"secret_access_key=hunter2,hunter2",mode=max'],
  environment: { AWS_SECRET_ACCESS_KEY: 'hunter2' },
  noCache: true,
  noCacheFilters: ['build'],
  pull: true,
  network: 'host',
  ulimit: ['nofile=1024'],
  allow: ['security.insecure'],
  addHosts: ['db:10.0.0.1'],
  shmSize: '64m',
  cgroupParent: '/ci',
  sourceDateEpoch: 1,
  rewriteTimestamp: true,
  compression: { type: 'zstd', level: 19, isForced: true },
  mirrors: { 'docker.io': ['mirror.example/hub'] },
  outputs: [
    {
      ...{ name: 'docs.tar', target: 'docs', type: 'tar' },
      ...{ dest: '/home/runner/work/app/app/docs.tar', shown: 'docs.tar', fileName: 'docs.tar' },
    },
  ],
  retries: 1,
  second: { runners: [{}] },
  layout: '/home/runner/layout',
  builderId: 'urn:test',
  invocationId: 'urn:run',
};

const DOCKERFILE = 'FROM scratch\nRUN --mount=type=secret,id=npm --mount=type=secret,target=/root/netrc true\n';

test('all parameters are listed; secrets by name, and no path of the machine', () => {
  const listed = buildParameters(EVERYTHING, DOCKERFILE);
  expect(listed).toEqual({
    context: 'service',
    file: 'service/Containerfile',
    target: 'release',
    platforms: ['linux/arm/v7'],
    buildArgs: { VERSION: '1' },
    labels: { a: 'b' },
    annotations: { 'manifest:c': 'd' },
    contexts: { base: 'docker-image://debian:12', jar: digestOf('zip') },
    secrets: ['npm', 'netrc'],
    ssh: ['default', 'deploy'],
    cacheFrom: ['type=gha,scope=main,token', 'ghcr.io/acme/cache'],
    cacheTo: ['type=s3,bucket=b,secret_access_key,mode=max'],
    noCache: true,
    noCacheFilters: ['build'],
    pull: true,
    network: 'host',
    ulimit: ['nofile=1024'],
    allow: ['security.insecure'],
    addHosts: ['db:10.0.0.1'],
    shmSize: '64m',
    cgroupParent: '/ci',
    sourceDateEpoch: 1,
    rewriteTimestamp: true,
    compression: 'zstd level 19 forced',
    mirrors: { 'docker.io': ['mirror.example/hub'] },
    outputs: ['docs as tar'],
  });
  expect(JSON.stringify(listed)).not.toMatch(/hunter2|home/);
});

test('a secret that the Dockerfile does not name is not published: it may be the second line of another', () => {
  const secrets = [...EVERYTHING.secrets, { id: 'c2VjcmV0LXRva2Vu', kind: 'value', value: 'x' } as const];
  expect(buildParameters({ ...EVERYTHING, secrets }, DOCKERFILE)).toMatchObject({ secrets: ['npm', 'netrc'] });
});

test('an option that is new is listed, or said here not to be one of the build', () => {
  // Output location, author, and values that have their own fields in provenance.
  const others = [
    // Listed as one of the contexts.
    'artifact',
    'environment',
    'retries',
    'second',
    'layout',
    'builderId',
    'invocationId',
    'shownFile',
    'shownContext',
    'workspace',
  ];
  const names: Readonly<Record<string, string>> = { buildContexts: 'contexts' };
  const options = Object.keys(EVERYTHING).filter((name) => !others.includes(name));
  expect(Object.keys(buildParameters(EVERYTHING, DOCKERFILE)).toSorted()).toEqual(
    options.map((name) => names[name] ?? name).toSorted(),
  );
});
