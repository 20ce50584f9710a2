import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { TidegateError } from '@tidegate/core';
import { childContexts } from '@tidegate/tools';
import type { Services } from '../services.ts';
import { forgetBuilds, useEngine } from './engine.ts';

/** The first frame of a gRPC server: an empty SETTINGS frame. */
const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-engine-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let server: Server;
let address: string;
let greet: (connection: Socket) => void;
beforeEach(async () => {
  greet = (connection) => connection.write(SETTINGS);
  server = createServer((connection) => {
    connection.on('error', () => {});
    greet(connection);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.close();
});

/** @param said error of buildx when it creates a builder that already exists */
function servicesOf(calls: string[], said?: string, notices: string[] = []): Services {
  return {
    temp: join(folder, 'temp'),
    log: { notice: (text: string) => notices.push(text) },
    tools: { get: async () => ({ path: 'buildx' }) },
    run: async (_: string, argv: readonly string[]) => {
      calls.push(argv.join(' '));
      if (said !== undefined) throw new TidegateError('tool-failed', said);
      return { exitCode: 0, stdout: '', stderr: '', milliseconds: 1 };
    },
    children: childContexts({ env: {}, folder: join(folder, 'children'), workspace: folder }),
    signal: new AbortController().signal,
  } as unknown as Services;
}

const use = (cache: string, calls: string[], said?: string, notices?: string[]) =>
  useEngine({ kind: 'address', address }, resolve(folder, cache), servicesOf(calls, said, notices));

describe('an address', () => {
  test('becomes a remote builder, made once and then found again', async () => {
    const calls: string[] = [];
    const { name, env } = await use('once', calls);
    expect(calls).toEqual([`create --name ${name} --driver remote ${address}`]);
    const instances = join(String(env.BUILDX_CONFIG), 'instances');
    await mkdir(instances);
    // As buildx writes it.
    const record = { Name: name, Driver: 'remote', Nodes: [{ Name: `${name}0`, Endpoint: address }], Dynamic: false };
    await writeFile(join(instances, name), JSON.stringify(record));
    expect(await use('once', calls)).toEqual({ name, env });
    expect(calls).toHaveLength(1);
  });

  test.each([['file'], ['file/below'], ['/proc/none']])(
    'is known for this run alone where the cache cannot be written (%s), and a notice says what that costs',
    async (cache) => {
      await writeFile(join(folder, 'file'), '');
      const [calls, notices]: [string[], string[]] = [[], []];
      const { env } = await use(cache, calls, undefined, notices);
      expect(env.BUILDX_CONFIG).toBe(join(folder, 'temp', 'buildx'));
      expect((await stat(String(env.BUILDX_CONFIG))).isDirectory()).toBe(true);
      expect(notices).toEqual([
        expect.stringMatching(/^The builder's state could not be saved in .*send their whole context again: /),
      ]);
    },
  );

  test.each([
    ['of another address', { Driver: 'remote', Nodes: [{ Endpoint: 'tcp://127.0.0.1:1' }] }],
    ['of another driver', { Driver: 'docker', Nodes: [{ Endpoint: 'ADDRESS' }] }],
    ['of several nodes', { Driver: 'remote', Nodes: [{ Endpoint: 'ADDRESS' }, { Endpoint: 'ADDRESS' }] }],
    ['in another form', ['ADDRESS']],
  ])('is passed to buildx if the content under its name is %s', async (what, record) => {
    const calls: string[] = [];
    const { name, env } = await use(what, []);
    const instances = join(String(env.BUILDX_CONFIG), 'instances');
    await mkdir(instances);
    await writeFile(join(instances, name), JSON.stringify(record).replaceAll('ADDRESS', address));
    await use(what, calls);
    expect(calls).toHaveLength(1);
  });

  test('may be made by a job beside this one', async () => {
    await use('beside', [], 'ERROR: existing instance for "x" but no append mode');
    await expect(use('beside', [], 'ERROR: no space left on device')).rejects.toThrow('no space left');
  });

  test.each([
    [
      'another protocol',
      (connection: Socket) => connection.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      /does not use HTTP\/2/,
    ],
    ['nothing but an end', (connection: Socket) => connection.end(), /closes connections without a response/],
  ])('that answers with %s is refused at once', async (_, greeting, says) => {
    greet = greeting;
    const calls: string[] = [];
    const started = performance.now();
    await expect(use('refused', calls)).rejects.toThrow(says);
    await expect(use('refused', calls)).rejects.toMatchObject({ id: 'buildkit-unreachable' });
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(calls).toEqual([]);
  });

  test('without a listener is rejected at once', async () => {
    await new Promise((resolve) => server.close(resolve));
    await expect(use('closed', [])).rejects.toThrow(/^BUILDKIT_HOST: no BuildKit responds on tcp:.*ECONNREFUSED/);
  });
});

test('notes of builds do not pile up, and what is being written stays', async () => {
  const { name, env } = await use('notes', []);
  const notes = join(String(env.BUILDX_CONFIG), 'refs', name, `${name}0`);
  const others = join(String(env.BUILDX_CONFIG), 'refs', 'users-own', 'users-own0');
  for (const place of [notes, others]) {
    await mkdir(place, { recursive: true });
    await writeFile(join(place, 'q9v0p2z1x3c4b5n6m7a8s9d0f'), '{}');
    await writeFile(join(place, '.tmp-q9v0p2z1x3c4b5n6m7a8s9d0f12345'), '{');
  }
  await forgetBuilds({ name, env });
  expect(await readdir(notes)).toEqual(['.tmp-q9v0p2z1x3c4b5n6m7a8s9d0f12345']);
  expect(await readdir(others)).toHaveLength(2);
  // Builders of the user are not touched.
  await forgetBuilds({ name: 'users-own', env });
  await forgetBuilds({ name, env: {} });
  expect(await readdir(others)).toHaveLength(2);
});

test('text that is no address is refused', async () => {
  const engine = { kind: 'address', address: 'buildkitd.sock' } as unknown as Parameters<typeof useEngine>[0];
  await expect(useEngine(engine, folder, {} as never)).rejects.toMatchObject({
    id: 'buildkit-address-invalid',
    message: 'BUILDKIT_HOST: "buildkitd.sock" is not a BuildKit address.',
  });
});
