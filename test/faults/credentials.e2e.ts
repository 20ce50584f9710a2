import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf, MediaType } from '@tidegate/core';
import {
  type CredentialSource,
  contentOfBytes,
  dockerCredentials,
  firstOf,
  type Registry,
  staticCredentials,
} from '@tidegate/oci';
import { type Fault, type RecordedRequest, startRegistry } from '@tidegate/testkit';
import { secretsIn } from '../support/secret-search.ts';
import { BLOB, MANIFEST, NO_HELPER, OK, open, pushBlob, quietly, SECRET, secrets, USER } from './credentials/client.ts';
import { layTrap } from './hostile/trap.ts';

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'tidegate-credentials-'));
});
afterAll(() => rm(base, { recursive: true, force: true }));

describe('a registry that leads elsewhere takes no credentials there:', () => {
  type Lead = (request: RecordedRequest, trap: string, self: string) => Fault | undefined;
  const answer = (status: number, headers: Readonly<Record<string, string>>, body = ''): Fault => ({
    kind: 'answer',
    status,
    headers,
    body,
  });
  const uploads = ({ method, url }: RecordedRequest) => method === 'POST' && url.includes('/uploads/');
  const list = JSON.stringify({ schemaVersion: 2, mediaType: MediaType.index, manifests: [] });

  test.each<[string, Lead, (registry: Registry) => Promise<unknown>, 'hears something' | 'hears nothing']>([
    [
      'a blob on another host',
      ({ method, url }, trap) =>
        method === 'GET' && url.includes('/blobs/') ? answer(307, { location: `http://${trap}/x` }) : undefined,
      (registry) => registry.fetchBytes(BLOB.descriptor),
      'hears something',
    ],
    [
      'a manifest on another host',
      ({ method, url }, trap) =>
        url.includes('/manifests/') ? answer(302, { location: `http://${trap}/${method}` }) : undefined,
      (registry) => registry.resolve('v1'),
      'hears something',
    ],
    [
      'an upload to another host',
      (request, trap) => (uploads(request) ? answer(202, { location: `http://${trap}/upload?_state=x` }) : undefined),
      pushBlob,
      'hears something',
    ],
    [
      'a token from another host',
      ({ url }, trap) => (url.startsWith('/token') ? answer(307, { location: `http://${trap}/token` }) : undefined),
      pushBlob,
      'hears nothing',
    ],
    [
      'a token service with a user part',
      (_, trap) => answer(401, { 'www-authenticate': `Bearer realm="http://x@${trap}/token"` }),
      pushBlob,
      'hears nothing',
    ],
    [
      'a token service that speaks another protocol',
      (_, trap) => answer(401, { 'www-authenticate': `Bearer realm="ftp://${trap}/token"` }),
      pushBlob,
      'hears nothing',
    ],
    [
      'a page of referrers on another host',
      ({ url }, trap) =>
        url.includes('/referrers/')
          ? answer(200, { 'content-type': MediaType.index, link: `<http://${trap}/next>; rel="next"` }, list)
          : undefined,
      (registry) => registry.referrers(digestOf('x')),
      'hears nothing',
    ],
    [
      'the list of referrers on another host',
      ({ url }, trap) => (url.includes('/referrers/') ? answer(303, { location: `http://${trap}/web` }) : undefined),
      (registry) => registry.referrers(digestOf('x')),
      'hears nothing',
    ],
    [
      'a manifest that is to be written elsewhere',
      ({ method, url }, trap) =>
        method === 'PUT' && url.includes('/manifests/') ? answer(307, { location: `http://${trap}/x` }) : undefined,
      (registry) => registry.push(MANIFEST.descriptor, contentOfBytes(MANIFEST.bytes)),
      'hears nothing',
    ],
  ])('%s', async (_, lead, work, hears) => {
    await using trap = await layTrap(OK);
    let entered = false;
    const server = await startRegistry({
      auth: { kind: 'token', username: USER, password: SECRET },
      onRequest: (request) => {
        // Only once it holds a token for us: else there would be nothing to take along.
        entered ||= request.headers.authorization?.startsWith('Bearer ') ?? false;
        return entered || request.url.startsWith('/token')
          ? lead(request, trap.host, server.host)
          : lead(request, trap.host, server.host)?.kind === 'answer' && !request.url.startsWith('/v2')
            ? undefined
            : challenged(lead(request, trap.host, server.host));
      },
    });
    const registry = open(server.host);
    try {
      await quietly(work(registry));
      const heard = trap.heard();
      expect(heard === '' ? 'hears nothing' : 'hears something').toBe(hears);
      expect(heard).not.toMatch(/^(proxy-)?authorization:/im);
      expect(secretsIn(heard, { ...secrets, ...tokensOf(server.requests) })).toEqual([]);
    } finally {
      registry.close();
      await server.close();
    }
  });

  /** A challenge is what the case is about; anything else waits until we are let in. */
  function challenged(fault: Fault | undefined): Fault | undefined {
    return fault?.kind === 'answer' && fault.status === 401 ? fault : undefined;
  }

  /** The bearer tokens that the registry saw, by number. */
  function tokensOf(requests: readonly RecordedRequest[]): Record<string, string> {
    const seen = new Set(requests.map(({ headers }) => /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]));
    seen.delete(undefined);
    return Object.fromEntries([...seen].map((token, at) => [`token ${at}`, token as string]));
  }

  test('and the way back from there is without them, too', async () => {
    let back = '';
    await using trap = await layTrap(''); // Answers nothing: its answer depends on the registry's port.
    const middle = await startRegistry({
      onRequest: () => ({ kind: 'answer', status: 302, headers: { location: back } }),
    });
    const server = await startRegistry({
      auth: { kind: 'token', username: USER, password: SECRET },
      onRequest: ({ url, headers }) =>
        headers.authorization?.startsWith('Bearer ') && url.includes('/blobs/') && !url.includes('chosen')
          ? { kind: 'answer', status: 307, headers: { location: `${middle.url}/x` } }
          : undefined,
    });
    back = `${server.url}/v2/acme/chosen/blobs/${BLOB.descriptor.digest}`;
    const registry = open(server.host);
    try {
      await quietly(registry.fetchBytes(BLOB.descriptor));
      const chosen = server.requests.filter(({ url }) => url.includes('chosen'));
      expect(chosen.length).toBeGreaterThan(0);
      expect(chosen.map(({ headers }) => headers.authorization)).toEqual(chosen.map(() => undefined));
      expect(trap.heard()).toBe('');
    } finally {
      registry.close();
      await Promise.all([server.close(), middle.close()]);
    }
  });

  test('a token service other than the one that the user names gets nothing', async () => {
    await using trap = await layTrap();
    const server = await startRegistry({
      onRequest: () => ({
        kind: 'answer',
        status: 401,
        headers: { 'www-authenticate': `Bearer realm="http://${trap.host}/token"` },
      }),
    });
    const registry = open(server.host, { tokenServices: { [server.host]: ['127.0.0.1:1'] } });
    try {
      expect(await quietly(registry.resolve('v1'))).toMatchObject({
        kind: 'unauthorized',
        message: expect.stringContaining('only 127.0.0.1:1 is allowed'),
      });
      expect(trap.heard()).toBe('');
    } finally {
      registry.close();
      await server.close();
    }
  });
});

