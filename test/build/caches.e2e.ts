/** Caches and base images that need credentials: real BuildKit, and what reaches which program. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type ActionsCache,
  type BundleResult,
  type CacheScope,
  runPost,
  startActionsCache,
  startRegistry,
} from '@tidegate/testkit';
import { BUSYBOX } from '../support/built-image.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { recordedTools } from '../support/recorded-tools.ts';
import { repositoryView } from '../support/registry-view.ts';
import { type S3, startS3 } from '../support/s3-recorder.ts';
import { secretsBelow, secretsIn } from '../support/secret-search.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const exec = promisify(execFile);

const DOCKERFILE = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox env; echo made once > /made"]
`;

const jobs: Job[] = [];
afterAll(() => Promise.all(jobs.map(leave)));

async function checkout(dockerfile = DOCKERFILE): Promise<Job> {
  const job = await newJob(suite, { files: { Dockerfile: dockerfile } });
  jobs.push(job);
  await copyFile(BUSYBOX, join(job.workspace, 'busybox'));
  return job;
}

/** On a BuildKit of its own, which knows nothing of an earlier build. */
async function buildFresh(inputs: Record<string, string>, env: Record<string, string>, job?: Job) {
  const used = job ?? (await checkout());
  const result = await used.run('build-image', inputs, { env: { BUILDKIT_HOST: '', ...env } });
  const post = await runPost(result);
  for (const step of [result, post]) {
    expect({ exitCode: step?.exitCode, log: step?.exitCode ? step.log : [] }).toEqual({ exitCode: 0, log: [] });
  }
  return { result, job: used };
}

const cached = ({ log }: BundleResult) => log.filter((line) => /^#\d+ CACHED/.test(line)).length;

const MAIN: readonly CacheScope[] = [{ Scope: 'refs/heads/main', Permission: 3 }];
const PULL: readonly CacheScope[] = [
  { Scope: 'refs/pull/7/merge', Permission: 3 },
  { Scope: 'refs/heads/main', Permission: 1 },
];
const PULL_REQUEST = { GITHUB_REF: 'refs/pull/7/merge', GITHUB_REF_NAME: '7/merge', GITHUB_EVENT_NAME: 'pull_request' };

describe("GitHub's cache", () => {
  let service: ActionsCache;
  const variables = (scopes: readonly CacheScope[]) => ({
    ACTIONS_RUNTIME_TOKEN: service.token(scopes),
    ACTIONS_RESULTS_URL: service.url,
    ACTIONS_CACHE_SERVICE_V2: 'True',
  });
  beforeAll(async () => {
    service = await startActionsCache();
  });
  afterAll(async () => service[Symbol.asyncDispose]());

  test('is written by one build and read by the next on another BuildKit, and its token reaches that one buildx', async () => {
    const recorder = await recordedTools(suite);
    const to = { 'cache-to': 'type=gha,mode=max', tools: recorder.tools };
    const env = variables(MAIN);
    const first = await buildFresh(to, { PATH: `${recorder.path}:${process.env.PATH}`, ...env });
    expect(cached(first.result)).toBe(0);
    expect(new Set(service.entries().map(({ scope }) => scope))).toEqual(new Set(['refs/heads/main']));

    const started = await recorder.started();
    const holds = started.filter((one) => Object.keys(one.env).some((name) => name.startsWith('ACTIONS_')));
    expect(holds.map(({ program, argv }) => [program, argv[0]])).toEqual([['buildx', 'build']]);
    expect(new Set(started.map(({ program }) => program))).toContain('buildkitd');
    const secrets = { token: env.ACTIONS_RUNTIME_TOKEN };
    expect(started.flatMap(({ argv }) => secretsIn(argv.join('\0'), secrets))).toEqual([]);
    expect(secretsIn(first.result.raw, secrets)).toEqual([]);
    expect(await secretsBelow(first.job.temp, secrets)).toEqual([]);
    expect(first.result.log.join('\n')).not.toMatch(/ACTIONS_/);

    const second = await buildFresh({ 'cache-from': 'type=gha' }, env);
    expect(cached(second.result)).toBeGreaterThan(0);
    expect(second.result.outputs.digest).toBe(first.result.outputs.digest);
  });

  test('is read by a pull request, which writes where only it reads', async () => {
    const before = service.entries().length;
    const caches = { 'cache-from': 'type=gha', 'cache-to': 'type=gha,mode=max' };
    const { result } = await buildFresh(caches, { ...variables(PULL), ...PULL_REQUEST });
    expect(cached(result)).toBeGreaterThan(0);
    const written = service.entries().slice(before);
    expect(new Set(written.map(({ scope }) => scope))).toEqual(new Set(['refs/pull/7/merge']));
  });

  test('is not written by an event that runs for a pull request on the default branch', async () => {
    const before = service.entries().length;
    const env = { ...variables(MAIN), GITHUB_EVENT_NAME: 'workflow_run' };
    const { result } = await buildFresh({ 'cache-from': 'type=gha', 'cache-to': 'type=gha,mode=max' }, env);
    expect(cached(result)).toBeGreaterThan(0);
    expect(service.entries()).toHaveLength(before);
    expect(result.annotations.map(({ message }) => message).join()).toMatch(/type=gha is not written in this run/);
  });

  test('is one input: written by a run that publishes, read by a pull request, and the summary says what it gave', async () => {
    const dockerfile = `${DOCKERFILE}RUN ["/bin/busybox", "sh", "-c", "echo one input > /more"]\n`;
    const first = await buildFresh({ cache: 'gha' }, variables(MAIN), await checkout(dockerfile));
    // Tests above may have cached the first steps, never the last one.
    expect(first.result.summary).toMatch(/Build: cached [012] of 3 steps\./);
    const before = service.entries().length;
    const env = { ...variables(PULL), ...PULL_REQUEST };
    const { result } = await buildFresh({ cache: 'gha' }, env, await checkout(dockerfile));
    // BuildKit calls a step whose layer it has to unpack done, not cached.
    expect(result.summary).toMatch(/Build: cached [1-3] of 3 steps\./);
    expect(service.entries()).toHaveLength(before);
  });

  test('has no effect without the variables of the runner, which is an error before anything is built', async () => {
    const job = await checkout();
    const result = await job.run('build-image', { 'cache-from': 'type=gha' });
    expect(result.annotations.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Input cache-from: type=gha has no effect here, because ACTIONS_RUNTIME_TOKEN is not set/),
    ]);
    expect(result.log.join('\n')).not.toMatch(/BuildKit/);
  });
});

