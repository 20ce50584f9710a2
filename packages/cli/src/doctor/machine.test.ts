import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { diskCheck, emulationCheck, engineCheck, gitCheck, type Machine, nodeCheck, toolsCheck } from './machine.ts';

const GIB = 1024 ** 3;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-doctor-'));
  for (const [name, programs] of Object.entries({ none: [], uidmap: ['rootlesskit', 'newuidmap'], sudo: ['sudo'] })) {
    await mkdir(join(folder, name));
    for (const one of programs) await writeFile(join(folder, name, one), '', { mode: 0o755 });
  }
  await writeFile(join(folder, 'qemu-aarch64'), 'enabled\n');
  await writeFile(join(folder, 'qemu-arm'), 'disabled\n');
});
afterAll(() => rm(folder, { recursive: true }));

const machine = (over: Partial<Machine> = {}): Machine => ({
  os: 'linux',
  platform: { os: 'linux', architecture: 'amd64' },
  nodeVersion: '24.1.0',
  uid: 1000,
  env: { PATH: join(folder, 'none') },
  ...over,
});
test('an old Node and a missing git fail', async () => {
  expect(nodeCheck(machine()).status).toBe('ok');
  expect(nodeCheck(machine({ nodeVersion: '18.20.0' }))).toMatchObject({
    status: 'failed',
    fix: 'Install Node 20 or newer.',
  });
  expect(await gitCheck(machine())).toMatchObject({ status: 'failed' });
});

describe('engine', () => {
  test.each([
    ['root', { uid: 0 }, 'ok', 'as root'],
    ['a user with rootlesskit', { env: { PATH: 'uidmap' } }, 'ok', 'without root'],
    ['a user with sudo', { env: { PATH: 'sudo' } }, 'warning', 'sudo without a password'],
    ['a user without both', { env: { PATH: 'none' } }, 'failed', 'rootlesskit and newuidmap'],
    ['macOS', { os: 'darwin' }, 'failed', 'runs on Linux'],
    ['a dead daemon', { env: { BUILDKIT_HOST: 'unix:///nonexistent.sock' } }, 'failed', 'ENOENT'],
    ['a closed port', { env: { BUILDKIT_HOST: 'tcp://127.0.0.1:9' } }, 'failed', 'ECONNREFUSED'],
    ['another address', { env: { BUILDKIT_HOST: 'ssh://host' } }, 'warning', 'is not checked'],
  ] as const satisfies readonly (readonly [string, Partial<Machine>, string, string])[])(
    '%s',
    async (_, over: Partial<Machine>, status, detail) => {
      const { PATH = 'none', ...env } = over.env ?? {};
      const found = await engineCheck(
        machine({ ...over, env: { ...env, PATH: join(folder, PATH) } }),
        '',
        join(folder, 'docker.sock'),
      );
      expect(found).toMatchObject({ status, detail: expect.stringContaining(detail) });
      if (status !== 'ok') expect(found.fix).toMatch(/^[A-Z].*\.$/);
    },
  );

  test('a named builder needs docker', async () => {
    expect(await engineCheck(machine(), 'mine')).toMatchObject({ status: 'warning' });
    const docker = await engineCheck(machine({ uid: 0, env: { DOCKER_HOST: 'unix:///x', PATH: folder } }), '');
    expect(docker).toMatchObject({ status: 'ok', detail: expect.stringMatching(/^docker's BuildKit if .* as root$/) });
  });
});

test.each([
  [[], 'ok'],
  [['linux/amd64'], 'ok'],
  [['linux/amd64', 'linux/arm64'], 'ok'],
  [['linux/arm/v7'], 'failed'],
  [['linux/s390x'], 'failed'],
])('emulation of %j: %s', async (platforms, status) => {
  expect((await emulationCheck(machine(), platforms, folder)).status).toBe(status);
});

test('little disk space warns, less fails', async () => {
  expect((await diskCheck(folder, 50 * GIB)).status).toBe('ok');
  expect((await diskCheck(folder, 5 * GIB)).status).toBe('warning');
  expect(await diskCheck(folder, GIB)).toMatchObject({
    status: 'failed',
    detail: expect.stringContaining('1 GiB free'),
  });
  expect((await diskCheck(folder)).detail).toContain(folder);
});

test('a folder of tools lacks those that are not in it', async () => {
  expect((await toolsCheck('')).detail).toMatch(/syft \d/);
  expect(await toolsCheck(folder)).toMatchObject({ status: 'warning', detail: expect.stringContaining('grype') });
});
