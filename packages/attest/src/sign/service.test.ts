import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '@tidegate/core';
import {
  Outage,
  type OutagePolicy,
  type Posted,
  post,
  type RequestContext,
  refused,
  requestFromAny,
  type Service,
  Stale,
} from './service.ts';

const A: Service = { url: 'https://a.example', majorApiVersion: 1, operator: 'a' };
const B: Service = { url: 'https://b.example', majorApiVersion: 1, operator: 'b' };

/** A simulated environment in which only pauses take time. */
function world(outage: OutagePolicy) {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const notices: string[] = [];
  const asking: RequestContext = {
    outage,
    fetch,
    signal: new AbortController().signal,
    clock: () => new Date(now),
    notice: (message) => notices.push(message),
    pause: async (milliseconds) => {
      now += milliseconds;
    },
  };
  return { asking, notices, passed: () => (now - Date.parse('2026-01-01T00:00:00Z')) / 1000 };
}

/** Services that do not respond to the given number of requests. */
function outFor(requests: Readonly<Record<string, number>>) {
  const asked: string[] = [];
  const ask = async ({ url }: Service) => {
    asked.push(url);
    if (asked.filter((one) => one === url).length <= (requests[url] ?? 0)) throw new Outage('status 503');
    return `answer of ${url}`;
  };
  return { ask, asked };
}

const ALWAYS = Number.POSITIVE_INFINITY;

test.each<OutagePolicy>([{ kind: 'wait', milliseconds: 0 }, { kind: 'fallback' }, { kind: 'fail' }])(
  'a dropped connection is no outage, whatever the policy: %j',
  async (policy) => {
    const { asking, notices } = world(policy);
    const { ask, asked } = outFor({ [A.url]: 2 });
    expect(await requestFromAny('Rekor', [A, B], ask, asking)).toBe('answer of https://a.example');
    expect(asked).toEqual([A.url, A.url, A.url]);
    expect(notices).toEqual([]);
  },
);

test('wait: the service is retried until it responds, and the log says which one and for how long', async () => {
  const { asking, notices, passed } = world({ kind: 'wait', milliseconds: 600_000 });
  const { ask } = outFor({ [A.url]: 20 });
  expect(await requestFromAny('Rekor', [A, B], ask, asking)).toBe('answer of https://a.example');
  expect(notices).toEqual([expect.stringMatching(/Rekor at https:\/\/a\.example .*status 503.*600 s/)]);
  expect(passed()).toBeGreaterThan(60);
});

test('wait: when patience ends it fails, naming the service', async () => {
  const { asking, passed } = world({ kind: 'wait', milliseconds: 600_000 });
  const { ask, asked } = outFor({ [A.url]: ALWAYS });
  await expect(requestFromAny('Rekor', [A, B], ask, asking)).rejects.toMatchObject({
    kind: 'network',
    message: expect.stringContaining('https://a.example: status 503'),
  });
  expect(passed()).toBeGreaterThan(590);
  expect(passed()).toBeLessThan(630);
  expect(asked).not.toContain(B.url);
});

test('fallback: the next service is used, and the log says so', async () => {
  const { asking, notices } = world({ kind: 'fallback' });
  const { ask } = outFor({ [A.url]: ALWAYS });
  expect(await requestFromAny('Rekor', [A, B], ask, asking)).toBe('answer of https://b.example');
  expect(notices).toEqual([expect.stringContaining('https://a.example')]);
});

test('fallback: with none left it fails, naming each', async () => {
  const { asking } = world({ kind: 'fallback' });
  const { ask } = outFor({ [A.url]: ALWAYS, [B.url]: ALWAYS });
  await expect(requestFromAny('Rekor', [A, B], ask, asking)).rejects.toMatchObject({
    kind: 'network',
    message: expect.stringMatching(/a\.example.*b\.example/),
  });
});

test('fail: no second service is used', async () => {
  const { asking, passed } = world({ kind: 'fail' });
  const { ask, asked } = outFor({ [A.url]: ALWAYS });
  await expect(requestFromAny('Rekor', [A, B], ask, asking)).rejects.toMatchObject({ kind: 'network' });
  expect(asked).toEqual([A.url, A.url, A.url]);
  expect(passed()).toBeLessThan(5);
});

test('a refusal is neither waited out nor taken elsewhere', async () => {
  const { asking } = world({ kind: 'fallback' });
  const asked: string[] = [];
  const refusing = async ({ url }: Service) => {
    asked.push(url);
    throw new TidegateError('signature-invalid', 'no');
  };
  await expect(requestFromAny('Fulcio', [A, B], refusing, asking)).rejects.toMatchObject({ message: 'no' });
  expect(asked).toEqual([A.url]);
});

test('an identity token that expires soon is not waited for', async () => {
  const { asking, passed } = world({ kind: 'wait', milliseconds: 3_600_000 });
  const { ask } = outFor({ [A.url]: ALWAYS });
  const goodUntil = new Date('2026-01-01T00:09:00Z');
  await expect(requestFromAny('Rekor', [A], ask, asking, goodUntil)).rejects.toBeInstanceOf(Stale);
  expect(passed()).toBeLessThan(560);
});

describe('one request', () => {
  async function answering(status: number, headers: Record<string, string> = {}, body = '') {
    const server = createServer((_request, response) => response.writeHead(status, headers).end(body));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    return {
      url,
      async [Symbol.asyncDispose]() {
        server.close();
        server.closeAllConnections();
        await once(server, 'close');
      },
    };
  }
  const send = (url: string) =>
    post(url, {}, { accept: 'application/json' }, { fetch, signal: new AbortController().signal });

  test.each([429, 500, 502, 503, 504])('status %i is an outage', async (status) => {
    await using server = await answering(status, {}, '{"message":"come back later"}');
    await expect(send(server.url)).rejects.toMatchObject({ message: `status ${status}: come back later` });
    await expect(send(server.url)).rejects.toBeInstanceOf(Outage);
  });

  test('a closed port is an outage, and says why', async () => {
    const server = await answering(200);
    await server[Symbol.asyncDispose]();
    await expect(send(server.url)).rejects.toBeInstanceOf(Outage);
    await expect(send(server.url)).rejects.toThrow(/ECONNREFUSED/);
  });

  test('a redirect is not followed: the token goes to the host that was named', async () => {
    await using elsewhere = await answering(200, {}, '{}');
    await using server = await answering(307, { location: elsewhere.url });
    await expect(send(server.url)).rejects.toBeInstanceOf(Outage);
  });

  test.each([200, 201, 400, 401, 403, 404, 409])('status %i is an answer', async (status) => {
    await using server = await answering(status, {}, '{}');
    expect(await send(server.url)).toMatchObject({ status });
  });

  test('an answer without end is cut off', async () => {
    await using server = await answering(200, {}, 'x'.repeat(9 * 1024 * 1024));
    await expect(send(server.url)).rejects.toMatchObject({ kind: 'network' });
  });
});

test('the rejection of a service has its own words', () => {
  const answer = { status: 400, bytes: Buffer.from('{"message":"no such log"}') } as unknown as Posted;
  expect(refused('Rekor', A, answer, 'Contact its operator.')).toMatchObject({
    id: 'signing-service-rejected',
    message: 'Rekor at https://a.example rejected the request with status 400: no such log.',
  });
});
