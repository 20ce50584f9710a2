import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Descriptor, digestOf, MediaType } from '@tidegate/core';
import { contentOfBytes, ImageLayout } from '@tidegate/oci';
import { isRunning, jobProcess } from './job-process.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

let folder: string;
let layout: ImageLayout;
let root: Descriptor;
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-serving-'));
  layout = await ImageLayout.create(join(folder, 'layout'));
  const push = async (mediaType: string, text: string) => {
    const bytes = Buffer.from(text);
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await layout.push(descriptor, contentOfBytes(bytes));
    return descriptor;
  };
  const config = await push(MediaType.config, '{"os":"linux","architecture":"amd64"}');
  const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [] };
  root = await push(MediaType.manifest, JSON.stringify(manifest));
  await layout.add(root);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

function started(argv: string[], options: Parameters<typeof spawn>[2] = {}): ChildProcess {
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], ...options });
  children.push(child);
  return child;
}

/** The process that the main step starts. */
async function serving(more: object): Promise<{ child: ChildProcess; file: string; message: Record<string, string> }> {
  const file = join(folder, 'serving.json');
  const usual = { layout: layout.folder, root, repository: 'acme/app', tag: 'candidate', until: Date.now() + 60_000 };
  await writeFile(file, JSON.stringify({ ...usual, ...more }));
  const child = started([MAIN, 'serve', file]);
  const [message] = await once(child, 'message');
  child.disconnect();
  return { child, file, message };
}

const answers = (host: string | undefined) =>
  fetch(`http://${host}/v2/acme/app/manifests/candidate`).then(
    ({ status }) => status,
    () => 'gone',
  );

const RUNS = 'setInterval(() => {}, 1e6)';

describe('the registry ends by itself', () => {
  test('with the process of its job, and not before', async () => {
    // As the runner starts its worker: its name is an argument, or the program itself.
    const worker = started(['-e', `require('child_process'); ${RUNS}`], { argv0: '/opt/runner/bin/Runner.Worker' });
    await once(worker, 'spawn');
    const job = await jobProcess(worker.pid ?? 0);
    expect(job).toMatchObject({ pid: worker.pid });
    const { child, message } = await serving({ job });
    await wait(2500);
    expect(await answers(message.host)).toBe(200);
    const ended = once(child, 'exit');
    worker.kill('SIGKILL');
    expect(await ended).toEqual([0, null]);
    expect(await answers(message.host)).toBe('gone');
  });

  test('when the runner empties its folder for the next job', async () => {
    const { child, file } = await serving({});
    const ended = once(child, 'exit');
    await rm(file);
    expect(await ended).toEqual([0, null]);
  });

  test('at the end of its lifetime', async () => {
    const { child } = await serving({ until: Date.now() + 500 });
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

test('a registry that cannot listen says why', async () => {
  const { message } = await serving({});
  const port = Number(message.host?.split(':')[1]);
  const copy = join(folder, 'second.json');
  await copyFile(join(folder, 'serving.json'), copy);
  await writeFile(copy, JSON.stringify({ layout: layout.folder, root, repository: 'a', tag: 't', until: 0, port }));
  const child = started([MAIN, 'serve', copy]);
  const [second] = await once(child, 'message');
  child.disconnect();
  expect(second.failed).toContain(`127.0.0.1:${port}`);
  expect(await once(child, 'exit')).toEqual([1, null]);
});

test('a layout that changed after the check is not served', async () => {
  const digest = digestOf(Buffer.from('the image that was checked'));
  const { child, message } = await serving({ root: { ...root, digest } });
  expect(message).toMatchObject({
    isOther: true,
    failed: expect.stringContaining(`${root.digest}, expected ${digest}`),
  });
  if (child.exitCode === null) await once(child, 'exit');
  expect(child.exitCode).toBe(1);
});

describe('the process of the job', () => {
  test('is found above a shell that ends with the step', async () => {
    const script = `const step = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(RUNS)}], { stdio: 'ignore' });
      process.send(step.pid); process.on('exit', () => step.kill()); process.once('disconnect', () => process.exit(0)); ${RUNS}`;
    const worker = started(['-e', script], { argv0: 'Runner.Worker' });
    const [pid] = await once(worker, 'message');
    const found = await jobProcess(pid);
    expect(found?.pid).toBe(worker.pid);
    if (!found) return;
    expect(isRunning(found)).toBe(true);
    expect(isRunning({ ...found, started: '1' })).toBe(false);
    const ended = once(worker, 'exit');
    worker.disconnect();
    await ended;
    expect(isRunning(found)).toBe(false);
  });

  test('is unknown under another program', async () => {
    expect(await jobProcess(process.pid)).toBeUndefined();
  });
});
