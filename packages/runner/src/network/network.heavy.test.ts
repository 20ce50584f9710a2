import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { authority, type Identity, startHttpProxy, startRegistry } from '@tidegate/testkit';
import { withGitHub } from '../github/api.ts';
import type { Job } from '../job.ts';
import { readNetwork } from './network.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidegate-network-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
let ca: Awaited<ReturnType<typeof authority>>;
let identity: Identity;
beforeAll(async () => {
  ca = await authority(folder);
  identity = await ca.issue('service', 'DNS:localhost,DNS:service.invalid,IP:127.0.0.1');
});

/** A server that responds to `/v2/` with 200. */
async function serve(tls?: Identity) {
  const server = await startRegistry(tls ? { tls } : {});
  open.push(server);
  return server;
}

describe('fetch', () => {
  test('goes through the proxy, and not to hosts that NO_PROXY names', async () => {
    const server = await serve();
    await using proxy = await startHttpProxy(server.host);
    const { fetch } = readNetwork({ HTTP_PROXY: proxy.url, no_proxy: 'direct.invalid' });
    expect((await fetch('http://service.invalid/v2/')).status).toBe(200);
    expect(proxy.requests).toEqual(['CONNECT service.invalid:80']);
    await expect(fetch('http://a.direct.invalid/v2/')).rejects.toMatchObject({ cause: { code: 'ENOTFOUND' } });
    expect((await fetch(`${server.url}/v2/`)).status).toBe(200);
    expect(proxy.requests).toHaveLength(1);
  });

  test('is used for requests to the GitHub API', async () => {
    const server = await serve();
    await using proxy = await startHttpProxy(server.host);
    const job = {
      network: readNetwork({ HTTP_PROXY: proxy.url }),
      signal: new AbortController().signal,
      env: { GITHUB_API_URL: 'http://api.invalid' },
    } as Partial<Job> as Job;
    const asking = withGitHub(job, 'token', 'acme/app', ({ rest, repo }) => rest.repos.get(repo));
    await expect(asking).rejects.toMatchObject({ status: 404 });
    expect(proxy.requests).toEqual(['CONNECT api.invalid:80']);
  });

  test('checks certificates behind the proxy, with those of SSL_CERT_FILE', async () => {
    const server = await serve(identity);
    await using proxy = await startHttpProxy(server.host);
    const { fetch } = readNetwork({ HTTPS_PROXY: proxy.url, SSL_CERT_FILE: ca.path });
    expect((await fetch('https://service.invalid/v2/')).status).toBe(200);
    expect(proxy.requests).toEqual(['CONNECT service.invalid:443']);
    await expect(fetch('https://other.invalid/v2/')).rejects.toMatchObject({
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
    await expect(readNetwork({ HTTPS_PROXY: proxy.url }).fetch('https://service.invalid/v2/')).rejects.toThrow();
  });

  test('trusts the certificates of SSL_CERT_FILE without a proxy too', async () => {
    const { url } = await serve(identity);
    expect((await readNetwork({ SSL_CERT_FILE: ca.path }).fetch(`${url}/v2/`)).status).toBe(200);
    await expect(readNetwork({}).fetch(`${url}/v2/`)).rejects.toThrow('fetch failed');
  });

  test.each([
    ['SSL_CERT_FILE', { SSL_CERT_FILE: join(folder, 'missing.pem') }],
    ['HTTPS_PROXY', { HTTPS_PROXY: 'socks5://127.0.0.1:1080' }],
  ])('names %s where that cannot be used', async (variable, env) => {
    await expect(readNetwork(env).fetch('https://service.invalid')).rejects.toMatchObject({
      kind: 'bad-input',
      message: expect.stringContaining(variable),
    });
  });

  test('is Node’s own where the machine names neither proxy nor certificates', () => {
    expect(readNetwork({ NO_PROXY: 'x' }).fetch).toBe(globalThis.fetch);
  });
});
