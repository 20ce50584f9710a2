/**
 * The attacker configures the tools: with files in the commit, or with what an earlier step of the job leaves in HOME, in
 * the XDG folders and in the environment. A vulnerable image is to be scanned as if it were sound.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const exec = promisify(execFile);
const suite = await theSuite();
/** The finding that the vulnerable program has. */
const FOUND = 'GO-2022-1059';

/** A server of databases that notes who asks it, and has none. */
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url ?? '');
  response.writeHead(404).end();
});
const jobs: Job[] = [];
let built: Job;
let digest: string;
let evil: string;

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  evil = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  built = await newJob(suite, { app: 'vulnerable' });
  jobs.push(built);
  digest = (await succeeded(built.run('build-image'))).outputs.digest ?? '';
}, 300_000);
afterAll(async () => {
  server.close();
  for (const job of jobs) await leave(job);
});

/** Each of these alone would let the image pass. */
const grypeSettings = () => `
only-fixed: true
ignore:
  - vulnerability: ${FOUND}
  - package: {name: "golang.org/x/text"}
  - package: {type: go-module}
db: {update-url: "${evil}", auto-update: true, validate-age: false}
`;
const SYFT_SETTINGS = `
exclude: ["/**"]
select-catalogers: ["-go-module-binary-cataloger", "-file"]
`;

/** The files that Syft and Grype look for (anchore/fangs, finders.go), below HOME or the folder that they run in. */
const files = (): Readonly<Record<string, string>> => ({
  '.grype.yaml': grypeSettings(),
  '.grype/config.yaml': grypeSettings(),
  'grype/config.yaml': grypeSettings(),
  '.syft.yaml': SYFT_SETTINGS,
  '.syft/config.yaml': SYFT_SETTINGS,
  'syft/config.yaml': SYFT_SETTINGS,
});

async function leaveIn(folder: string): Promise<void> {
  for (const [path, text] of Object.entries(files())) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

const attacks: readonly [how: string, (job: Job) => Promise<Readonly<Record<string, string>>>][] = [
  [
    'files in the commit',
    async (job) => {
      await leaveIn(job.workspace);
      return {};
    },
  ],
  [
    'files in HOME',
    async (job) => {
      const HOME = join(job.temp, 'planted-home');
      await leaveIn(HOME);
      return { HOME };
    },
  ],
  [
    'XDG_CONFIG_HOME and XDG_CONFIG_DIRS, by way of GITHUB_ENV',
    async (job) => {
      const folder = join(job.workspace, 'config');
      await leaveIn(folder);
      return { XDG_CONFIG_HOME: folder, XDG_CONFIG_DIRS: folder };
    },
  ],
  [
    'GRYPE_CONFIG and SYFT_CONFIG, by way of GITHUB_ENV',
    async (job) => {
      await leaveIn(job.workspace);
      return { GRYPE_CONFIG: join(job.workspace, '.grype.yaml'), SYFT_CONFIG: join(job.workspace, '.syft.yaml') };
    },
  ],
  [
    'single settings, by way of GITHUB_ENV',
    async () => ({
      GRYPE_DB_UPDATE_URL: evil,
      GRYPE_DB_AUTO_UPDATE: 'true',
      GRYPE_DB_CACHE_DIR: '/nonexistent',
      GRYPE_ONLY_FIXED: 'true',
      GRYPE_IGNORE_STATES: 'fixed,not-fixed,unknown,wont-fix',
      GRYPE_FAIL_ON_SEVERITY: 'critical',
      SYFT_EXCLUDE: '/**',
      SYFT_SELECT_CATALOGERS: '-go-module-binary-cataloger',
      SYFT_DEFAULT_CATALOGERS: 'none',
    }),
  ],
];

describe('a vulnerable image stays one, whatever configures Syft and Grype:', () => {
  test.each(attacks)('%s', async (_, plant) => {
    const job = await newJob(suite, { app: 'vulnerable', after: built });
    jobs.push(job);
    const env = await plant(job);
    asked.length = 0;
    await succeeded(job.run('generate-sbom', {}, { env }));
    const scan = await job.run('scan-image', {}, { env });
    expect(scan.outputs.verdict).toBe('fail');
    expect(scan.raw).toContain(FOUND);
    expect(asked).toEqual([]);
  });

  test('though the tools by themselves obey it', async () => {
    const home = join(built.temp, 'obeys');
    await leaveIn(home);
    const env = { PATH: process.env.PATH, HOME: home, GRYPE_DB_CACHE_DIR: join(home, 'db') };
    await exec(join(suite.tools, 'grype'), ['db', 'update'], { env, cwd: '/' }).catch(() => {});
    expect(asked.length).toBeGreaterThan(0);
    const file = join(home, 'sbom.json');
    const image = join(home, 'image');
    await cp(join(built.temp, 'tidegate'), image, { recursive: true });
    const layout = dirname((await exec('find', [image, '-name', 'oci-layout'])).stdout.split('\n')[0] ?? '');
    // Syft by itself wants one image there, and no referrers.
    const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'));
    index.manifests = index.manifests.filter((one: { digest: string }) => one.digest === digest);
    await writeFile(join(layout, 'index.json'), JSON.stringify(index));
    await exec(join(suite.tools, 'syft'), ['scan', `oci-dir:${layout}`, '-o', `syft-json=${file}`], {
      env,
      cwd: '/',
    });
    expect(JSON.parse(await readFile(file, 'utf8')).artifacts).toEqual([]);
  });
});
