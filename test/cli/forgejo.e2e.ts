/** The Forgejo workflow of the guide. Its runner is act, which Forgejo and Gitea build theirs on; no Forgejo runs here. */
import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { repositoryRoot, runWorkflow, type WorkflowRun } from '@tidegate/testkit';
import { codeBlocks } from '../../packages/tooling/src/site/blocks.ts';
import { type Job, leave, newJob } from '../support/job.ts';
import { repositoryView } from '../support/registry-view.ts';
import { theSuite } from '../support/suite.ts';
import { actBinary } from '../workflow/programs.ts';
import { cloneOf, type Laptop, npxFolder } from './terminal.ts';

const suite = await theSuite();
const host = suite.registries.olareg;
const WORKFLOW = '.forgejo/workflows/image.yml';
let job: Job;
let laptop: Laptop;
let run: WorkflowRun;

beforeAll(async () => {
  const guide = codeBlocks(await readFile(join(repositoryRoot, 'docs/guides/command-line.md'), 'utf8'));
  const text = guide.find((block) => block.text.includes(`# ${WORKFLOW}`))?.text ?? '';
  // A registry and a key of this machine.
  const here = text.replace('codeberg.org/acme/app', `${host}/cli/forgejo`).replace('cosign.key', '"$KEY"');
  job = await newJob(suite, { app: 'sound', files: { [WORKFLOW]: here } });
  laptop = await cloneOf(job, suite, 'https://codeberg.org/acme/app.git');
  const bin = await npxFolder(laptop, suite, []);
  const temp = await mkdtemp(join(laptop.home, 'act-'));
  await mkdir(join(temp, 'home'), { recursive: true });
  const act = await actBinary();
  // act copies the commit's files into the workspace.
  await laptop.git('add', '--force', 'app-linux-amd64', 'app-linux-arm64');
  await laptop.git('-c', 'user.name=a', '-c', 'user.email=a@b.c', 'commit', '--quiet', '--message=Built programs');
  const sha = await laptop.git('rev-parse', 'HEAD');
  run = await runWorkflow({
    ...{ act, repository: laptop.clone, workflow: WORKFLOW, repositoryName: 'acme/app', sha, temp },
    ...{ event: 'push', ref: 'refs/heads/main', labels: ['ubuntu-latest'] },
    payload: { ref: 'refs/heads/main', after: sha, deleted: false, repository: { default_branch: 'main' } },
    secrets: { REGISTRY_PASSWORD: 'pass-of-the-registry', COSIGN_PASSWORD: '' },
    env: { PATH: [bin, process.env.PATH].join(delimiter), KEY: suite.key.private, BUILDKIT_HOST: suite.buildkit },
  });
}, 600_000);
afterAll(() => leave(job));

test('the workflow publishes the image of its branch', async () => {
  expect([run.exit, run.exit === 0 ? '' : run.story()]).toEqual([0, '']);
  expect(run.ran).toEqual(['ship']);
  expect(await repositoryView(host, 'cli/forgejo').tags()).toContain('main');
});
