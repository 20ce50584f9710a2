import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ErrorId, parseReference, TidegateError } from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import { clockCheck, permissionChecks, registryChecks, serverChecks } from './network.ts';

const NOW = new Date('2026-11-01T12:00:00Z');
const logins: (string | undefined)[] = [];
let server: Server;
beforeAll(async () => {
  server = createServer(({ headers }, response) => {
    logins.push(headers.authorization);
    response.writeHead(301, { date: NOW.toUTCString(), location: '/' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const services = (now = NOW) =>
  ({
    network: { fetch: globalThis.fetch },
    clock: () => now,
    signal: new AbortController().signal,
  }) as unknown as Parameters<typeof serverChecks>[1];

test.each([
  [0, 'ok'],
  [90_000, 'warning'],
  [-90_000, 'warning'],
  [3_600_000, 'failed'],
])('a clock that is %i ms off: %s', (off, status) => {
  expect(clockCheck(NOW.toUTCString(), new Date(NOW.getTime() + off)).status).toBe(status);
});

test('without a date there is nothing to compare', () => {
  expect(clockCheck(null, NOW).status).toBe('warning');
  expect(clockCheck('yesterday', NOW).status).toBe('warning');
});

test('a server that responds is reachable, and its date is compared', async () => {
  const { port } = server.address() as AddressInfo;
  const servers = [
    { name: 'database', setting: 'db-mirror', url: `http://user:secret@127.0.0.1:${port}`, fix: 'Give a mirror.' },
  ];
  expect(await serverChecks(servers, services())).toMatchObject([
    { name: 'database', status: 'ok', detail: `127.0.0.1:${port} responds` },
    { name: 'clock', status: 'ok' },
  ]);
  expect(logins).toEqual([undefined]);
  const late = new Date(NOW.getTime() + 600_000);
  expect((await serverChecks(servers, services(late))).map(({ status }) => status)).toEqual(['ok', 'failed']);
});

test('a server that does not respond is a warning with the cause', async () => {
  const { port } = server.address() as AddressInfo;
  const nowhere = { name: 'github-api', setting: 'GITHUB_API_URL', url: 'http://127.0.0.1:9', fix: 'Set HTTPS_PROXY.' };
  const [api, clock] = await serverChecks([nowhere], services());
  expect(api).toMatchObject({ status: 'warning', detail: expect.stringContaining('('), fix: 'Set HTTPS_PROXY.' });
  expect(clock?.status).toBe('warning');
  const second = { name: 'database', setting: 'db-mirror', url: `http://127.0.0.1:${port}`, fix: '' };
  expect((await serverChecks([nowhere, second], services())).map(({ status }) => status)).toEqual([
    ...['warning', 'ok', 'ok'],
  ]);
});

test('in a workflow, a missing id-token: write is a warning', () => {
  expect(permissionChecks({})).toEqual([]);
  expect(permissionChecks({ GITHUB_ACTIONS: 'true' })).toMatchObject([{ status: 'warning' }]);
  expect(permissionChecks({ GITHUB_ACTIONS: 'true', ACTIONS_ID_TOKEN_REQUEST_URL: 'x' })).toMatchObject([
    { status: 'ok' },
  ]);
});

describe('a registry that does not accept a push', () => {
  const checks = (id: ErrorId, hasLogin = false) => {
    const registry = {
      checkPush: async () => {
        throw new TidegateError(id, 'it failed', { next: 'Try this.' });
      },
    } as unknown as Registry;
    const login = { reference: parseReference('registry.example/acme/app'), registry, hasLogin };
    return registryChecks(login, new AbortController().signal, (text) => text);
  };

  test('with 401 or 403 is a question of login and permission', async () => {
    expect(await checks('registry-denied')).toMatchObject([
      { name: 'login', status: 'warning', fix: expect.stringContaining('docker login registry.example') },
      { name: 'registry', status: 'failed', fix: expect.stringContaining('permission to push') },
    ]);
  });

  test.each(['registry-unreachable', 'registry-failed', 'registry-not-found', 'registry-response-invalid'] as const)(
    'because of %s is none: no login is advised',
    async (id) => {
      expect(await checks(id)).toEqual([{ name: 'registry', status: 'failed', detail: 'it failed', fix: 'Try this.' }]);
      expect(await checks(id, true)).toMatchObject([{ name: 'login', status: 'ok' }, { fix: 'Try this.' }]);
    },
  );
});
