/** The .gitlab-ci.yml of the guide, run by gitlab-ci-local, and signed with a token of an issuer like GitLab's. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ensureDebianPackages, node24, npmTool, repositoryRoot, type Sigstore, startSigstore } from '@tidegate/testkit';
import { codeBlocks } from '../../packages/tooling/src/site/blocks.ts';
import { type Job, leave, newJob } from '../support/job.ts';
import { repositoryView } from '../support/registry-view.ts';
import { theSuite } from '../support/suite.ts';
import { cloneOf, type Laptop, npxFolder } from './terminal.ts';

const exec = promisify(execFile);
const suite = await theSuite();
const host = suite.registries.olareg;
const IDENTITY = 'https://gitlab.com/acme/app//.gitlab-ci.yml@refs/heads/main';

let sigstore: Sigstore;
let job: Job;
let laptop: Laptop;
let printed: string;

beforeAll(async () => {
  await ensureDebianPackages(['rsync']);
  sigstore = await startSigstore();
  const guide = codeBlocks(await readFile(join(repositoryRoot, 'docs/guides/command-line.md'), 'utf8'));
  const pipeline = guide.find(({ text }) => text.includes('# .gitlab-ci.yml'))?.text ?? '';
  job = await newJob(suite, { app: 'sound', files: { '.gitlab-ci.yml': pipeline } });
  laptop = await cloneOf(job, suite, 'https://gitlab-ci-token:secret@gitlab.com/acme/app.git');
  await writeFile(join(laptop.clone, '.git/info/exclude'), '.gitlab-ci-local/\napp-linux-*\n');
  await laptop.git('remote', 'set-head', 'origin', 'main');
  printed = await runPipeline();
}, 600_000);
afterAll(async () => {
  await sigstore?.[Symbol.asyncDispose]();
  if (job) await leave(job);
});

async function runPipeline(): Promise<string> {
  const flags = ['--signing-config', sigstore.signingConfig, '--trusted-root', sigstore.trustedRoot];
  const bin = await npxFolder(laptop, suite, flags);
  const sha = await laptop.git('rev-parse', 'HEAD');
  const variables = {
    CI_REGISTRY_IMAGE: `${host}/cli/gitlab`,
    CI_REGISTRY_USER: 'ci',
    CI_REGISTRY_PASSWORD: 'not-asked-for',
    SIGSTORE_ID_TOKEN: sigstore.gitlab.token('sigstore', { sha, ci_config_sha: sha }),
    BUILDKIT_HOST: suite.buildkit,
  };
  const argv = [
    ...[await npmTool('gitlab-ci-local', '4.75.1', 'dist/index.js'), 'ship', '--force-shell-executor'],
    ...['--ignore-predefined-vars', Object.keys(variables).join(',')],
    ...Object.entries(variables).flatMap(([name, value]) => ['--variable', `${name}=${value}`]),
  ];
  const path = [bin, dirname(node24()), process.env.PATH ?? ''].join(delimiter);
  const env = { PATH: path, HOME: laptop.home, NO_COLOR: '1' };
  const { stdout, stderr } = await exec(node24(), argv, { cwd: laptop.clone, env, maxBuffer: 1 << 26 });
  return stdout + stderr;
}

test('the pipeline publishes the image of its branch', async () => {
  expect(printed).toContain(`Published: ${host}/cli/gitlab@sha256:`);
  expect(printed).not.toContain('not-asked-for');
  expect(await repositoryView(host, 'cli/gitlab').tags()).toContain('main');
});

const verify = (...argv: string[]) =>
  laptop.run(['verify', `${host}/cli/gitlab:main`, '--trusted-root', sigstore.trustedRoot, '--json', ...argv]);

test('its signature names the pipeline file, and verifies with the issuer of GitLab only', async () => {
  const signer = ['--certificate-identity', IDENTITY];
  const verified = await verify(...signer, '--certificate-oidc-issuer', sigstore.gitlab.url);
  expect(JSON.parse(verified.stdout)).toMatchObject({ exitCode: 0, outputs: { verified: 'true' } });
  expect((await verify(...signer, '--certificate-oidc-issuer', sigstore.issuer.url)).exitCode).toBe(3);
  const other = IDENTITY.replace('main', 'other');
  expect(
    (await verify('--certificate-identity', other, '--certificate-oidc-issuer', sigstore.gitlab.url)).exitCode,
  ).toBe(3);
});
