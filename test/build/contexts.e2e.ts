/** Build contexts: a folder of a git repository, and folders with any name. */
import { execFile, spawn } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, expect, test } from '@jest/globals';
import { succeeded } from '../support/job.ts';
import { freePort } from '../support/servers.ts';
import { theSuite } from '../support/suite.ts';
import { image, probes } from './probe.ts';

const exec = promisify(execFile);
const { checkout, build, leaveAll } = probes(await theSuite());
afterAll(leaveAll);

test('a context may be a folder of a git repository, fetched by BuildKit at a ref', async () => {
  const job = await checkout();
  await using server = await gitDaemon(join(job.temp, '..', 'git'), async (repository) => {
    await mkdir(join(repository, 'sub'));
    await writeFile(join(repository, 'sub', 'Containerfile'), 'FROM scratch\nCOPY hello.txt /\n');
    await writeFile(join(repository, 'sub', 'hello.txt'), 'hello');
  });
  const context = `${server.url}#v7:sub`;
  const usual = { target: '', 'build-contexts': '', file: 'Containerfile' };
  const built = await build(job, { context, ...usual });
  expect((await image(built)).manifest.layers).toHaveLength(1);
  await expect(build(job, { context: `${server.url}#v8:sub`, ...usual })).rejects.toThrow(/v8/);
});

/** A repository with the tag v7, over git's own protocol on loopback. */
async function gitDaemon(folder: string, fill: (repository: string) => Promise<void>) {
  const repository = join(folder, 'repository');
  await mkdir(repository, { recursive: true });
  await fill(repository);
  const git = (...argv: string[]) =>
    exec('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...argv], { cwd: repository });
  await git('init', '--quiet');
  await git('add', '.');
  await git('commit', '--quiet', '--message=One');
  await git('tag', 'v7');
  const port = await freePort();
  const argv = [
    'daemon',
    '--reuseaddr',
    '--export-all',
    '--listen=127.0.0.1',
    `--port=${port}`,
    `--base-path=${folder}`,
  ];
  // Its own group: git starts a program for the daemon and one for each client.
  const daemon = spawn('git', [...argv, folder], { stdio: 'ignore', detached: true });
  while (!(await isOpen(port))) {
    if (daemon.exitCode !== null) throw new Error(`git daemon ended with ${daemon.exitCode}`);
    await wait(20);
  }
  return {
    url: `git://127.0.0.1:${port}/repository`,
    [Symbol.asyncDispose]: async () => void process.kill(-Number(daemon.pid), 'SIGTERM'),
  };
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

test.each(['приложение-東京', 'Größe'])('a context folder may have any name: %s', async (name) => {
  const job = await checkout({
    [`${name}/Dockerfile`]: 'FROM scratch\nCOPY файл /файл\n',
    [`${name}/файл`]: 'text',
    [`${name}/.dockerignore`]: 'x\n',
  });
  const built = await succeeded(job.run('build-image', { context: name }));
  expect(built.outputs.digest).toMatch(/^sha256:/);
  expect(await readdir(job.temp, { recursive: true })).not.toContainEqual(expect.stringContaining('.build-'));
});
