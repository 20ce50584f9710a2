/** examples/shell/ship.sh as it stands: only `npx` and the server of the repository are those of this machine. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { node24, repositoryRoot } from '@tidegate/testkit';
import { type Job, leave, newJob } from '../support/job.ts';
import { repositoryView } from '../support/registry-view.ts';
import { theSuite } from '../support/suite.ts';
import { cloneOf, type Laptop, npxFolder, type Ran } from './terminal.ts';

const URL = 'https://git.example.com/acme/app.git';
const suite = await theSuite();
const host = suite.registries.olareg;
let job: Job;
/** The server's repository. */
let server: Laptop;
let bin: string;

beforeAll(async () => {
  job = await newJob(suite, { app: 'sound' });
  server = await cloneOf(job, suite);
  bin = await npxFolder(server, suite, []);
  await commit('--force', '--', 'app-linux-amd64', 'app-linux-arm64');
});
afterAll(() => leave(job));

async function commit(...files: readonly string[]): Promise<void> {
  await server.git('add', ...files);
  await server.git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '--quiet', '--message=Change');
}

function ship(): Promise<Ran> {
  const env = {
    PATH: [bin, dirname(node24()), process.env.PATH ?? ''].join(delimiter),
    ...{ HOME: server.home, BUILDKIT_HOST: suite.buildkit, GIT_CONFIG_SYSTEM: '/dev/null' },
    ...{ GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: `url.${server.clone}.insteadOf`, GIT_CONFIG_VALUE_0: URL },
    ...{ GIT_URL: URL, BRANCH: 'main', IMAGE: `${host}/cli/shell`, KEY_FILE: suite.key.private },
  };
  const argv = [join(repositoryRoot, 'examples/shell/ship.sh'), join(server.home, 'builds/app')];
  return new Promise((resolve) => {
    execFile('sh', argv, { env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

const digest = () => repositoryView(host, 'cli/shell').digest('main');

test('the script publishes a branch, again from the same clone, and passes a refusal on', async () => {
  const first = await ship();
  expect(first).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^Published .*\/cli\/shell from [0-9a-f]+\.$/m),
  });
  const published = await digest();
  expect(published).toMatch(/^sha256:/);
  expect(await ship()).toMatchObject({ exitCode: 0 });
  expect(await digest()).toBe(published);

  await mkdir(join(server.clone, '.github'));
  await writeFile(join(server.clone, '.github/tidegate.yml'), 'version: 1\nimage:\n  max-size: 1k\n');
  await commit('--', '.github');
  const refused = await ship();
  expect(refused).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(/^The policy refused [0-9a-f]+: /m) });
  expect(await digest()).toBe(published);
});
