/** Each input of build-image, by what it does to a build: a Dockerfile that tells what it was given. */
import { execFile, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BundleResult, runPost } from '@tidegate/testkit';
import { BUSYBOX } from '../support/built-image.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { freePort } from '../support/servers.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const exec = promisify(execFile);

const DOCKERFILE = `FROM scratch AS shell
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]

FROM shell AS probe
ARG GREETING=nobody
COPY --from=extra note.txt /note.txt
COPY probe.sh /
RUN --mount=type=ssh,id=probe /probe.sh

FROM shell AS stamped
RUN touch /stamp

FROM scratch AS carried
COPY busybox /bin/busybox

FROM shell
RUN echo no target was asked for && exit 9
`;

const PROBE = `#!/bin/sh
echo "greeting is $GREETING"
echo "note is $(cat /note.txt)"
echo "nofile is $(ulimit -n)"
echo "shm is $(df -m /dev/shm | tail -n 1 | tr -s ' ' | cut -d ' ' -f 2)"
[ -S "$SSH_AUTH_SOCK" ] && echo "agent is there" || echo "agent is missing"
echo "devices are $(tail -n +3 /proc/net/dev | cut -d : -f 1 | tr -d ' ' | sort | tr '\\n' ' ')"
`;

const jobs: Job[] = [];
async function checkout(): Promise<Job> {
  const job = await newJob(suite, { files: { 'probe.Dockerfile': DOCKERFILE } });
  jobs.push(job);
  await writeFile(join(job.workspace, 'probe.sh'), PROBE, { mode: 0o755 });
  await copyFile(BUSYBOX, join(job.workspace, 'busybox'));
  await mkdir(join(job.workspace, 'extra'));
  await writeFile(join(job.workspace, 'extra', 'note.txt'), 'from another context');
  return job;
}
afterAll(() => Promise.all(jobs.map(leave)));

let count = 0;
/** Build the stage `probe`, anew unless the caller says otherwise. */
function build(job: Job, inputs: Readonly<Record<string, string>> = {}, env: Readonly<Record<string, string>> = {}) {
  count += 1;
  const usual = { file: 'probe.Dockerfile', target: 'probe', 'build-contexts': 'extra=./extra', 'no-cache': 'true' };
  return succeeded(job.run('build-image', { name: `build-${count}`, ...usual, ...inputs }, { env }));
}

/** What the probe said of one thing, in BuildKit's log. */
function told({ log }: BundleResult, what: string): string | undefined {
  const said = new RegExp(`^#\\d+ [\\d.]+ ${what} (?:is|are) (.*?) *$`);
  return log.map((line) => said.exec(line)?.[1]).find((value) => value !== undefined);
}

async function blob({ outputs }: BundleResult, digest: string) {
  return JSON.parse(await readFile(join(String(outputs.layout), 'blobs', 'sha256', digest.slice(7)), 'utf8'));
}
async function image(result: BundleResult) {
  const manifest = await blob(result, String(result.outputs.digest));
  return { manifest, config: await blob(result, manifest.config.digest) };
}

