/** Exit code 3 is a verdict. Where a registry does not answer there is none: exit code 1, whatever the command. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Job, leave, newJob } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';
import { cloneOf, type Laptop } from './terminal.ts';

const suite = await theSuite();
/** The port for discarded data (RFC 863), where nothing listens. */
const NOWHERE = '127.0.0.1:9';
const HERE = suite.registries.olareg;
const DIGEST = `sha256:${'0'.repeat(64)}`;
const SIGNER = ['--verification-key', suite.key.public];
const SCAN = [
  '--tools',
  suite.tools,
  '--key-file',
  suite.key.private,
  '--db-mirror',
  suite.databases.fresh,
  '--db-cache',
  join(suite.folder, 'db-cache'),
];

let job: Job;
let laptop: Laptop;
beforeAll(async () => {
  job = await newJob(suite, { app: 'sound' });
  laptop = await cloneOf(job, suite);
  for (const [name, image] of Object.entries({ none: `${NOWHERE}/a/b:v1`, gone: `${HERE}/a/b:gone` })) {
    const text = `apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: ${image}\n`;
    await writeFile(join(laptop.clone, `${name}.yaml`), text);
  }
  await writeFile(join(laptop.clone, 'Base'), `FROM ${NOWHERE}/a/b:v1@${DIGEST}\n`);
  const build = await laptop.run(['build', '--tools', suite.tools]);
  if (build.exitCode !== 0) throw new Error(build.stderr);
}, 300_000);
afterAll(() => leave(job));

const image = `${NOWHERE}/a/b:v1`;
test.each<[exitCode: number, code: string, argv: readonly string[]]>([
  [1, 'TG4005', ['verify', image, ...SIGNER]],
  [1, 'TG4005', ['verify', '--image', image, '--image', `${NOWHERE}/a/c:v1`, ...SIGNER]],
  [1, 'TG4005', ['scan', image, ...SCAN]],
  [1, 'TG4005', ['scan', '--image', image, '--image', `${NOWHERE}/a/c:v1`, ...SCAN]],
  [1, 'TG4005', ['policy', 'test', image, ...SIGNER]],
  [1, 'TG4005', ['policy', 'test', `${NOWHERE}/a/b`, '--all-tags', ...SIGNER]],
  [1, 'TG4005', ['report', image, ...SIGNER]],
  [1, 'TG4005', ['pin', 'none.yaml', '--check', ...SIGNER]],
  [1, 'TG4005', ['pin', 'none.yaml', ...SIGNER]],
  [1, 'TG4005', ['pin', 'Base', '--bases', '--check']],
  // The registry has answered, and one image is refused: a verdict.
  [3, 'TG1902', ['pin', 'gone.yaml', 'none.yaml', '--check', ...SIGNER]],
])('exit code %i, %s: %j', async (exitCode, code, argv) => {
  const ran = await laptop.run([...argv, '--json']);
  const { error } = JSON.parse(ran.stdout);
  expect([ran.exitCode, error.code]).toEqual([exitCode, code]);
});
