import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type RegistryServer, startRegistry } from '@tidegate/testkit';
import { newRepository, type Repository } from '../repository.fixture.ts';

let repository: Repository;
let server: RegistryServer;
beforeEach(async () => {
  repository = await newRepository({});
  server = await startRegistry();
});
afterEach(async () => {
  await server.close();
  await repository.remove();
});

/** Addresses where nothing listens: no server outside is asked. */
const OFFLINE = ['--tools-mirror', 'http://127.0.0.1:9', '--db-mirror', 'http://127.0.0.1:9'];
const checksOf = async (...argv: string[]) => {
  const { stdout } = await repository.run('doctor', ...OFFLINE, '--json', ...argv);
  const { checks } = JSON.parse(stdout).outputs;
  return new Map<string, { status: string; detail: string; fix?: string }>(
    checks.map((one: { name: string }) => [one.name, one]),
  );
};

test('a missing remote origin is a warning, and so is an unknown default branch', async () => {
  expect((await checksOf()).get('checkout')).toMatchObject({
    status: 'warning',
    detail: expect.stringContaining('there is no remote named origin'),
    fix: expect.stringContaining('--repository OWNER/NAME'),
  });
  await repository.git('remote', 'add', 'origin', 'git@github.com:acme/app.git');
  expect((await checksOf()).get('checkout')).toMatchObject({
    status: 'warning',
    detail: expect.stringContaining('https://github.com/acme/app: git does not know the default branch'),
  });
  await repository.git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  await repository.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main');
  expect((await checksOf()).get('checkout')).toEqual({
    ...{ name: 'checkout', status: 'ok', detail: 'https://github.com/acme/app, default branch main' },
  });
});

test('a registry that refuses connections is not a question of login or permission', async () => {
  expect((await checksOf('127.0.0.1:9/acme/app')).get('registry')).toMatchObject({
    status: 'failed',
    detail: expect.stringContaining('ECONNREFUSED'),
    fix: 'Check the port of 127.0.0.1:9, that its server runs, and the proxy of this machine.',
  });
});

test('a registry that accepts a push without a login needs none', async () => {
  const checks = await checksOf(`${server.host}/acme/app`);
  expect([checks.get('login')?.status, checks.get('registry')?.status]).toEqual(['ok', 'ok']);
});

test.each([
  [['--tools-mirror', 'nowhere'], '--tools-mirror: got "nowhere"'],
  [['--tools-mirror', 'http://127.0.0.1:9', '--db-mirror', 'nowhere'], '--db-mirror: got "nowhere"'],
])('a wrong address names its flag: %j', async (argv, message) => {
  const { exitCode, stderr } = await repository.run('doctor', ...argv);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
});
