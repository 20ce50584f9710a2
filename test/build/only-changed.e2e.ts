/** `only-changed` of plan: which targets are left out, by the real git, buildx and BuildKit and a registry. */
import { execFileSync } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { copy, Registry } from '@tidegate/oci';
import { type BundleResult, type RegistryServer, startRegistry } from '@tidegate/testkit';
import { builtImage } from '../support/built-image.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
let registry: RegistryServer;
let job: Job;
let first: string;

const bake =
  'group "default" { targets = ["api", "web"] }\ntarget "api" { context = "services/api" }\ntarget "web" {\n context = "services/web"\n args = { LEVEL = notequal("", LEVEL) ? LEVEL : null }\n}\nvariable "LEVEL" { default = "" }\n';

beforeAll(async () => {
  registry = await startRegistry();
  await pushBase('one');
  job = await newJob(suite, {
    files: {
      'docker-bake.hcl': bake,
      // The base of a stage that leaves nothing else in the image.
      'services/api/Dockerfile': `FROM ${registry.host}/bases/os:1 AS tools\nFROM scratch\nCOPY --from=tools /one /tool\nCOPY file /file\n`,
      'services/api/file': 'one',
      'services/api/.dockerignore': 'docs\n',
      'services/api/docs/index.md': 'one',
      'services/web/Dockerfile': 'FROM scratch\nCOPY file /file\n',
      'services/web/file': 'one',
      'README.md': 'one',
    },
  });
  first = job.sha;
  for (const name of ['api', 'web']) await publish(name);
}, 300_000);
afterAll(async () => {
  await leave(job);
  await registry.close();
});

async function pushBase(version: string): Promise<void> {
  const { target } = await builtImage(suite, `FROM scratch\nCOPY busybox /${version}\n`);
  const store = new Registry({ registry: registry.host, repository: 'bases/os' });
  const { root } = target.image;
  await copy(target.layout, store, [root]);
  await store.moveTag(root, '1', { bytes: await target.layout.fetchBytes(root) });
  store.close();
}

async function publish(name: string, prefix = 'acme', inputs: Readonly<Record<string, string>> = {}): Promise<void> {
  await succeeded(
    job.run(
      'ship',
      {
        image: `${registry.host}/${prefix}/${name}`,
        name: `${prefix}-${name}`,
        context: `services/${name}`,
        preset: 'observe',
        'allow-empty-sbom': 'true',
        ...inputs,
      },
      { env: { GITHUB_SHA: head() } },
    ),
  );
}

function git(...argv: string[]): string {
  const who = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.org' };
  const env = {
    ...{ PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', ...who },
    ...{ GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.org' },
  };
  return execFileSync('git', argv, { cwd: job.workspace, env, encoding: 'utf8' }).trim();
}
const head = () => git('rev-parse', 'HEAD');

/** A commit on top of `from`, with files that it changes. */
async function commit(files: Readonly<Record<string, string>>, from = first): Promise<string> {
  git('checkout', '--quiet', '--detach', from);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(job.workspace, path)), { recursive: true });
    await writeFile(join(job.workspace, path), text);
  }
  git('add', '--force', '--', ...Object.keys(files));
  git('commit', '--quiet', '--message=Change');
  return head();
}

interface Event {
  readonly name?: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly inputs?: Readonly<Record<string, string>>;
}

async function plan({ name = 'push', payload = {}, env = {}, inputs = {} }: Event = {}): Promise<BundleResult> {
  const files = { image: `${registry.host}/acme`, 'bake-files': 'docker-bake.hcl', tools: suite.tools };
  const event = { repository: { default_branch: 'main', full_name: 'acme/app' }, ...payload };
  return succeeded(
    job.run(
      'plan',
      { ...files, 'only-changed': 'true', ...inputs },
      { event, eventName: name, env: { GITHUB_SHA: head(), ...env } },
    ),
  );
}
const built = ({ outputs }: BundleResult) => outputs.targets?.split('\n').filter(Boolean);

