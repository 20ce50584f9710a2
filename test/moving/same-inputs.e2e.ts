/**
 * Inputs of docker's actions that docs/guides/moving.md calls "the same": each, written as in docker's documentation, is
 * tried in our action. Inputs of a build are seen by its steps, in BuildKit's log and in the image.
 */
import { execFile } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BundleResult } from '@tidegate/testkit';
import { blob, cached, image } from '../build/probe.ts';
import { BUSYBOX } from '../support/built-image.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';
import PEERS from './inputs.json' with { type: 'json' };

const exec = promisify(execFile);
const suite = await theSuite();
const CGROUP = `/tidegate-moving-${process.pid}`;
const SECRETS = { token: 'one secret of many', env: 'one of the environment', file: 'one in a file' };

const DOCKERFILE = `FROM scratch AS shell
COPY --from=programs busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]

FROM shell AS probe
ARG HTTP_PORT=none
ARG TARGETPLATFORM
COPY note.txt probe.sh /
RUN --mount=type=secret,id=token --mount=type=secret,id=env --mount=type=secret,id=file --mount=type=ssh,id=probe /probe.sh

FROM shell
RUN echo no target was asked for && exit 9
`;
const PROBE = `#!/bin/sh
echo "context is $(cat /note.txt)"
echo "port is $HTTP_PORT"
echo "platform is $TARGETPLATFORM"
for one in token env file; do echo "secret $one is $(sha256sum < /run/secrets/$one | cut -c 1-64)"; done
[ -S "$SSH_AUTH_SOCK" ] && echo "agent is there" || echo "agent is missing"
echo "hosts are $(grep -w my-host /etc/hosts | tr -s '\\t ' ' ')"
echo "shm is $(df -m /dev/shm | tail -n 1 | tr -s ' ' | cut -d ' ' -f 2)"
echo "nofile is $(ulimit -n)"
echo "devices are $(tail -n +3 /proc/net/dev | cut -d : -f 1 | tr -d ' ' | sort | tr '\\n' ' ')"
`;

let job: Job;
/** With every input of the table that needs no build of its own. */
let given: BundleResult;
let inputs: Readonly<Record<string, string>>;
beforeAll(async () => {
  job = await newJob(suite, {
    files: { 'app/note.txt': 'the folder app', 'docker/prod.Dockerfile': DOCKERFILE, 'secret.txt': SECRETS.file },
  });
  await writeFile(join(job.workspace, 'app', 'probe.sh'), PROBE, { mode: 0o755 });
  await mkdir(join(job.workspace, 'programs'));
  await copyFile(BUSYBOX, join(job.workspace, 'programs', 'busybox'));
  const key = join(job.temp, '..', 'ssh-key');
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  await writeFile(key, pem, { mode: 0o600 });
  inputs = {
    context: './app',
    file: 'docker/prod.Dockerfile',
    target: 'probe',
    platforms: 'linux/amd64',
    'build-args': 'HTTP_PORT=8080',
    'build-contexts': 'programs=./programs',
    secrets: `token=${SECRETS.token}`,
    'secret-envs': 'env=MY_SECRET',
    'secret-files': 'file=./secret.txt',
    ssh: `probe=${key}`,
    labels: 'org.example.team=blue',
    annotations: 'index:org.example.note=on the index',
    'cache-to': `type=local,dest=${cacheFolder()},mode=max`,
    pull: 'true',
    network: 'host',
    'add-hosts': 'my-host:10.0.0.1',
    'cgroup-parent': CGROUP,
    'shm-size': '96m',
    ulimit: 'nofile=1024:1024',
  };
  given = await build('given', { ...inputs, 'no-cache': 'true' });
}, 300_000);
afterAll(() => leave(job));

const cacheFolder = () => join(job.temp, '..', 'cache');

function build(name: string, more: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  return succeeded(job.run('build-image', { name, ...more }, { env: { MY_SECRET: SECRETS.env, ...env } }));
}

/** Lines of the probe about one subject, in BuildKit's log. */
function told(what: string): string | undefined {
  const said = new RegExp(`^#\\d+ [\\d.]+ ${what} (?:is|are) (.*?) *$`);
  return given.log.map((line) => said.exec(line)?.[1]).find((value) => value !== undefined);
}
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const index = () => blob(given, String(given.outputs.digest));
const config = async () =>
  (await image({ ...given, outputs: { ...given.outputs, digest: (await index()).manifests[0].digest } })).config;

type Try = () => unknown;

