/**
 * For tests: GitHub's API with the responses that a test defines. It checks no permission, and records the requests.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Job } from '../job.ts';
import { readNetwork } from '../network/network.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a client sent
  readonly body: any;
  readonly authorization?: string | undefined;
}

const servers: { close(): unknown }[] = [];

/** After each test. */
export function closeGitHubs(): void {
  for (const server of servers.splice(0)) server.close();
}

export type Answer = (method: string, path: string, url: string) => readonly [status: number, value: unknown];

/** @param answer receives the fake's base URL, for URLs in its responses */
export async function gitHub(answer: Answer) {
  const asked: Asked[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const { authorization } = request.headers;
    asked.push({
      method: request.method ?? '',
      path,
      query,
      body: text === '' ? undefined : JSON.parse(text),
      ...(authorization ? { authorization } : {}),
    });
    const [status, value] = answer(request.method ?? '', path, `http://${request.headers.host}`);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(status === 204 ? undefined : JSON.stringify(value));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  const warnings: string[] = [];
  const infos: string[] = [];
  const unused = () => {
    throw new Error('not used here');
  };
  const job = {
    redacted: <T>(value: T) => value,
    clock: () => new Date('2026-11-24T12:00:00Z'),
    log: {
      debug() {},
      info: (text) => infos.push(text),
      notice() {},
      warning: (text) => warnings.push(text),
      group: unused,
      mask() {},
      redact: (text) => text,
    },
    signal: new AbortController().signal,
    network: readNetwork({}),
    env: {
      GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      GITHUB_REPOSITORY: 'acme/app',
      GITHUB_SHA: 'a'.repeat(40),
      GITHUB_REF: 'refs/pull/7/merge',
    },
    event: { pull_request: { number: 7 } },
  } as Partial<Job> as Job;
  return { asked, infos, warnings, job };
}
