import { createPrivateKey } from 'node:crypto';
import { copyFile, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BundleResult, type RegistryServer, runPost, startRegistry } from '@tidegate/testkit';
import { NETWORK_PLUGINS } from '@tidegate/tools';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { recordedTools, type Started } from '../support/recorded-tools.ts';
import { formsOf, type Secret, type Secrets, secretsBelow, secretsIn, secretsOfKey } from '../support/secret-search.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const PASSWORD = 'a pass/phrase+with&signs%20';

/** As text, and the number that is the key, whatever file format it is written in. */
async function encryptedKey(): Promise<{ pem: string; lines: Secrets }> {
  const key = createPrivateKey(await readFile(suite.key.private, 'utf8'));
  const pem = key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: PASSWORD }).toString();
  const body = pem.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
  return { pem, lines: { "signing key's encrypted body": body[1] ?? '', ...secretsOfKey(key, 'signing key') } };
}

describe('of a run with secrets of every kind, and a Dockerfile that prints its own', () => {
  const given = {
    'registry password': 'registry pass/word+with=signs&%41',
    'build secret': 'build secret/with+signs=&%42 and "quotes"',
    'second line of a build secret': 'c2VjcmV0LXRva2VuLXZhbHVlLTEyMw==',
    'third line of a build secret': 'third line/with+signs=&%4c',
    'password of a base registry': 'base registry/with+signs=&%4d',
    'credential of a cloud': 'cloud credential/with+signs=&%4e',
    'build secret from the environment': 'environment secret/with+signs=&%43',
    'build secret from a file': 'file secret/with+signs=&%44',
    'GitHub token': 'github token/with+signs=&%45',
    'token of the runner': 'runtime token/with+signs=&%46',
    'secret of another step': 'another secret/with+signs=&%47',
  };
  let secrets: Secrets;
  let job: Job;
  let registry: RegistryServer;
  let storage: string;
  let result: BundleResult;
  let post: BundleResult | undefined;
  let started: readonly Started[];

  beforeAll(async () => {
    const { pem, lines } = await encryptedKey();
    secrets = { ...given, ...lines, 'password of the signing key': PASSWORD };
    job = await newJob(suite);
    storage = join(job.temp, '..', 'registry');
    const login = { username: 'octocat', password: given['registry password'] };
    registry = await startRegistry({ dir: storage, auth: { kind: 'token', ...login } });
    const secretFile = join(job.temp, '..', 'a-secret');
    await writeFile(secretFile, given['build secret from a file']);
    const recorder = await recordedTools(suite);
    result = await job.run(
      'ship',
      {
        image: `${registry.host}/secrets/app`,
        tools: recorder.tools,
        target: 'leaky',
        'no-cache': 'true',
        secrets: [
          `token=${given['build secret']}`,
          `"netrc=machine x`,
          given['second line of a build secret'],
          `${given['third line of a build secret']}"`,
        ].join('\n'),
        'registry-auths': `registry.example.org,ada,"${given['password of a base registry']}"`,
        'secret-envs': 'from-env=MY_BUILD_SECRET',
        'secret-files': `from-file=${secretFile}`,
        key: pem,
        'key-password': PASSWORD,
        'registry-username': 'octocat',
        'registry-password': login.password,
      },
      {
        token: given['GitHub token'],
        env: {
          PATH: `${recorder.path}:${process.env.PATH}`,
          // Its own BuildKit, so that the daemon is one of the programs that are looked at.
          BUILDKIT_HOST: '',
          RUNNER_DEBUG: '1',
          MY_BUILD_SECRET: given['build secret from the environment'],
          GITHUB_TOKEN: given['GitHub token'],
          ACTIONS_RUNTIME_TOKEN: given['token of the runner'],
          ACTIONS_ID_TOKEN_REQUEST_TOKEN: given['token of the runner'],
          AWS_SECRET_ACCESS_KEY: given['credential of a cloud'],
          DEPLOY_PASSWORD: given['secret of another step'],
        },
      },
    );
    post = await runPost(result);
    started = await recorder.started();
  });
  afterAll(async () => {
    await registry.close();
    await leave(job);
  });

  test('the run was one: it built, signed and pushed', () => {
    expect({ exitCode: result.exitCode, log: result.exitCode ? result.log : [] }).toEqual({ exitCode: 0, log: [] });
    expect(registry.tags('secrets/app').get('main')).toBe(result.outputs.digest);
    expect(post?.exitCode).toBe(0);
    expect(new Set(started.map(({ program }) => program))).toEqual(
      new Set(['buildkitd', ...NETWORK_PLUGINS, 'buildx', 'syft', 'grype', 'git']),
    );
  });

  test('the log shows that something was printed, and nothing of what', () => {
    expect(result.raw).toMatch(/plain: \*\*\*/);
    expect(secretsIn(result.raw, secrets)).toEqual([]);
    expect(secretsIn(post?.raw ?? '', secrets)).toEqual([]);
  });

  test('nothing is in the summary, the outputs or what is kept for the post step', () => {
    for (const text of [result.summary, JSON.stringify(result.outputs), JSON.stringify(result.state)]) {
      expect(text.length).toBeGreaterThan(2);
      expect(secretsIn(text, secrets)).toEqual([]);
    }
  });

  test('nothing is in the layout, or anywhere else in RUNNER_TEMP and the tool cache', async () => {
    expect(await readdir(join(job.temp, 'tidegate/image/layout/blobs/sha256'))).not.toEqual([]);
    expect(await secretsBelow(job.temp, secrets)).toEqual([]);
    expect(await secretsBelow(job.toolCache, secrets)).toEqual([]);
  });

  test('nothing is in the registry, neither in its blobs nor in its manifests', async () => {
    const manifests = await readdir(join(job.temp, 'tidegate/image/layout/blobs/sha256'));
    const pushed = manifests.flatMap((hex) => registry.manifest('secrets/app', `sha256:${hex}`) ?? []);
    expect(pushed.length).toBeGreaterThan(5);
    for (const { bytes } of pushed) expect(secretsIn(bytes, secrets)).toEqual([]);
    expect(await secretsBelow(storage, secrets)).toEqual([]);
  });

  test('nothing is in an argument of any program', () => {
    for (const { program, argv } of started)
      expect([program, secretsIn(argv.join('\0'), secrets)]).toEqual([program, []]);
  });

  test('a build secret and a login are in the environment of that one build, and no other secret in any', () => {
    const {
      'build secret': a = '',
      'build secret from the environment': b = '',
      'second line of a build secret': c = '',
      'third line of a build secret': d = '',
      'password of a base registry': e = '',
      ...others
    } = secrets;
    for (const { program, argv, env } of started) {
      const isBuild = program === 'buildx' && argv[0] === 'build';
      const own = Object.entries(env).filter(([name]) => !/^(TIDEGATE_SECRET_\d+|DOCKER_AUTH_CONFIG)$/.test(name));
      const rest = isBuild ? Object.fromEntries(own) : env;
      // The login that pushes the image also pulls a base image from its host, so the build has it as well.
      const found = secretsIn(JSON.stringify(Object.entries(rest)), others);
      const builds = secretsIn(Object.values(rest).join('\0'), { a, b, c, d, e });
      expect({ program, argv, found, builds }).toEqual({ program, argv, found: [], builds: [] });
    }
  });

  test('no program is given inputs, or what belongs to the runner', () => {
    const isTheRunners = (name: string) => /^(INPUT_|STATE_|ACTIONS_|GITHUB_|RUNNER_)/.test(name);
    for (const { program, env } of started) {
      expect([program, Object.keys(env).filter(isTheRunners)]).toEqual([program, []]);
    }
  });

  test('the search finds each secret in each form where it is', () => {
    for (const [name, secret] of Object.entries(secrets)) {
      const amid = (form: Secret) =>
        Buffer.concat([Buffer.from('us:'), Buffer.from(form as Uint8Array), Buffer.from('x')]);
      for (const form of formsOf(secret).values()) expect(secretsIn(amid(form), { [name]: secret })).not.toEqual([]);
      for (const shift of [0, 1, 2]) {
        const encoded = amid(secret).subarray(shift).toString('base64');
        expect(secretsIn(encoded, { [name]: secret })).not.toEqual([]);
      }
    }
  });
});

