/** `tidegate ship` in a clone, and the reusable workflow for a push of the same commit: one image, one verdict. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { node24, pushOf, repositoryRoot } from '@tidegate/testkit';
import { unzipSync } from 'fflate';
import type { Caller } from './caller.ts';
import { BUILD_TIME, fromSource } from './programs.ts';
import { type Attempt, expectRun, REPOSITORY, type RealRuns, SIGNING_KEY, startRealRuns } from './real-runs.ts';

const PLATFORMS = 'linux/amd64,linux/arm64';
let runs: RealRuns;
let caller: Caller;
let inWorkflow: Attempt;
/** Outputs of the command line. */
let here: Readonly<Record<string, string>>;

beforeAll(async () => {
  runs = await startRealRuns();
  // A layer has the times of the files in a checkout, and two checkouts have two.
  caller = await runs.caller('sound', { with: { platforms: PLATFORMS, 'rewrite-timestamp': true } });
  inWorkflow = await runs.run(caller, pushOf('refs/heads/main', { repository: REPOSITORY, sha: caller.sha }));
  expectRun(inWorkflow, 0, ['plan', 'build', 'build', 'scan', 'publish']);
  here = await shipHere();
}, BUILD_TIME);
afterAll(async () => runs[Symbol.asyncDispose]());

/** In a fresh clone, with a home folder without logins. */
async function shipHere(): Promise<Readonly<Record<string, string>>> {
  const home = join(runs.folder, 'home');
  const clone = join(home, 'app');
  await mkdir(home);
  const env = { PATH: [dirname(node24()), process.env.PATH ?? ''].join(delimiter), HOME: home };
  const at = { env, cwd: home, maxBuffer: 1 << 26 };
  await promisify(execFile)('git', ['clone', '--quiet', caller.folder, clone], at);
  await promisify(execFile)('git', ['-C', clone, 'remote', 'set-url', 'origin', `git@github.com:${REPOSITORY}`], at);
  const key = join(home, 'cosign.key');
  await writeFile(key, SIGNING_KEY);
  const main = join(repositoryRoot, fromSource ? 'packages/cli/src/main.ts' : 'dist/cli/index.js');
  const argv = [
    ...['--disable-warning=ExperimentalWarning', main, 'ship', `${runs.registry.host}/acme/laptop`],
    ...['--platforms', 'linux/amd64', '--platforms', 'linux/arm64', '--rewrite-timestamp'],
    ...['--key-file', key, '--json'],
    ...['--tools', runs.inputs.tools, '--db-mirror', runs.inputs['db-mirror']],
  ];
  const { stdout } = await promisify(execFile)(node24(), argv, { ...at, cwd: clone });
  return JSON.parse(stdout).outputs;
}

const published = (name: string) => runs.registry.tags(name).get('main');

test('the digest is the same, if the times of files in layers are those of the commit', () => {
  expect(here.digest).toBe(inWorkflow.step('scan', 'join').outputs.digest);
  expect(published('acme/laptop')).toBe(published(REPOSITORY));
});

test('the verdict has the same rules with the same outcome, and the findings are the same', async () => {
  const artifact = inWorkflow.artifacts.find(({ name }) => name.endsWith('-reports'));
  const files = unzipSync(await readFile(artifact?.file ?? 'no reports'));
  const theirs = JSON.parse(Buffer.from(files['scan/report.json'] ?? []).toString('utf8'));
  const ours = JSON.parse(await readFile(join(here.layout ?? 'no layout', '../scan/report.json'), 'utf8'));
  const rules = ({ verdict }: { verdict: { rules: { rule: string; outcome: string }[] } }) =>
    verdict.rules.map(({ rule, outcome }) => `${rule} ${outcome}`);
  const findings = ({ platforms }: { platforms: { platform: string; findings: unknown[] }[] }) =>
    platforms.map(({ platform, findings }) => [platform, findings]);
  // The workflow judges before it signs; its scan job has no signature yet.
  const signing = /^(?:signature-present|verdict-present) /;
  expect(rules(ours).filter((rule) => !signing.test(rule))).toEqual(
    rules(theirs).filter((rule) => !signing.test(rule)),
  );
  expect(rules(theirs).length).toBeGreaterThan(10);
  expect(findings(ours)).toEqual(findings(theirs));
});
