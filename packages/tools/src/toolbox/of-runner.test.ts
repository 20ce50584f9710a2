import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { childContexts } from '../run/child-context.ts';
import { buildxOfRunner, OLDEST_BUILDX } from './of-runner.ts';
import { PINS } from './pins.ts';
import type { Run } from './tool.ts';
import { type Bench, newBench, pinsFor, sha256 } from './toolbox.fixture.ts';

let base: string;
let bench: Bench;
let asked: string[][];
/** The answer to `version`. */
let version: string | Error;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'of-runner-'));
  bench = await newBench();
  asked = [];
  version = 'github.com/docker/buildx v0.36.1 0123abcd\n';
});
afterEach(async () => {
  await rm(base, { recursive: true });
  await bench.remove();
});

const run: Run = async (path, argv) => {
  asked.push([path, ...argv]);
  if (version instanceof Error) throw version;
  return { exitCode: 0, stdout: version, stderr: '', milliseconds: 1 };
};
const folder = () => join(base, 'cli-plugins');
const PROGRAM = 'the program';

async function install(mode = 0o755): Promise<string> {
  await mkdir(folder(), { recursive: true });
  const path = join(folder(), 'docker-buildx');
  await writeFile(path, PROGRAM);
  await chmod(path, mode);
  return path;
}

const found = (isOfMachine?: (path: string) => Promise<boolean>) => {
  const children = childContexts({ env: { PATH: '/usr/bin' }, folder: join(base, 'children'), workspace: base });
  const here = isOfMachine ?? (async () => true);
  return buildxOfRunner(
    { run, children, log: bench.log },
    { folders: [join(base, 'none'), folder()], isOfMachine: here },
  );
};

describe("the runner's own buildx", () => {
  test('is used, is asked for its version once, is named in the log, and is described by its hash, not as a release', async () => {
    const path = await install();
    const tool = await found();
    expect(tool).toMatchObject({ name: 'buildx', path, version: '0.36.1', source: 'runner' });
    expect(await tool?.program).toEqual({ name: 'buildx', digest: `sha256:${sha256(Buffer.from(PROGRAM))}` });
    expect(asked).toEqual([[path, 'version']]);
    expect(bench.said).toContain(`buildx 0.36.1 of the runner (${path}).`);
  });

  test.each([
    ['github.com/docker/buildx v0.30.0 abc', '0.30.0'],
    ['github.com/docker/buildx 0.31.2+ds1 abc', '0.31.2'],
    ['github.com/docker/buildx v1.0.0 abc', '1.0.0'],
  ])('is used where it says %j', async (text, expected) => {
    version = text;
    await install();
    expect((await found())?.version).toBe(expected);
  });

  test.each<[string | Error]>([
    ['github.com/docker/buildx v0.29.9 abc'],
    ['github.com/docker/buildx v0.30.0-rc1 abc'],
    ['docker compose v2.40.0'],
    [''],
    [new Error('exec format error')],
  ])('is not used where it says %j', async (text) => {
    version = text;
    await install();
    expect(await found()).toBeUndefined();
    expect(bench.said.join('\n')).toMatch(/docker-buildx is not used: /);
  });

  test('is not used, and not started, where it is missing, not executable, or others can change it', async () => {
    expect(await found()).toBeUndefined();
    await install(0o644);
    expect(await found()).toBeUndefined();
    const path = await install();
    expect(await found(async () => false)).toBeUndefined();
    // A link of the machine into a folder of the user.
    await rename(path, join(base, 'docker-buildx'));
    await symlink(join(base, 'docker-buildx'), path);
    expect(await found(async (one) => one === path)).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test('is not used out of a folder that everyone may write to', async () => {
    await install();
    const children = childContexts({ env: { PATH: '/usr/bin' }, folder: join(base, 'children'), workspace: base });
    // The system's folder of temporary files is above it.
    expect(await buildxOfRunner({ run, children, log: bench.log }, { folders: [folder()] })).toBeUndefined();
    expect(asked).toEqual([]);
  });
});

test("the pinned buildx in the tool cache is used first, then the runner's, and only then a download", async () => {
  const bytes = Buffer.from('pinned');
  const pins = pinsFor('buildx', bytes, { kind: 'program' });
  const path = await install();
  const ofRunner = async () => found();
  const cold = bench.toolbox(bytes, pins, { ofRunner });
  expect(await cold.box.get('buildx')).toMatchObject({ source: 'runner', path });
  const other = bench.toolbox(bytes, pins, { ofRunner: async () => undefined });
  expect(await other.box.get('buildx')).toMatchObject({ source: 'download' });
  expect([cold.asked.length, other.asked.length]).toEqual([0, 1]);
  asked = [];
  const warm = bench.toolbox(bytes, pins, { ofRunner });
  expect(await warm.box.get('buildx')).toMatchObject({ source: 'cache' });
  expect(asked).toEqual([]);
});

test('the oldest that is used is not newer than the pinned one', () => {
  const pinned = PINS.buildx.version.split('.').map(Number);
  expect(pinned[0]).toBe(0);
  expect(pinned[1]).toBeGreaterThanOrEqual(OLDEST_BUILDX[1]);
});