const cached = ({ log }: BundleResult) => log.filter((line) => /^#\d+ CACHED/.test(line)).length;

describe('what a step is given', () => {
  let job: Job;
  let plain: BundleResult;
  let given: BundleResult;
  beforeAll(async () => {
    job = await checkout();
    const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    const file = join(job.temp, '..', 'ssh-key');
    await writeFile(file, key, { mode: 0o600 });
    plain = await build(job, { network: 'none' });
    given = await build(job, {
      'build-args': 'GREETING=everybody, and "you"',
      ulimit: 'nofile=1234:1234',
      'shm-size': '96m',
      ssh: `probe=${file}`,
      network: 'host',
      labels: 'org.example.label=one, two',
      annotations: 'org.example.annotation=three=four',
    });
  });

  test.each([
    ['greeting', 'nobody', 'everybody, and "you"'],
    ['note', 'from another context', 'from another context'],
    ['shm', '64', '96'],
    ['agent', 'missing', 'there'],
    ['devices', 'lo', expect.stringContaining('lo')],
  ])('%s: %s without the input, %s with it', (what, without, withIt) => {
    expect({ plain: told(plain, what), given: told(given, what) }).toEqual({ plain: without, given: withIt });
  });

  test('limits of processes', () => {
    expect(told(given, 'nofile')).toBe('1234');
    expect(told(plain, 'nofile')).not.toBe('1234');
  });

  test("the network of the host is all of it, and none is the step's own loopback alone", async () => {
    const lines = (await readFile('/proc/net/dev', 'utf8')).trim().split('\n').slice(2);
    const devices = lines.map((line) => line.split(':')[0]?.trim()).toSorted();
    expect(told(given, 'devices')?.split(' ')).toEqual(devices);
  });

  test('labels are in the config, annotations on the manifest', async () => {
    const { config, manifest } = await image(given);
    expect(config.config.Labels).toMatchObject({ 'org.example.label': 'one, two' });
    expect(manifest.annotations).toMatchObject({ 'org.example.annotation': 'three=four' });
  });
});

describe('annotations with levels', () => {
  const LEVELS = {
    annotations: [
      'everywhere=1',
      'index:on.index=2',
      'manifest:on.manifest=3',
      'manifest-descriptor:on.descriptor=4',
      'index-descriptor:on.own.descriptor=5',
      '"manifest,index:two.lines=a\nb"',
    ].join('\n'),
    target: 'stamped',
    'build-contexts': '',
  };
  /** The keys without those of the commit. */
  const keys = (annotations: Record<string, string> = {}) =>
    Object.keys(annotations).filter((key) => !key.startsWith('org.opencontainers.') && !key.startsWith('io.'));

  /** The image's own entry in the layout. */
  async function listed({ outputs }: BundleResult) {
    const { manifests } = JSON.parse(await readFile(join(String(outputs.layout), 'index.json'), 'utf8'));
    return manifests.find(({ digest }: { digest: string }) => digest === outputs.digest);
  }

  test('are on the levels they name, of an image of one platform too, which then has an index', async () => {
    const built = await build(await checkout(), LEVELS);
    const index = await blob(built, String(built.outputs.digest));
    expect(index.mediaType).toBe('application/vnd.oci.image.index.v1+json');
    expect(keys(index.annotations)).toEqual(['everywhere', 'on.index', 'two.lines']);
    expect(index.annotations['two.lines']).toBe('a\nb');
    expect(index.manifests.map((one: { annotations?: Record<string, string> }) => keys(one.annotations))).toEqual([
      ['on.descriptor'],
    ]);
    expect(keys((await blob(built, index.manifests[0].digest)).annotations)).toEqual([
      'everywhere',
      'on.manifest',
      'two.lines',
    ]);
    expect(keys((await listed(built)).annotations)).toEqual(['on.own.descriptor']);
  });

  test('are of one platform where they say so, and of no index where they name none', async () => {
    const platforms = 'linux/amd64';
    const built = await build(await checkout(), {
      ...LEVELS,
      platforms,
      annotations: 'manifest[linux/amd64]:mine=1\nall=2',
    });
    const { manifest } = await image(built);
    expect(keys(manifest.annotations)).toEqual(['all', 'mine']);
  });

  test('are joined into the index of separate builds', async () => {
    const job = await checkout();
    const { layout = '', digest = '' } = (await build(job, { ...LEVELS, annotations: '' })).outputs;
    const joined = await succeeded(
      job.run('join-layouts', {
        name: 'joined',
        layouts: layout,
        digests: digest,
        annotations: 'plain=1\nindex:on.index=2\nmanifest-descriptor:on.descriptor=3\nindex-descriptor:own=4',
      }),
    );
    const index = await blob(joined, String(joined.outputs.digest));
    expect(keys(index.annotations)).toEqual(['on.index', 'plain']);
    expect(keys(index.manifests[0].annotations)).toEqual(['on.descriptor']);
    expect(keys((await listed(joined)).annotations)).toEqual(['own']);
  });
});

describe('builds of one platform each, joined', () => {
  /** As the reusable workflow has it: a leg for each platform, with what `plan` gives it. */
  async function joinedLegs(job: Job, platforms: string, annotations: string) {
    const plan = await succeeded(
      job.run('plan', { image: 'ghcr.io/acme/app', signing: 'key', 'key-given': 'true', platforms, annotations }),
    );
    const legs: BundleResult[] = [];
    for (const leg of JSON.parse(String(plan.outputs.matrix)).include) {
      legs.push(await build(job, { ...CARRIED, platforms: leg.platform, annotations: leg.annotations }));
    }
    count += 1;
    return succeeded(
      job.run('join-layouts', {
        name: `joined-${count}`,
        layouts: legs.map(({ outputs }) => outputs.layout).join('\n'),
        digests: legs.map(({ outputs }) => outputs.digest).join('\n'),
        platforms: String(plan.outputs.platforms),
        annotations: String(plan.outputs['index-annotations']),
      }),
    );
  }
  const CARRIED = { target: 'carried', 'build-contexts': '', 'no-cache': 'false' };

  test.each([
    ['several platforms', 'linux/arm64, linux/amd64, linux/arm/v7', 'plain=1'],
    ['one platform', 'linux/amd64', 'plain=1'],
    ['one platform with an annotation of the index', 'linux/amd64', 'plain=1\nindex:on.index=2'],
  ])('are the very image that one build of them all gives: %s', async (_, platforms, annotations) => {
    const job = await checkout();
    const together = await build(job, { ...CARRIED, platforms, annotations });
    expect((await joinedLegs(job, platforms, annotations)).outputs.digest).toBe(together.outputs.digest);
  });
});

describe('times', () => {
  test.each([
    ['that of the commit, when nothing is said', {}, '2026-11-01T12:00:00Z'],
    ['what is said', { 'source-date-epoch': '1700000000' }, '2023-11-14T22:13:20Z'],
  ])('the image has %s', async (_, inputs, created) => {
    expect((await image(await build(await checkout(), inputs))).config.created).toBe(created);
  });

  test('the image has its own, where that is asked for', async () => {
    const { config } = await image(await build(await checkout(), { 'source-date-epoch': 'none' }));
    expect(Date.now() - Date.parse(config.created)).toBeLessThan(10 * 60_000);
  });

  test('files have it too where that is asked for: two builds are then one image', async () => {
    const job = await checkout();
    const stamped = { target: 'stamped', 'rewrite-timestamp': 'true' };
    const [one, other] = [await build(job, stamped), await build(job, stamped)];
    expect(other.outputs.digest).toBe(one.outputs.digest);
    const { digest } = (await build(job, { target: 'stamped' })).outputs;
    expect(digest).not.toBe(one.outputs.digest);
  });
});

describe('caches', () => {
  test('steps are taken from what BuildKit has, and made anew where that is asked for', async () => {
    const job = await checkout();
    await build(job);
    expect(cached(await build(job, { 'no-cache': 'false' }))).toBeGreaterThan(0);
    expect(cached(await build(job))).toBe(0);
  });

  test('are written and read where it is said', async () => {
    const job = await checkout();
    const place = join(job.temp, '..', 'cache');
    await build(job, { 'cache-to': `type=local,dest=${place},mode=max` });
    expect(await readdir(place)).toContain('index.json');
    const { log } = await build(job, { 'cache-from': `type=local,src=${place}`, 'no-cache': 'false' });
    expect(log.join('\n')).toMatch(/importing cache manifest from local/);
  });
});

describe('the engine', () => {
  test('is the builder that is named, whatever BUILDKIT_HOST says', async () => {
    const job = await checkout();
    const BUILDX_CONFIG = join(job.temp, '..', 'buildx');
    await exec(join(suite.tools, 'buildx'), ['create', '--name', 'mine', '--driver', 'remote', suite.buildkit], {
      env: { PATH: process.env.PATH, HOME: job.temp, BUILDX_CONFIG },
    });
    await build(job, { builder: 'mine' }, { BUILDX_CONFIG, BUILDKIT_HOST: 'unix:///nowhere/buildkitd.sock' });
    // What buildx notes of a builder of the user's is the user's.
    expect(await readdir(join(BUILDX_CONFIG, 'refs', 'mine'), { recursive: true })).toHaveLength(2);
  });

  test('leaves no notes of builds behind, done or failed, in what is kept between jobs', async () => {
    const job = await checkout();
    await build(job);
    await expect(build(job, { target: '' })).rejects.toThrow(/exit code: 9/);
    const config = join(job.toolCache, 'tidegate-buildx');
    const there = await readdir(config, { recursive: true, withFileTypes: true });
    const notes = there.filter(({ parentPath }) => parentPath.includes('/refs/'));
    expect(notes.length).toBeGreaterThan(0);
    expect(notes.filter((entry) => entry.isFile())).toEqual([]);
  });

  test('that is started here keeps its state where it is said, and lets a step have the network', async () => {
    const job = await checkout();
    const state = join(job.temp, '..', 'state');
    const own = { 'buildkit-state': state, network: 'host', 'no-cache': 'false' };
    const first = await build(job, own, { BUILDKIT_HOST: '' });
    expect(cached(first)).toBe(0);
    expect((await runPost(first))?.exitCode).toBe(0);
    const second = await build(job, own, { BUILDKIT_HOST: '' });
    expect((await runPost(second))?.exitCode).toBe(0);
    expect(cached(second)).toBeGreaterThan(0);
    await rm(state, { recursive: true, force: true });
  });
});

test('a context may be a folder of a git repository, fetched by BuildKit at a ref', async () => {
  const job = await checkout();
  await using server = await gitDaemon(join(job.temp, '..', 'git'), async (repository) => {
    await mkdir(join(repository, 'sub'));
    await writeFile(join(repository, 'sub', 'Containerfile'), 'FROM scratch\nCOPY hello.txt /\n');
    await writeFile(join(repository, 'sub', 'hello.txt'), 'hello');
  });
  const context = `${server.url}#v7:sub`;
  const usual = { target: '', 'build-contexts': '', file: 'Containerfile' };
  const built = await build(job, { context, ...usual });
  expect((await image(built)).manifest.layers).toHaveLength(1);
  await expect(build(job, { context: `${server.url}#v8:sub`, ...usual })).rejects.toThrow(/v8/);
});

/** A repository with the tag v7, over git's own protocol on loopback. */
async function gitDaemon(folder: string, fill: (repository: string) => Promise<void>) {
  const repository = join(folder, 'repository');
  await mkdir(repository, { recursive: true });
  await fill(repository);
  const git = (...argv: string[]) =>
    exec('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...argv], { cwd: repository });
  await git('init', '--quiet');
  await git('add', '.');
  await git('commit', '--quiet', '--message=One');
  await git('tag', 'v7');
  const port = await freePort();
  const argv = [
    'daemon',
    '--reuseaddr',
    '--export-all',
    '--listen=127.0.0.1',
    `--port=${port}`,
    `--base-path=${folder}`,
  ];
  // Its own group: git starts a program for the daemon and one for each client.
  const daemon = spawn('git', [...argv, folder], { stdio: 'ignore', detached: true });
  while (!(await isOpen(port))) {
    if (daemon.exitCode !== null) throw new Error(`git daemon ended with ${daemon.exitCode}`);
    await wait(20);
  }
  return {
    url: `git://127.0.0.1:${port}/repository`,
    [Symbol.asyncDispose]: async () => void process.kill(-Number(daemon.pid), 'SIGTERM'),
  };
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

test.each(['приложение-東京', 'Größe'])('a context folder may have any name: %s', async (name) => {
  const job = await newJob(suite, {
    files: {
      [`${name}/Dockerfile`]: 'FROM scratch\nCOPY файл /файл\n',
      [`${name}/файл`]: 'text',
      [`${name}/.dockerignore`]: 'x\n',
    },
  });
  jobs.push(job);
  const built = await succeeded(job.run('build-image', { context: name }));
  expect(built.outputs.digest).toMatch(/^sha256:/);
  expect(await readdir(job.temp, { recursive: true })).not.toContainEqual(expect.stringContaining('.build-'));
});
