import { createHash } from 'node:crypto';
import { Agent, type IncomingMessage, request as send } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import type { Fault } from './faults.ts';
import { type RegistryServer, startRegistry } from './registry.ts';

const open: RegistryServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const TEXT = 'hello, world';
const DIGEST = `sha256:${createHash('sha256').update(TEXT).digest('hex')}`;
const BLOB = `/v2/a/b/blobs/${DIGEST}`;
/** Milliseconds to wait for more output from a stalled registry. */
const PATIENCE = 60;

/** A registry with one blob; from then on `fault` affects every request, until it is removed. */
async function start(fault: Fault) {
  let armed = false;
  const server = await startRegistry({ onRequest: () => (armed ? fault : undefined) });
  open.push(server);
  const begun = await ask(server, 'POST', '/v2/a/b/blobs/uploads/');
  await ask(server, 'PUT', `${begun.headers.location}?digest=${DIGEST}`, TEXT);
  armed = true;
  return { server, mend: () => (armed = false) };
}

interface Seen {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The end of the response: complete, broken connection, or no more data. */
  readonly end: 'whole' | 'broken' | 'silence';
}

function ask(server: RegistryServer, method: string, path: string, body = ''): Promise<Seen> {
  return new Promise((resolve) => {
    const agent = new Agent();
    let answer: IncomingMessage | undefined;
    let text = '';
    const done = (end: Seen['end']) => {
      agent.destroy();
      resolve({ status: answer?.statusCode, headers: answer?.headers ?? {}, body: text, end });
    };
    const outgoing = send(new URL(path, server.url), { method, agent, timeout: PATIENCE }, (incoming) => {
      answer = incoming;
      incoming.on('data', (chunk) => (text += chunk));
      incoming.on('end', () => done('whole')).on('error', () => done('broken'));
    });
    outgoing.on('timeout', () => done('silence')).on('error', () => done('broken'));
    outgoing.end(body);
  });
}

test.each<[Fault, Partial<Seen>]>([
  [{ kind: 'reset' }, { status: undefined, end: 'broken' }],
  [{ kind: 'lose-answer' }, { status: undefined, end: 'broken' }],
  [
    { kind: 'stall', done: false },
    { status: undefined, end: 'silence' },
  ],
  [
    { kind: 'stall', done: true },
    { status: undefined, end: 'silence' },
  ],
  [
    { kind: 'stall-answer', after: 5 },
    { status: 200, body: 'hello', end: 'silence' },
  ],
  [
    { kind: 'cut-answer', after: 5 },
    { status: 200, body: 'hello', end: 'broken' },
  ],
  [
    { kind: 'slow', pieces: 4, pause: 1 },
    { status: 200, body: TEXT, end: 'whole' },
  ],
  [
    { kind: 'flip-bit', at: 0 },
    { status: 200, body: 'iello, world', end: 'whole' },
  ],
  [
    { kind: 'shorten', by: 7 },
    { status: 200, body: 'hello', end: 'whole' },
  ],
  [
    { kind: 'headers', headers: { 'content-length': '99' } },
    { status: 200, body: TEXT, end: 'broken' },
  ],
  [
    { kind: 'answer', status: 503, headers: { 'retry-after': '1' } },
    { status: 503, end: 'whole' },
  ],
])('the fault %j is what a client sees of a blob', async (fault, seen) => {
  const { server } = await start(fault);
  expect(await ask(server, 'GET', BLOB)).toMatchObject(seen);
});

test.each<[Fault, boolean]>([
  [{ kind: 'stall', done: true }, true],
  [{ kind: 'lose-answer' }, true],
  [{ kind: 'stall', done: false }, false],
  [{ kind: 'reset' }, false],
])('after the fault %j a deletion has been done: %j', async (fault, done) => {
  const { server, mend } = await start(fault);
  await ask(server, 'DELETE', BLOB);
  mend();
  expect((await ask(server, 'HEAD', BLOB)).status).toBe(done ? 404 : 200);
});

test('an upload that is forgotten is unknown', async () => {
  const { server } = await start({ kind: 'forget-upload' });
  const begun = await ask(server, 'POST', '/v2/a/b/blobs/uploads/');
  const after = await ask(server, 'PUT', `${begun.headers.location}?digest=${DIGEST}`, TEXT);
  expect([after.status, JSON.parse(after.body).errors[0].code]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
});

test('an expired token is requested again', async () => {
  const server = await startRegistry({
    auth: { kind: 'token', username: 'user', password: 'secret', anonymousPull: true },
    onRequest: ({ headers }) => (headers.authorization === undefined ? undefined : { kind: 'expire-token' }),
  });
  open.push(server);
  const token = JSON.parse((await ask(server, 'GET', '/token?scope=repository:a/b:pull')).body).token;
  const seen = await fetch(`${server.url}${BLOB}`, { headers: { authorization: `Bearer ${token}` } });
  expect([seen.status, seen.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('/token')]);
});