/** Characters that a shell, buildx's own CSV, or a careless join would split. */
const HOSTILE = [
  '$(touch pwned)',
  '`touch pwned`',
  '; touch pwned',
  '&& touch pwned',
  '| touch pwned',
  '> pwned',
  "'; touch pwned; '",
  '"; touch pwned; "',
  '\\"; touch pwned #',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a shell would expand.
  '${IFS}touch${IFS}pwned',
  '--output=type=local,dest=pwned',
  '-o pwned',
  'a,b,type=local,dest=pwned',
  'a=b=c',
  '*',
  '~',
  '%s%n%x',
  '::set-output name=x::y',
  '##[error]z',
  'ünïcödé 🌊',
];

const FOLDERS = ['$(touch pwned)', '`touch pwned`;x', '--help', 'a, "b" c'];

describe('text from outside reaches a program unchanged, without a shell', () => {
  let job: Job;
  beforeAll(async () => {
    const dockerfile = await readFile(join(suite.apps.sound, 'Dockerfile'), 'utf8');
    const files = Object.fromEntries(FOLDERS.map((name) => [join(name, `${name}.Dockerfile`), dockerfile]));
    job = await newJob(suite, { files });
  });
  afterAll(() => leave(job));

  async function build(inputs: Record<string, string>, env: Record<string, string> = {}) {
    const { tools, started } = await recordedTools(suite);
    const image = `hostile-${Math.random().toString(36).slice(2, 8)}`;
    const result = await succeeded(job.run('build-image', { tools, name: image, ...inputs }, { env }));
    const argv =
      (await started()).find(({ program, argv: [verb] }) => program === 'buildx' && verb === 'build')?.argv ?? [];
    for (const folder of [job.temp, job.workspace]) {
      expect((await readdir(folder, { recursive: true })).filter((path) => path.endsWith('pwned'))).toEqual([]);
    }
    return { result, argv, after: (flag: string) => argv.filter((_, at) => argv[at - 1] === flag) };
  }

  test('labels and build arguments', async () => {
    const lines = (kind: string) => HOSTILE.map((text, at) => `${kind}${at}=${text}`);
    const { result, after } = await build({
      labels: lines('org.example.l').join('\n'),
      'build-args': lines('A').join('\n'),
    });
    expect(after('--label')).toEqual(expect.arrayContaining(lines('org.example.l')));
    // The builder is a shared one: our own argument keeps its cache mounts apart.
    const ours = expect.stringMatching(/^BUILDKIT_CACHE_MOUNT_NS=[a-z0-9-]+$/);
    expect(after('--build-arg')).toEqual([...lines('A'), ours]);

    const { layout = '', digest = '' } = result.outputs;
    const blob = async (of: string) => JSON.parse(await readFile(join(layout, 'blobs/sha256', of.slice(7)), 'utf8'));
    const { config } = await blob((await blob(digest)).config.digest);
    expect(HOSTILE.map((_, at) => config.Labels[`org.example.l${at}`])).toEqual(HOSTILE);
  });

  test.each(FOLDERS)('the folder and Dockerfile %j', async (name) => {
    const context = join(job.workspace, name);
    await copyFile(join(job.workspace, 'app-linux-amd64'), join(context, 'app-linux-amd64'));
    const { argv, after } = await build({ context: name, file: join(name, `${name}.Dockerfile`) });
    expect(argv.at(-1)).toBe(context);
    expect(after('--file')).toEqual([join(context, `${name}.Dockerfile`)]);
    await rename(context, `${context}-done`);
  });

  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a shell would expand.
  test.each(['$(touch${IFS}pwned)', '`id`;id|id&&id', 'a\'b"c', '-rf'])('the branch %j', async (branch) => {
    const { result, after } = await build({}, { GITHUB_REF: `refs/heads/${branch}`, GITHUB_REF_NAME: branch });
    const [version] = after('--label').filter((label) => label.startsWith('org.opencontainers.image.version='));
    expect(version).toMatch(/^org\.opencontainers\.image\.version=[A-Za-z0-9_][A-Za-z0-9._-]*$/);
    const { layout = '' } = result.outputs;
    expect(await readdir(layout)).toContain('index.json');
  });
});