describe('a cache in S3', () => {
  let s3: S3;
  const AWS = {
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret access key/with+signs',
    AWS_SESSION_TOKEN: 'session token/with+signs',
    AWS_REGION: 'eu-central-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  beforeAll(async () => {
    s3 = await startS3();
  });
  afterAll(async () => s3[Symbol.asyncDispose]());

  test("is reached with the job's credentials, which no other program has, and read by the next build", async () => {
    const recorder = await recordedTools(suite);
    const cache = `type=s3,bucket=caches,use_path_style=true,endpoint_url=${s3.url}`;
    const env = { PATH: `${recorder.path}:${process.env.PATH}`, ...AWS };
    const first = await buildFresh({ 'cache-to': `${cache},mode=max`, tools: recorder.tools }, env);
    expect(cached(first.result)).toBe(0);
    const puts = s3.requests.filter(({ method }) => method === 'PUT');
    expect(puts.map(({ path }) => path)).toContainEqual(expect.stringMatching(/^\/caches\/manifests\/.+-default$/));
    for (const { authorization, sessionToken } of s3.requests) {
      expect(authorization).toMatch(/Credential=AKIAEXAMPLE\/\d+\/eu-central-1\/s3\//);
      expect(sessionToken).toBe(AWS.AWS_SESSION_TOKEN);
    }
    const started = await recorder.started();
    const holds = started.filter((one) => Object.keys(one.env).some((name) => name.startsWith('AWS_')));
    expect(holds.map(({ program, argv }) => [program, argv[0]])).toEqual([['buildx', 'build']]);
    const secrets = { key: AWS.AWS_SECRET_ACCESS_KEY, session: AWS.AWS_SESSION_TOKEN };
    expect(started.flatMap(({ argv }) => secretsIn(argv.join('\0'), secrets))).toEqual([]);
    expect(await secretsBelow(first.job.temp, secrets)).toEqual([]);
    expect(first.result.log.join('\n')).not.toMatch(/AWS_/);

    const second = await buildFresh({ 'cache-from': cache }, AWS);
    expect(cached(second.result)).toBeGreaterThan(0);
  });

  test('is not written by a pull request', async () => {
    const before = s3.requests.length;
    const cache = `type=s3,bucket=caches,use_path_style=true,endpoint_url=${s3.url},mode=max`;
    await buildFresh({ 'cache-to': cache }, { ...AWS, ...PULL_REQUEST });
    expect(s3.requests).toHaveLength(before);
  });
});

describe('a cache in a registry', () => {
  const host = suite.registries.olareg;
  const cache = `type=registry,ref=${host}/caches/app:main`;
  const repository = repositoryView(host, 'caches/app');

  test('is written by a push, and read and not written by a pull request', async () => {
    await buildFresh({ 'cache-to': `${cache},mode=max` }, {});
    const written = await repository.digest('main');
    expect(written).toBeDefined();
    const other = await checkout(`${DOCKERFILE}RUN ["/bin/busybox", "sh", "-c", "echo of a stranger > /more"]\n`);
    const caches = { 'cache-from': cache, 'cache-to': `${cache},mode=max` };
    const { result } = await buildFresh(caches, PULL_REQUEST, other);
    expect(cached(result)).toBeGreaterThan(0);
    expect(result.annotations.map(({ message }) => message).join()).toMatch(/type=registry is not written in this run/);
    expect(await repository.digest('main')).toBe(written);
  });
});

