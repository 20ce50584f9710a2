// biome-ignore-all lint/suspicious/noTemplateCurlyInString: of HCL
/** Bake and compose files, read by the real buildx: a matrix of calls of the reusable workflow. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import { composeBuilds } from '@tidegate/core';
import { type BundleResult, repositoryRoot } from '@tidegate/testkit';
import { expectOneClearError } from '../support/clear-error.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const recorded = join(repositoryRoot, 'packages/core/testdata/bake');
const jobs: Job[] = [];
afterAll(async () => {
  for (const job of jobs) await leave(job);
});

async function jobWith(files: Readonly<Record<string, string>>): Promise<Job> {
  const job = await newJob(suite, { files });
  jobs.push(job);
  return job;
}

const planOf = async (files: Readonly<Record<string, string>>, inputs: Readonly<Record<string, string>> = {}) => {
  const job = await jobWith(files);
  return job.run('plan', {
    image: 'ghcr.io/acme',
    'bake-files': Object.keys(files).join('\n'),
    tools: suite.tools,
    ...inputs,
  });
};
const matrixOf = ({ outputs }: BundleResult) => JSON.parse(outputs.matrix ?? '').include;
const refusal = expectOneClearError;

test.each([
  ['docker-bake.hcl', ['default', 'tool*', 'linked', 'files']],
  ['docker-bake.json', []],
  ['compose.yml', []],
])('the recorded definition of %s is what the pinned buildx prints', async (name, targets) => {
  const job = await jobWith({});
  const text = await readFile(join(recorded, name), 'utf8');
  const folder = join(job.temp, 'bake');
  await mkdir(folder);
  await writeFile(join(folder, name), name === 'compose.yml' ? await composeBuilds(text, name, ['VERSION']) : text);
  const { stdout } = await promisify(execFile)(
    join(suite.tools, 'buildx'),
    ['bake', '--print', '--progress', 'plain', '-f', name, '--var', 'VERSION=1.2.3', '--', ...targets],
    { cwd: folder, env: { HOME: folder, BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP: '1' } },
  );
  expect(JSON.parse(stdout)).toEqual(JSON.parse(await readFile(join(recorded, `${name}.printed.json`), 'utf8')));
});

describe('a matrix', () => {
  test('of HCL has the inputs of the workflow, and the summary lists the targets', async () => {
    const text = await readFile(join(recorded, 'docker-bake.hcl'), 'utf8');
    const inputs = { 'bake-vars': 'VERSION=1.2.3', 'bake-secrets': 'npm', targets: 'default,tool-a' };
    const result = await succeeded(planOf({ 'docker-bake.hcl': text }, inputs));
    expect(matrixOf(result).map(({ name, leg }: { name: string; leg: number }) => [leg, name])).toEqual([
      [0, 'api'],
      [1, 'tool-a'],
      [2, 'web'],
    ]);
    expect(matrixOf(result)[0]).toEqual({
      leg: 0,
      name: 'api',
      image: 'ghcr.io/acme/api',
      context: 'services/api',
      file: 'services/api.Dockerfile',
      target: 'final',
      platforms: 'linux/amd64\nlinux/arm64',
      'build-args': 'GO_VERSION=1.26\nTEMPLATE=${x} %{y}',
      'build-contexts': 'base=docker-image://alpine:3.22\nlib=lib',
      labels: '"org.example.team=blue ""sky"""',
      annotations: 'index,manifest:org.example.a=b=c',
      'cache-from': 'type=gha,scope=api',
      'cache-to': 'type=gha,mode=max,scope=api',
      'no-cache': false,
      'no-cache-filters': 'deps',
      pull: true,
      network: 'none',
      allow: 'security.insecure',
      'add-hosts': 'db:10.0.0.7',
      ulimit: 'nofile=1024:2048',
      'shm-size': '128m',
    });
    expect(result.outputs).toMatchObject({ any: 'true', targets: 'api\ntool-a\nweb', 'left-out': '', publish: 'true' });
    expect(result.summary).toMatch(/^## 3 images to build\n/);
    expect(result.log.join('\n')).toContain('Target api: its output registry is replaced');
  });

  test('of JSON and compose files, one overriding the other', async () => {
    const files = {
      'compose.yaml': 'services:\n  api: { build: { context: ./api, args: { A: "${A}" } }, image: ghcr.io/acme/one }\n',
      'docker-bake.json': '{"target":{"api":{"platforms":["linux/arm64"],"args":{"B":"b"}}}}',
    };
    const result = await succeeded(planOf(files, { image: '', 'bake-vars': 'A=a "b"' }));
    expect(matrixOf(result)).toMatchObject([
      {
        name: 'api',
        image: 'ghcr.io/acme/one',
        context: 'api',
        platforms: 'linux/arm64',
        'build-args': '"A=a ""b"""\nB=b',
      },
    ]);
  });

  test('of a file that an earlier step wrote below RUNNER_TEMP', async () => {
    const job = await jobWith({ 'docker-bake.hcl': 'target "default" {}\n' });
    const own = join(job.temp, 'bake.json');
    await writeFile(own, '{"target":{"default":{"args":{"A":"1"}}}}');
    const files = { 'bake-files': `docker-bake.hcl\ncwd://${own}`, tools: suite.tools, image: 'ghcr.io/acme' };
    expect(matrixOf(await succeeded(job.run('plan', files)))).toMatchObject([{ 'build-args': 'A=1' }]);
  });
});

describe('nothing of the machine reaches a bake file', () => {
  test('neither variables nor `.env`, unless an input names them', async () => {
    const files = {
      'docker-bake.hcl':
        'variable "GITHUB_SHA" { default = "none" }\nvariable "SECRET" { default = "none" }\nvariable "PATH" { default = "none" }\ntarget "default" { args = { A = GITHUB_SHA, B = SECRET, C = PATH } }\n',
    };
    const job = await jobWith({ ...files, '.env': 'SECRET=from-dot-env\n' });
    const result = await succeeded(
      job.run(
        'plan',
        { 'bake-files': 'docker-bake.hcl', tools: suite.tools, image: 'ghcr.io/acme' },
        { env: { SECRET: 's' } },
      ),
    );
    // buildx itself has a PATH.
    expect(matrixOf(result)[0]['build-args']).toBe('A=none\nB=none\nC=none');
  });

  test.each([
    ['compose.yml', 'include: [/etc/hostname]\nservices: {}', /include/],
    ['compose.yml', 'include: ["https://github.com/acme/evil.git"]\nservices: {}', /include/],
    ['compose.yml', 'services: { a: { extends: { file: /etc/passwd, service: b } } }', /extends\.file/],
    [
      'compose.yml',
      'services: { a: { image: a, build: { context: ., args: [TOKEN] }, env_file: /proc/self/environ } }',
      /an env_file, which are not read/,
    ],
    ['docker-bake.hcl', 'target "default" { args = { A = file("/etc/passwd") } }', /no function named "file"/i],
  ])('%s: %s', async (name, text, why) => {
    expect(refusal(await planOf({ [name]: text }))).toMatch(why);
  });
});

describe('a hostile bake file fails with one clear error', () => {
  const target = (body: string) => `target "default" {\n${body}\n}\n`;
  test.each([
    [
      'ten thousand targets',
      target('name = "t-${x}-${y}"\nmatrix = { x = range(0, 100), y = range(0, 100) }'),
      /did not finish within/,
    ],
    ['more targets than a matrix', target('name = "t-${x}"\nmatrix = { x = range(0, 300) }'), /300 targets.* 256 jobs/],
    [
      'groups in a cycle',
      'group "default" { targets = ["a"] }\ngroup "a" { targets = ["default"] }\n',
      /failed to find target/,
    ],
    ['a context outside of the workspace', target('context = "../../etc"'), /outside of the repository/],
    [
      'a context at an address',
      target('context = "https://github.com/acme/evil.git#main"'),
      /not a folder of this repository/,
    ],
    ['a context over ssh', target('context = "git@github.com:acme/evil.git"'), /SSH|not a folder/],
    ['a name with a line break', 'target "a\\nb" {}\n', /Invalid name/],
    ['a secret of the machine', target('secret = ["id=x,src=/etc/shadow"]'), /bake-secrets/],
    ['an SSH agent', target('ssh = ["default"]'), /Remove `ssh`/],
    ['a file as output', target('output = ["type=tar,dest=/tmp/evil.tar"]'), /type=tar/],
    ['HCL that is none', 'target {', /buildx cannot read the bake files/],
  ])('%s', async (_, text, why) => {
    const result = await planOf({ 'docker-bake.hcl': text });
    expect(refusal(result)).toMatch(why);
    expect(result.commands.filter(({ name }) => name === 'set-output')).toEqual([]);
  });

  test('markdown and commands in values have no effect', async () => {
    const evil = '</td><img src=x> `x` |a| [l](http://e) @team';
    const text = `target "default" {\n description = "::error::x"\n args = { A = "::set-output name=any::false\\n${evil}" }\n}\n`;
    const result = await succeeded(planOf({ 'docker-bake.hcl': text }));
    expect(result.outputs.any).toBe('true');
    expect(result.summary).not.toContain('<img');
    expect(matrixOf(result)[0]['build-args']).toBe(`"A=::set-output name=any::false\n${evil}"`);
  });

  test.each([
    ['bake-files', 'https://github.com/acme/evil.git'],
    ['bake-files', '-'],
    ['bake-files', '/etc/passwd'],
    ['bake-files', 'missing.hcl'],
    ['bake-files', 'Dockerfile'],
    ['targets', 'https://github.com/acme/evil.git'],
    ['targets', '--allow=fs=/'],
    ['bake-vars', 'NOT_THERE=1'],
    ['fail-on', 'low'],
    ['labels', 'a=b'],
  ])('the input %s: %s', async (name, value) => {
    const result = await planOf({ 'docker-bake.hcl': 'target "default" {}\n' }, { [name]: value });
    expect(refusal(result)).toMatch(name === 'bake-files' ? /bake.file/ : new RegExp(name));
  });

  test('a bake file that was changed after the checkout, or is a link', async () => {
    const files = { 'docker-bake.hcl': 'target "default" {}\n' };
    const inputs = { 'bake-files': 'docker-bake.hcl', tools: suite.tools, image: 'ghcr.io/acme' };
    const changed = await jobWith(files);
    await writeFile(join(changed.workspace, 'docker-bake.hcl'), 'target "evil" {}\n');
    expect(refusal(await changed.run('plan', inputs))).toContain('differs from commit');
    const linked = await jobWith(files);
    await symlink('/etc/passwd', join(linked.workspace, 'linked.hcl'));
    expect(refusal(await linked.run('plan', { ...inputs, 'bake-files': 'linked.hcl' }))).toContain('is not in commit');
  });
});

test('without bake-files, their inputs are an error, and so is a missing image', async () => {
  const job = await jobWith({});
  expect(refusal(await job.run('plan', { image: 'ghcr.io/acme/app', targets: 'api' }))).toContain('Input targets');
  expect(refusal(await job.run('plan'))).toContain('Input image');
});
