import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clockCheck, permissionChecks, serverChecks } from './network.ts';

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
