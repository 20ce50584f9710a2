/** The step of release.yml that moves `v1`, run as GitHub runs it, beside a `gh` that knows releases and refs. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readWorkflow, repositoryRoot } from '@tidegate/testkit';

const COMMIT = 'c'.repeat(40);
const OLD = 'b'.repeat(40);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'release-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/**
 * `gh`, as far as the step calls it. Published releases come as GitHub lists them: newest first, by date.
 * `refuses`: no call that writes is let through. `deaf`: it says yes and does nothing.
 */
const GH = `
const { readFileSync, writeFileSync } = require('node:fs');
const state = JSON.parse(readFileSync(process.env.STATE, 'utf8'));
const argv = process.argv.slice(2);
state.calls.push(argv);
const save = () => writeFileSync(process.env.STATE, JSON.stringify(state));
const fail = (text) => { save(); console.error(text); process.exit(1); };
const field = (name) => argv[argv.findIndex((word) => word.startsWith(name + '='))]?.slice(name.length + 1);
if (argv[0] === 'release') {
  if (state.mood === 'down') fail('HTTP 502');
  if (!argv.includes('--exclude-drafts')) fail('drafts are listed too');
  console.log(state.releases.join('\\n'));
} else {
  const method = argv.includes('--method') ? argv[argv.indexOf('--method') + 1] : 'GET';
  const path = argv.find((word) => word.startsWith('repos/acme/tidegate/git/'));
  const name = method === 'POST' ? field('ref') : path.replace(/.*\\/git\\/refs?\\//, 'refs/');
  if (method !== 'GET' && state.mood === 'refuses') fail('HTTP 403');
  if (method === 'GET' && !(name in state.refs)) fail('HTTP 404');
  if (method === 'PATCH' && !(name in state.refs && argv.includes('force=true'))) fail('HTTP 422');
  if (method === 'POST' && name in state.refs) fail('HTTP 422');
  if (method !== 'GET' && state.mood !== 'deaf') state.refs[name] = field('sha');
  if (argv.includes('--jq')) console.log(state.refs[name]);
}
save();
`;

interface Given {
  readonly tag?: string;
  readonly releases?: readonly string[];
  readonly refs?: Readonly<Record<string, string>>;
  readonly mood?: 'down' | 'refuses' | 'deaf';
}

async function move({ tag = 'v1.2.3', releases = [tag], refs = {}, mood }: Given) {
  const { jobs } = await readWorkflow(join(repositoryRoot, '.github/workflows/release.yml'));
  const [step] = jobs.move?.steps ?? [];
  if (!step?.run || step.shell !== 'bash') throw new Error('The job move has no script for bash.');
  const [script, state] = [join(folder, 'step.sh'), join(folder, 'state.json')];
  await writeFile(script, step.run);
  await writeFile(state, JSON.stringify({ releases, refs, mood, calls: [] }));
  await writeFile(join(folder, 'gh'), `#!${process.execPath}\n${GH}`, { mode: 0o755 });
  const env = {
    ...{ PATH: `${folder}:${process.env.PATH}`, STATE: state, TAG: tag, GITHUB_SHA: COMMIT },
    ...{ GH_REPO: 'acme/tidegate', GH_TOKEN: 'token' },
  };
  // The meaning of `shell: bash` (GitHub, workflow syntax).
  const argv = ['--noprofile', '--norc', '-eo', 'pipefail', script];
  const { code, said } = await new Promise<{ code: number; said: string }>((resolve) => {
    execFile('bash', argv, { env }, (error, stdout) => resolve({ code: Number(error?.code ?? 0), said: stdout }));
  });
  const after = JSON.parse(await readFile(state, 'utf8')) as { refs: Record<string, string>; calls: string[][] };
  return { code, said, ...after };
}

const V1 = 'refs/tags/v1';

describe('the major tag', () => {
  test('moves to the release', async () => {
    const { code, refs } = await move({ releases: ['v1.2.3', 'v1.2.2', 'v0.9.0'], refs: { [V1]: OLD } });
    expect({ code, refs }).toEqual({ code: 0, refs: { [V1]: COMMIT } });
  });

  test('is made by the first release', async () => {
    const { code, refs } = await move({ tag: 'v2.0.0', releases: ['v2.0.0', 'v1.9.9'], refs: { [V1]: OLD } });
    expect({ code, refs }).toEqual({ code: 0, refs: { [V1]: OLD, 'refs/tags/v2': COMMIT } });
  });

  test.each([
    ['a later patch release', ['v1.2.3', 'v1.2.10']],
    ['a later minor release', ['v1.2.3', 'v1.10.0', 'v1.9.0']],
  ])('does not move back behind %s', async (_, releases) => {
    const { code, refs, said } = await move({ releases, refs: { [V1]: OLD } });
    expect({ code, refs }).toEqual({ code: 0, refs: { [V1]: OLD } });
    expect(said).toMatch(/^::notice::v1 stays where it is: its newest release is v1\.\d+\.\d+\.$/m);
  });

  test('takes no notice of another major version, or of what is no version', async () => {
    const releases = ['v10.0.0', 'v2.0.0', 'v1.2.3', 'v1.3.0-rc.1', 'v1.9', 'nightly'];
    expect((await move({ releases, refs: { [V1]: OLD } })).refs[V1]).toBe(COMMIT);
  });

  test.each<[string, Given]>([
    ['the release is not out', { releases: ['v0.9.0'] }],
    ['GitHub does not list releases', { mood: 'down' }],
    ['GitHub lets nothing be written', { mood: 'refuses' }],
    ['GitHub says yes and moves nothing', { mood: 'deaf' }],
  ])('stays, and the job fails, where %s', async (_, given) => {
    const { code, refs } = await move({ refs: { [V1]: OLD }, ...given });
    expect(code).not.toBe(0);
    expect(refs).toEqual({ [V1]: OLD });
  });
});