const BUILD: Readonly<Record<string, Try>> = {
  context: () => expect(told('context')).toBe('the folder app'),
  // Nothing else is at that path, and the stage of no target fails.
  file: () => expect(told('context')).toBeDefined(),
  target: () => expect(told('context')).toBeDefined(),
  platforms: () => expect(told('platform')).toBe('linux/amd64'),
  'build-args': () => expect(told('port')).toBe('8080'),
  'build-contexts': () => expect(told('context')).toBeDefined(),
  secrets: () => expect(told('secret token')).toBe(sha256(SECRETS.token)),
  'secret-envs': () => expect(told('secret env')).toBe(sha256(SECRETS.env)),
  'secret-files': () => expect(told('secret file')).toBe(sha256(SECRETS.file)),
  ssh: () => expect(told('agent')).toBe('there'),
  labels: async () => expect((await config()).config.Labels).toMatchObject({ 'org.example.team': 'blue' }),
  annotations: async () => expect((await index()).annotations).toMatchObject({ 'org.example.note': 'on the index' }),
  'cache-to': async () => expect(await readdir(cacheFolder())).toContain('index.json'),
  'cache-from': async () => {
    const { log } = await build('cache-from', {
      ...inputs,
      'cache-to': '',
      'cache-from': `type=local,src=${cacheFolder()}`,
    });
    expect(log.join('\n')).toContain('importing cache manifest from local');
  },
  'no-cache': async () => {
    expect(cached(given)).toBe(0);
    expect(cached(await build('with-cache', { ...inputs, 'cache-to': '' }))).toBeGreaterThan(1);
  },
  'no-cache-filters': async () => {
    const some = await build('filters', { ...inputs, 'cache-to': '', 'no-cache-filters': 'probe' });
    expect(some.log.join('\n')).toMatch(/^#\d+ [\d.]+ port is 8080/m);
    expect(cached(some)).toBeGreaterThan(0);
  },
  // BuildKit resolves a tag in every build; what is seen is that buildx gets the flag.
  pull: async () => expect(await parameters()).toMatchObject({ pull: true }),
  network: async () => {
    const lines = (await readFile('/proc/net/dev', 'utf8')).trim().split('\n').slice(2);
    expect(told('devices')?.split(' ')).toEqual(lines.map((line) => line.split(':')[0]?.trim()).toSorted());
  },
  'add-hosts': () => expect(told('hosts')).toBe('10.0.0.1 my-host'),
  'cgroup-parent': async () => {
    const below = [CGROUP, `/memory${CGROUP}`].map((name) => join('/sys/fs/cgroup', name, 'buildkit'));
    const found = await Promise.allSettled(below.map((folder) => readdir(folder)));
    expect(found.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  },
  'shm-size': () => expect(told('shm')).toBe('96'),
  ulimit: () => expect(told('nofile')).toBe('1024'),
  builder: async () => {
    const BUILDX_CONFIG = join(job.temp, '..', 'buildx');
    const env = { PATH: process.env.PATH, HOME: job.temp, BUILDX_CONFIG };
    await exec(join(suite.tools, 'buildx'), ['create', '--name', 'mine', '--driver', 'remote', suite.buildkit], {
      env,
    });
    const named = { ...inputs, 'cache-to': '', builder: 'mine' };
    await build('builder', named, { BUILDX_CONFIG, BUILDKIT_HOST: 'unix:///nowhere/buildkitd.sock' });
  },
  allow: async () => {
    const { annotations } = await job.run('build-image', { ...inputs, name: 'allow', allow: 'security.insecure' });
    // With a policy that lists it: test/build/entitlements.e2e.ts.
    expect(annotations.find(({ level }) => level === 'error')?.message).toContain('does not grant security.insecure');
  },
};

/** Inputs of the build, according to the provenance. */
async function parameters() {
  const folder = join(String(given.outputs.layout), 'blobs', 'sha256');
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), 'latin1');
    if (text.includes('"externalParameters"'))
      return JSON.parse(text).predicate.buildDefinition.externalParameters.parameters;
  }
}

let planned: Promise<BundleResult> | undefined;
const plan = () => {
  planned ??= succeeded(
    job.run('plan', {
      ...{ image: 'ghcr.io/acme/app', signing: 'key', 'key-given': 'true', tags: 'type=ref,event=branch' },
      ...{ flavor: 'latest=false\nprefix=x-,onlatest=true\nsuffix=-alpine', 'bake-target': 'mine' },
      ...{ labels: 'org.example.at={{branch}}', annotations: 'org.example.of={{sha}}' },
    }),
  );
  return planned;
};
const METADATA: Readonly<Record<string, Try>> = {
  flavor: async () =>
    expect((await plan()).outputs.tags?.split('\n')).toEqual([expect.stringMatching(/x-main-alpine$/)]),
  'bake-target': async () => {
    const { outputs } = await plan();
    expect(Object.keys(JSON.parse(await readFile(String(outputs['bake-file']), 'utf8')).target)).toEqual(['mine']);
  },
  labels: async () => expect((await plan()).outputs.labels?.split('\n')).toContain('org.example.at=main'),
  annotations: async () => {
    expect((await plan()).outputs.annotations).toContain(`org.example.of=${job.sha.slice(0, 7)}`);
  },
};

const TRIES: Readonly<Record<string, Readonly<Record<string, Try>>>> = {
  'docker/build-push-action': BUILD,
  'docker/metadata-action': METADATA,
};

describe.each(PEERS)('the inputs of $peer $version that the guide calls the same', ({ peer, rows }) => {
  const names = rows.flatMap((row) => ('same' in row ? (row.same ?? []) : []));
  const tries = TRIES[peer] ?? {};

  test('are those that are tried here', () => {
    expect(names.toSorted()).toEqual(Object.keys(tries).toSorted());
  });

  test.each(names)('%s', async (name) => {
    await tries[name]?.();
  });
});
