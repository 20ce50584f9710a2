/** Credentials that a proxy sees, and the requests that go through it. */
import { describe, expect, test } from '@jest/globals';
import { readProxies } from '@tidegate/runner';
import { secretsIn } from '../support/secret-search.ts';
import { open, quietly, secrets } from './credentials/client.ts';
import { layTrap } from './hostile/trap.ts';

describe('a proxy', () => {
  const wants = 'HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Basic realm="x"\r\ncontent-length: 0\r\n\r\n';
  const PROXY_SECRET = 'proxy-secret-of-somebody';
  const through = (host: string, more: Readonly<Record<string, string>> = {}) => ({
    proxies: readProxies({
      HTTP_PROXY: `http://proxy:${PROXY_SECRET}@${host}`,
      HTTPS_PROXY: `http://proxy:${PROXY_SECRET}@${host}`,
      ...more,
    }),
  });

  test('is gone through to a registry elsewhere', async () => {
    await using proxy = await layTrap('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n');
    const registry = open('registry.invalid', { insecure: ['registry.invalid'], ...through(proxy.host) });
    await quietly(registry.resolve('v1'));
    registry.close();
    expect(proxy.heard()).toMatch(/^HEAD http:\/\/registry\.invalid\/v2\/acme\/app\/manifests\/v1 /);
  });

  test('sees of a registry on TLS its name alone, and is the only one to get the proxy’s own password', async () => {
    await using proxy = await layTrap('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    const registry = open('registry.invalid', through(proxy.host));
    const failure = await quietly(registry.resolve('v1'));
    registry.close();
    expect(proxy.heard()).toMatch(/^CONNECT registry\.invalid:443 /);
    expect(proxy.heard()).not.toMatch(/^authorization:/im);
    expect(secretsIn(proxy.heard(), secrets)).toEqual([]);
    expect(failure).toMatchObject({ kind: 'network', next: expect.stringContaining('proxy') });
    expect(secretsIn(`${failure} ${(failure as Error).cause}`, { PROXY_SECRET })).toEqual([]);
  });

  test.each(['registry.invalid', '.invalid', 'invalid', '*'])(
    'is not gone through where NO_PROXY is %s',
    async (NO_PROXY) => {
      await using proxy = await layTrap(wants);
      const registry = open('registry.invalid', {
        insecure: ['registry.invalid'],
        ...through(proxy.host, { NO_PROXY }),
      });
      expect(await quietly(registry.resolve('v1'))).toMatchObject({ kind: 'network' });
      registry.close();
      expect(proxy.heard()).toBe('');
    },
  );

  test('never sees what is meant for this machine', async () => {
    await using proxy = await layTrap(wants);
    await using here = await layTrap(wants);
    const registry = open(here.host, through(proxy.host));
    await quietly(registry.resolve('v1'));
    registry.close();
    expect(proxy.heard()).toBe('');
    expect(here.heard()).toContain('authorization: Basic');
    expect(secretsIn(here.heard(), { PROXY_SECRET })).toEqual([]);
  });
});
