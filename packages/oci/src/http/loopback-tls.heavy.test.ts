import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { authority, type Identity, type RegistryServerOptions, startRegistry } from '@tidegate/testkit';
import { addImage, addReferrer, scratchFolder, virtualTiming } from '../fixture.ts';
import { Registry, type RegistryOptions } from '../registry/registry.ts';

const base = scratchFolder('loopback-tls');
afterAll(() => rmSync(base, { recursive: true, force: true }));
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});
let ca: Awaited<ReturnType<typeof authority>>;
let identity: Identity;
beforeAll(async () => {
  ca = await authority(base);
  identity = await ca.issue('registry', 'DNS:localhost,IP:127.0.0.1');
});

async function start(options: RegistryServerOptions, host: 'localhost' | '127.0.0.1', more: RegistryOptions = {}) {
  const server = await startRegistry(options);
  const at = { registry: server.host.replace('127.0.0.1', host), repository: 'acme/app' };
  const registry = new Registry(at, { timing: virtualTiming(), ...more });
  open.push(server, registry);
  return { server, registry };
}

describe('a registry on loopback', () => {
  const login = { username: 'user', password: 'secret' };
  const credentials = async () => ({ kind: 'password', ...login }) as const;

  test.each(['localhost', '127.0.0.1'] as const)(
    'is reached over https where it speaks TLS, with a certificate of the machine: %s',
    async (host) => {
      const auth = { kind: 'token', ...login } as const;
      const { registry, server } = await start({ tls: identity, auth }, host, { machineCa: ca.pem, credentials });
      await registry.checkPush();
      const image = await addImage(registry, 'linux/amd64');
      await registry.moveTag(image, 'v1');
      await addReferrer(registry, image, 'application/x');
      expect(await registry.referrers(image.digest)).toHaveLength(1);
      expect(server.tags('acme/app').get('v1')).toBe(image.digest);
    },
  );

  test.each(['localhost', '127.0.0.1'] as const)('is reached over plain http where it does not: %s', async (host) => {
    const { registry } = await start({}, host);
    await expect(addImage(registry, 'linux/amd64')).resolves.toBeDefined();
  });

  test('is rejected with an untrusted certificate, and not contacted over plain HTTP', async () => {
    const { registry, server } = await start({ tls: identity }, 'localhost');
    await expect(registry.resolve('v1')).rejects.toMatchObject({
      kind: 'network',
      message: expect.stringMatching(/certificate/),
      next: expect.stringContaining('certificate'),
    });
    expect(server.requests).toEqual([]);
  });

  test('is reached over plain http alone where it is called insecure, and over https alone with a certificate given', async () => {
    const { registry: plain, server } = await start({ tls: identity }, 'localhost', { machineCa: ca.pem });
    const insecure = new Registry(plain, { insecure: [plain.registry], timing: virtualTiming() });
    open.push(insecure);
    await expect(insecure.resolve('v1')).rejects.toThrow();
    expect(server.requests).toEqual([]);
    const { registry: given } = await start({}, 'localhost', { ca: ca.pem });
    await expect(given.resolve('v1')).rejects.toMatchObject({ kind: 'network' });
  });

  test('is trusted by NODE_EXTRA_CA_CERTS too, which Node reads as it starts', async () => {
    const { server } = await start({ tls: identity }, '127.0.0.1');
    const index = fileURLToPath(new URL('../index.ts', import.meta.url));
    const script = `
      const { Registry } = await import(${JSON.stringify(index)});
      const registry = new Registry({ registry: ${JSON.stringify(server.host)}, repository: 'acme/app' });
      await registry.checkPush();
      registry.close();`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      env: { NODE_EXTRA_CA_CERTS: join(base, 'ca.pem') },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(server.requests.map(({ method, status }) => [method, status])).toContainEqual(['POST', 202]);
  });
});