describe('the input cache', () => {
  const host = suite.registries.olareg;

  test('registry keeps one image manifest in a tag of its own, which a pull request reads and does not write', async () => {
    const repository = repositoryView(host, 'caches/one-input');
    const inputs = { cache: 'registry', 'cache-image': `${host}/caches/one-input` };
    await buildFresh(inputs, {});
    const written = await repository.digest('buildcache');
    expect(written).toBeDefined();
    expect((await repository.manifest('buildcache')).config?.mediaType).toBe('application/vnd.buildkit.cacheconfig.v0');
    const other = await checkout(`${DOCKERFILE}RUN ["/bin/busybox", "sh", "-c", "echo of a stranger > /more"]\n`);
    const { result } = await buildFresh(inputs, PULL_REQUEST, other);
    expect(result.summary).toMatch(/Build: cached [12] of 3 steps\./);
    expect(await repository.digest('buildcache')).toBe(written);
  });

  test('registry is never in a repository of the image, where a registry user could choose the layers of a release', async () => {
    const image = `${host}/caches/poisoned`;
    const steps = { action: 'build-image', named: { destination: `ghcr.io/acme/app\n${image}` } } as const;
    for (const { action, named } of [steps, { action: 'ship', named: { image } } as const]) {
      const job = await checkout();
      const result = await job.run(action, { ...named, cache: 'registry', 'cache-image': image });
      expect(result.exitCode).toBe(1);
      expect(result.annotations.map(({ message }) => message)).toContainEqual(
        expect.stringMatching(/^Input cache-image: .*everybody who may push images there could choose the layers/),
      );
      expect(result.log.join('\n')).not.toMatch(/BuildKit/);
    }
  });
});

describe('a base image behind a login', () => {
  const LOGIN = { username: 'ada', password: 'base password/with+signs=&%48' };
  const secrets = { password: LOGIN.password, pair: `${LOGIN.username}:${LOGIN.password}` };
  let registry: Awaited<ReturnType<typeof startRegistry>>;
  beforeAll(async () => {
    registry = await startRegistry({ auth: { kind: 'token', ...LOGIN } });
    const { result } = await buildFresh({}, {});
    const to = ['--to-plain-http', '--to-username', LOGIN.username, '--to-password', LOGIN.password];
    const from = `${result.outputs.layout}@${result.outputs.digest}`;
    await exec(suite.clients.oras, ['cp', '--from-oci-layout', from, ...to, `${registry.host}/base/app:1`]);
  });
  afterAll(() => registry.close());

  const onBase = () => checkout(`FROM ${registry.host}/base/app:1\nRUN ["/bin/busybox", "env"]\n`);

  test('is pulled with registry-auths, and the login is nowhere but in the environment of that buildx', async () => {
    const recorder = await recordedTools(suite);
    const inputs = {
      'registry-auths': `${registry.host}, ${LOGIN.username}, "${LOGIN.password}"`,
      tools: recorder.tools,
    };
    const env = { PATH: `${recorder.path}:${process.env.PATH}` };
    const { result, job } = await buildFresh(inputs, env, await onBase());
    const started = await recorder.started();
    const holds = started.filter((one) => 'DOCKER_AUTH_CONFIG' in one.env);
    expect(holds.map(({ program, argv }) => [program, argv[0]])).toEqual([['buildx', 'build']]);
    expect(started.flatMap(({ argv }) => secretsIn(argv.join('\0'), secrets))).toEqual([]);
    expect(secretsIn(result.raw, secrets)).toEqual([]);
    for (const folder of [job.temp, job.toolCache]) expect(await secretsBelow(folder, secrets)).toEqual([]);
    expect(result.log.join('\n')).not.toMatch(/DOCKER_AUTH_CONFIG/);
  });

  test.each([
    ["docker's configuration", 'DOCKER_CONFIG'],
    ["docker's configuration below HOME", 'HOME'],
  ])('is pulled with %s', async (_, variable) => {
    const job = await onBase();
    const home = join(job.temp, '..', 'home');
    const folder = variable === 'HOME' ? join(home, '.docker') : home;
    await mkdir(folder, { recursive: true });
    const auth = Buffer.from(secrets.pair).toString('base64');
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
    await buildFresh({}, { [variable]: home }, job);
  });

  test('is not pulled without a login, or with that of another host', async () => {
    for (const inputs of [{}, { 'registry-auths': `127.0.0.1:1,${LOGIN.username},"${LOGIN.password}"` }]) {
      const job = await onBase();
      const result = await job.run('build-image', inputs);
      expect(result.exitCode).toBe(1);
      expect(result.annotations.map(({ message }) => message).join()).toMatch(/401|unauthorized|authoriz/i);
    }
  });

  test("is pulled by the root action with the login for the image's own host", async () => {
    const job = await onBase();
    await succeeded(
      job.run('ship', {
        image: `${registry.host}/team/app`,
        lint: 'off',
        'registry-username': LOGIN.username,
        'registry-password': LOGIN.password,
      }),
    );
    expect([...registry.tags('team/app').keys()]).toContain('main');
  });
});