describe('a registry that only looks like the one they are for gets none:', () => {
  const wants = 'HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Basic realm="x"\r\ncontent-length: 0\r\n\r\n';
  const keysFor = (host: string) => {
    const port = host.split(':')[1];
    return [
      `evil-${host}`,
      `${host}.evil.example`,
      `localhost:${port}`,
      `127.0.0.1:${Number(port) + 1}`,
      '127.0.0.1',
      `user@${host}`,
      `https://evil.example/${host}`,
      `${host}/acme`,
      `127.0.0.1:0${port}`,
      `*:${port}`,
      `ghcr.io:${port}`,
    ];
  };

  test.each(keysFor('127.0.0.1:5000').map((_, at) => at))('look-alike %d', async (at) => {
    await using trap = await layTrap(wants);
    const key = keysFor(trap.host)[at] as string;
    const configDir = await mkdtemp(join(base, 'docker-'));
    await writeFile(
      join(configDir, 'config.json'),
      JSON.stringify({ auths: { [key]: { auth: Buffer.from(`${USER}:${SECRET}`).toString('base64') } } }),
    );
    const credentials: CredentialSource = firstOf(
      staticCredentials(key, USER, SECRET),
      dockerCredentials({ configDir, helperRun: NO_HELPER }),
    );
    const registry = open(trap.host, { credentials });
    await quietly(registry.resolve('v1'));
    registry.close();
    expect(trap.heard()).toContain('/v2/acme/app/manifests/v1');
    expect(trap.heard()).not.toMatch(/^authorization:/im);
    expect(secretsIn(trap.heard(), secrets)).toEqual([]);
  });
});
