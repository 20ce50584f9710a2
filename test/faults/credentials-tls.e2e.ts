/** A server that cannot prove who it is gets no credentials. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RegistryOptions } from '@tidegate/oci';
import { authority, type Identity } from '@tidegate/testkit';
import { open, quietly } from './credentials/client.ts';
import { layTrap } from './hostile/trap.ts';

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'tidegate-credentials-'));
});
afterAll(() => rm(base, { recursive: true, force: true }));

describe('a registry on TLS', () => {
  let ca: Awaited<ReturnType<typeof authority>>;
  let good: Identity;
  let foreign: Identity;
  beforeAll(async () => {
    ca = await authority(base);
    good = await ca.issue('good', 'DNS:localhost,IP:127.0.0.1');
    foreign = await ca.issue('foreign', 'DNS:ghcr.io');
  });

  async function serve(identity: Identity) {
    const heard: string[] = [];
    const server = createServer(identity, (request, response) => {
      heard.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
      const known = request.headers.authorization !== undefined;
      response.writeHead(known ? 404 : 401, known ? {} : { 'www-authenticate': 'Basic realm="x"' }).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    return {
      port,
      heard,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        server.close();
      },
    };
  }

  test('of one’s own authority is let prove itself by its certificate', async () => {
    await using server = await serve(good);
    for (const options of [{ ca: ca.pem }, { ca: '', machineCa: ca.pem }]) {
      const registry = open(`localhost:${server.port}`, options);
      expect(await quietly(registry.resolve('v1'))).toMatchObject({ kind: 'not-found' });
      registry.close();
    }
    expect(server.heard.filter((line) => line.includes('Basic'))).toHaveLength(2);
  });

  test('is known by NODE_EXTRA_CA_CERTS, too', async () => {
    await using server = await serve(good);
    const program = `
      import { Registry } from ${JSON.stringify(new URL('../../packages/oci/src/index.ts', import.meta.url).href)};
      const registry = new Registry({ registry: 'localhost:${server.port}', repository: 'a' }, { ca: '', retry: { attempts: 1 } });
      await registry.resolve('v1').catch((error) => process.stdout.write(error.kind));
      registry.close();`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: ca.path },
    });
    const said: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
    await once(child, 'close');
    expect(String(Buffer.concat(said))).toBe('unauthorized');
  });

  test.each<[string, () => Identity, () => RegistryOptions, string]>([
    ['of an authority that nobody knows', () => good, () => ({ ca: '' }), 'localhost'],
    ['with a certificate for another name', () => foreign, () => ({ ca: ca.pem }), 'localhost'],
    ['with a certificate for the name and not the address', () => foreign, () => ({ ca: ca.pem }), '127.0.0.1'],
  ])('%s receives nothing', async (_, identity, options, name) => {
    await using server = await serve(identity());
    const registry = open(`${name}:${server.port}`, options());
    expect(await quietly(registry.resolve('v1'))).toMatchObject({
      kind: 'network',
      next: expect.stringContaining('certificate'),
    });
    registry.close();
    expect(server.heard).toEqual([]);
  });

  test('that is contacted over plain HTTP by mistake receives nothing', async () => {
    // It takes what is no request for the beginning of one, and waits.
    await using trap = await layTrap(undefined, 'waits');
    const registry = open(trap.host, { ca: ca.pem, idle: 500 });
    expect(await quietly(registry.resolve('v1'))).toMatchObject({
      kind: 'network',
      message: expect.stringContaining('within 0.5 s'),
    });
    registry.close();
    expect(trap.heard()).not.toContain('manifests');
  });
});
