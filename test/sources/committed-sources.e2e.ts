/** The commit decides about a build, whatever a step before or an earlier job left in the workspace. */
import { execFile } from 'node:child_process';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { BundleResult } from '@tidegate/testkit';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const exec = promisify(execFile);
const suite = await theSuite();
const jobs: Job[] = [];
afterAll(() => Promise.all(jobs.map(leave)));

async function checkout(files: Readonly<Record<string, string>> = {}): Promise<Job> {
  const job = await newJob(suite, { files });
  jobs.push(job);
  return job;
}

const errorsOf = ({ annotations }: BundleResult) =>
  annotations.filter(({ level }) => level === 'error').map(({ message }) => message);

const SHIP = { image: `${suite.registries.olareg}/committed` };
const EVIL = 'FROM scratch\nCOPY app-linux-amd64 /evil\n';

describe.each([
  ['build-image', {}],
  ['ship', SHIP],
] as const)('%s', (action, inputs) => {
  test('refuses a Dockerfile that was changed after the checkout', async () => {
    const job = await checkout();
    await writeFile(join(job.workspace, 'Dockerfile'), EVIL);
    const result = await job.run(action, inputs);
    expect(errorsOf(result)).toEqual([
      expect.stringContaining(`Dockerfile differs from commit ${job.sha} (GITHUB_SHA)`),
    ]);
    expect(result.log.join('\n')).not.toMatch(/BuildKit/);
  });

  test('rejects a workspace without git, in which the contents of the commit are unknown', async () => {
    const job = await checkout();
    await rm(join(job.workspace, '.git'), { recursive: true });
    const result = await job.run(action, inputs);
    expect(errorsOf(result)).toEqual([expect.stringContaining(`The commit ${job.sha} (GITHUB_SHA) cannot be read`)]);
  });

  test('builds a context in a submodule, at the commit that the repository records', async () => {
    const job = await checkout();
    const library = join(job.temp, '..', 'library');
    await cp(suite.apps.sound, library, { recursive: true });
    const git = async (folder: string, ...argv: string[]) => {
      const own = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'protocol.file.allow=always'];
      return (await exec('git', [...own, ...argv], { cwd: folder })).stdout.trim();
    };
    await git(library, 'init', '--quiet', '--initial-branch=main');
    await git(library, 'add', '.');
    await git(library, 'commit', '--quiet', '--message=library');
    await git(job.workspace, 'submodule', '--quiet', 'add', library, 'libs/app');
    await git(job.workspace, 'commit', '--quiet', '--message=with a submodule');
    const env = { GITHUB_SHA: await git(job.workspace, 'rev-parse', 'HEAD') };
    await succeeded(job.run(action, { ...inputs, context: 'libs/app' }, { env }));

    await git(join(job.workspace, 'libs/app'), 'commit', '--quiet', '--allow-empty', '--message=moved');
    const moved = await job.run(action, { ...inputs, context: 'libs/app', name: 'moved' }, { env });
    expect(errorsOf(moved)).toEqual([expect.stringMatching(/of the submodule libs\/app, but commit \w+ records/)]);
  });
});

test('build-image takes a Dockerfile that a step of this job wrote below RUNNER_TEMP', async () => {
  const job = await checkout();
  await mkdir(join(job.temp, 'made'));
  await writeFile(join(job.temp, 'made', 'Dockerfile'), 'FROM scratch\nCOPY app-linux-amd64 /app\nUSER 65532\n');
  await succeeded(job.run('build-image', { file: join(job.temp, 'made', 'Dockerfile') }));
});

test('the rules for sources judge what was committed', async () => {
  const job = await checkout({ 'release.sh': 'docker commit box acme/app\n' });
  await writeFile(join(job.workspace, 'release.sh'), 'true\n');
  const more = { hadolint: 'off', 'buildkit-checks': 'false' };
  const linted = await job.run('lint-source', more);
  const once = [expect.stringMatching(/^docker commit makes/), expect.stringMatching(/^release\.sh:1 hand-made-image/)];
  expect(errorsOf(linted)).toEqual(once);
  expect(errorsOf(await job.run('build-image'))).toEqual(once);
});
