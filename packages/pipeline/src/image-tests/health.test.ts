import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import type { ContainerEngine, RunningContainer } from './container-engine.ts';
import { testHealth } from './health.ts';

/** The part of docker that a health check needs; the program of the image listens on `port`. */
function engineOf(port: number): ContainerEngine {
  const container: RunningContainer = { port, ended: async () => undefined, lastLines: async () => [] };
  const engine: Pick<ContainerEngine, 'serving'> = { serving: (_image, _platform, _port, use) => use(container) };
  return engine as ContainerEngine;
}

/** @param answer called with the number of the request; without an answer, the request waits */
async function tested(timeout: number, answer: (asked: number, response: ServerResponse) => void) {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    answer(asked, response);
  });
  await using open = new AsyncDisposableStack();
  open.defer(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const check = { url: new URL(`http://app:${port}/health`), timeout };
  const { problems } = await testHealth(engineOf(port), 'image', 'linux/amd64', check, new AbortController().signal);
  return { problems, asked };
}

test('a program that does not answer its first request, but the second one, is healthy', async () => {
  const result = await tested(12_000, (asked, response) => {
    if (asked > 1) response.end('ok');
  });
  expect(result).toEqual({ problems: [], asked: 2 });
}, 15_000);

test('a request that the deadline cuts off does not hide what the program answered before', async () => {
  const { problems } = await tested(1_500, (asked, response) => {
    if (asked === 1) response.writeHead(404).end();
  });
  expect(problems).toEqual(['no answer of 200 to 299 within 1.5 s; last: HTTP status 404']);
});

test('a program that resets a connection, and is silent from then on, is named as silent', async () => {
  const { problems } = await tested(1_500, (asked, response) => {
    if (asked === 1) response.destroy();
  });
  expect(problems).toEqual(['no answer of 200 to 299 within 1.5 s; last: no answer in time']);
});