describe('a push to a branch that publishes', () => {
  test.each([
    ['services/web/file', ['web']],
    ['services/api/Dockerfile', ['api']],
    ['services/api/.dockerignore', ['api']],
    ['services/api/docs/index.md', []],
    ['README.md', []],
    ['.gitattributes', ['api', 'web']],
    ['services/web/.gitattributes', ['web']],
    ['docker-bake.hcl', ['api', 'web']],
    ['.github/workflows/ship.yml', ['api', 'web']],
  ])('%s builds %j', async (path, expected) => {
    const text = path.endsWith('hcl')
      ? `${bake}# changed\n`
      : path.endsWith('Dockerfile')
        ? `FROM ${registry.host}/bases/os:1\n`
        : 'two';
    await commit({ [path]: text });
    const result = await plan();
    expect(built(result)).toEqual(expected);
    expect(result.outputs.any).toBe(String(expected.length > 0));
    expect(JSON.parse(result.outputs.matrix ?? '').include).toHaveLength(expected.length);
    for (const target of expected)
      expect(result.log.join('\n')).toContain(`Target ${target}: built, because ${path} changed`);
    expect(result.summary).toContain(`## ${expected.length} image`);
  });

  test('says for a target that is left out since which image and commit nothing changed', async () => {
    await commit({ 'README.md': 'three' });
    const { summary, outputs } = await plan();
    expect(outputs['left-out']).toBe('api\nweb');
    expect(summary.replaceAll('\\', '')).toContain(
      `nothing changed since the published image (main, commit ${first.slice(0, 12)}), variables and base images included`,
    );
  });

  test('builds again what an earlier run did not publish', async () => {
    const failed = await commit({ 'services/web/file': 'two' });
    await commit({ 'README.md': 'two' }, failed);
    expect(built(await plan({ payload: { before: failed } }))).toEqual(['web']);
  });

  test('builds a target whose image is of a commit outside of this history', async () => {
    git('checkout', '--quiet', '--orphan', `other-${Date.now()}`);
    git('commit', '--quiet', '--message=Other');
    const result = await plan();
    expect(built(result)).toEqual(['api', 'web']);
    expect(result.log.join('\n')).toContain('is of a commit outside of this history');
  });

  test('builds a target whose variable has another value than the published image was built with', async () => {
    await commit({ 'README.md': 'variables' });
    await publish('api', 'variables');
    await publish('web', 'variables', { 'build-args': 'LEVEL=1' });
    const image = `${registry.host}/variables`;
    expect(built(await plan({ inputs: { image, 'bake-vars': 'LEVEL=1' } }))).toEqual([]);
    for (const [vars, which] of [
      ['LEVEL=2', ' (LEVEL)'],
      ['', ''],
    ]) {
      const result = await plan({ inputs: { image, 'bake-vars': vars ?? '' } });
      expect(built(result)).toEqual(['web']);
      const why = `Target web: built, because its args${which} differ from the published image (main)`;
      expect(result.log.join('\n')).toContain(why);
    }
  });

  test('builds what is not published yet', async () => {
    await commit({ 'README.md': 'elsewhere' });
    expect(built(await plan({ inputs: { image: `${registry.host}/elsewhere` } }))).toEqual(['api', 'web']);
  });
});

describe('other events', () => {
  test('a pull request builds what changed since its base', async () => {
    const main = await commit({ 'services/api/file': 'main' });
    await commit({ 'services/web/file': 'pull' });
    const payload = {
      pull_request: { number: 7, head: { repo: { full_name: 'acme/app' } }, base: { ref: 'main', sha: main } },
    };
    const pull = { name: 'pull_request', payload, env: { GITHUB_REF: 'refs/pull/7/merge' } };
    const before = registry.requests.length;
    expect(built(await plan(pull))).toEqual(['web']);
    expect(registry.requests.length).toBe(before);
    const unknown = { pull_request: { ...payload.pull_request, base: { ref: 'main', sha: '1'.repeat(40) } } };
    const result = await plan({ ...pull, payload: unknown });
    expect(built(result)).toEqual(['api', 'web']);
    expect(result.log.join('\n')).toContain('is not in the checkout (fetch-depth: 0 fetches everything)');
  });

  test('a push to another branch builds what changed in that push', async () => {
    const feature = { env: { GITHUB_REF: 'refs/heads/feature', GITHUB_REF_NAME: 'feature' } };
    await commit({ 'services/web/file': 'feature' });
    expect(built(await plan({ ...feature, payload: { before: first } }))).toEqual(['web']);
    for (const payload of [{ before: '0'.repeat(40) }, {}, { before: first, forced: true }]) {
      expect(built(await plan({ ...feature, payload }))).toEqual(['api', 'web']);
    }
  });

  test.each([
    ['schedule', {}, 'the event schedule builds every target'],
    ['workflow_dispatch', {}, 'the event workflow_dispatch builds every target'],
    [
      'push',
      { GITHUB_REF: 'refs/tags/v1.2.3', GITHUB_REF_NAME: 'v1.2.3', GITHUB_REF_TYPE: 'tag' },
      'a git tag builds every target',
    ],
  ])('%s %j builds everything', async (name, env, why) => {
    await commit({ 'README.md': 'event' });
    const result = await plan({ name, env });
    expect(built(result)).toEqual(['api', 'web']);
    expect(result.log.join('\n')).toContain(why);
  });

  test('only-changed: false builds everything', async () => {
    await commit({ 'README.md': 'off' });
    expect(built(await plan({ inputs: { 'only-changed': 'false' } }))).toEqual(['api', 'web']);
  });
});

test('a context that is a symbolic link is built', async () => {
  git('checkout', '--quiet', '--detach', first);
  await rm(join(job.workspace, 'linked'), { force: true });
  await symlink('services/web', join(job.workspace, 'linked'));
  await writeFile(join(job.workspace, 'docker-bake.hcl'), `target "default" { context = "linked" }\n`);
  git('add', '--', 'linked', 'docker-bake.hcl');
  git('commit', '--quiet', '--message=Link');
  const linked = head();
  await commit({ 'README.md': 'link' }, linked);
  const payload = {
    pull_request: { number: 7, head: { repo: { full_name: 'acme/app' } }, base: { ref: 'main', sha: linked } },
  };
  const result = await plan({ name: 'pull_request', payload, env: { GITHUB_REF: 'refs/pull/7/merge' } });
  expect(built(result)).toEqual(['default']);
  expect(result.log.join('\n')).toContain('linked is a symbolic link');
});

// The last one: it moves the base of the images above.
test('a push builds a target whose base image moved', async () => {
  await commit({ 'README.md': 'base' });
  expect(built(await plan())).toEqual([]);
  await pushBase('two');
  const result = await plan();
  expect(built(result)).toEqual(['api']);
  expect(result.log.join('\n')).toContain(`the base image ${registry.host}/bases/os:1 has moved`);
});
