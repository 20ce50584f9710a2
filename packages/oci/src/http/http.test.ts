import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { readAll } from '../verified.ts';
import { ConnectionFailure } from './connection-failure.ts';
import { Connections } from './http.ts';
import type { ConnectionOptions, HttpBody, HttpRequest } from './request.ts';
import { discard, readDocument } from './responses.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** A server whose bytes a test writes itself. @param talk called for each connection */
async function serve(talk: (socket: Socket, nth: number) => void) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    talk(socket, sockets.push(socket) - 1);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  open.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

/** Answers each request that has arrived whole with the same bytes. */
const answering = (text: string) => serve((socket) => socket.on('data', () => socket.write(text)));

function connect(host: string, options: ConnectionOptions = {}) {
  const connections = new Connections(options);
  open.push(connections);
  const send = (request: Partial<HttpRequest> = {}) =>
    connections.send({ method: 'GET', url: new URL(`http://${host}/v2/`), headers: {}, ...request });
  return send;
}

const failureOf = (pending: Promise<unknown>) =>
  pending.then(
    () => undefined,
    (error: unknown) => error,
  );

/** `length` bytes in chunks of 256 KiB. @param onEnd called when no further chunk will be requested */
function bodyOf(length: number, onEnd: () => void = () => undefined): HttpBody {
  return {
    length,
    async *chunks(stop) {
      try {
        for (let at = 0; at < length && !stop.aborted; at += 262_144)
          yield Buffer.alloc(Math.min(262_144, length - at));
      } finally {
        onEnd();
      }
    },
  };
}

describe('a response', () => {
  test('accepts unsolicited interim responses', async () => {
    const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n';
    const { host } = await answering(`${interim}HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok`);
    const response = await connect(host)({ method: 'PUT', body: Buffer.from('body') });
    expect(response.statusCode).toBe(201);
    expect(String(await readAll(response, 10, 'test'))).toBe('ok');
  });

  test('has repeated headers joined, and the first of those that can only be one', async () => {
    const { host } = await answering(
      'HTTP/1.1 200 OK\r\nLink: <a>\r\nLink: <b>\r\nLocation: /1\r\nLocation: /2\r\ncontent-length: 0\r\n\r\n',
    );
    const { headers } = await connect(host)();
    expect(headers).toMatchObject({ link: '<a>, <b>', location: '/1' });
  });

  test('has no header that the server did not send, whatever it calls the others', async () => {
    const { host } = await answering('HTTP/1.1 200 OK\r\n__proto__: x\r\nconstructor: y\r\ncontent-length: 0\r\n\r\n');
    const { headers } = await connect(host)();
    expect(headers.constructor).toBe('y');
    expect(headers.toString).toBeUndefined();
  });

  test('that switches to another protocol is an error that a retry would not change', async () => {
    const { host } = await answering('HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n');
    const failure = await failureOf(connect(host)());
    expect(failure).toBeInstanceOf(ConnectionFailure);
    expect(failure).toMatchObject({ transient: false, message: 'the server switched to another protocol' });
  });

  test('is bounded in its headers', async () => {
    const { host } = await answering(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`);
    expect(await failureOf(connect(host)())).toMatchObject({ message: 'the headers of the response are too large' });
  });

  test.each([
    ['with a length', 'content-length: 10\r\n'],
    ['with a length, on a connection that is to be closed', 'content-length: 10\r\nconnection: close\r\n'],
    ['in chunks', 'transfer-encoding: chunked\r\n'],
  ])('that is cut off is an error that a retry may fix: %s', async (_, headers) => {
    const body = headers.includes('chunked') ? '5\r\nhalf \r\n' : 'half ';
    const { host } = await serve((socket) =>
      socket.on('data', () => socket.end(`HTTP/1.1 200 OK\r\n${headers}\r\n${body}`)),
    );
    const response = await connect(host)();
    const failure = (await failureOf(readAll(response, 100, 'test'))) as Error;
    expect(new ConnectionFailure(failure)).toMatchObject({ transient: true, timedOut: false });
    expect(response.errored).toBe(failure);
  });
});

describe('a response of one byte now and then', () => {
  const dripping = (status: string) =>
    serve((socket) => {
      socket.on('data', () => {
        socket.write(`HTTP/1.1 ${status}\r\ncontent-length: 60000\r\n\r\n`);
        const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write('x')), 20);
        socket.on('close', () => clearInterval(timer));
      });
    });

  test('is discarded in limited time', async () => {
    const { host } = await dripping('500 No');
    const response = await connect(host, { idle: 1000 })();
    await discard(response, 200);
    expect(response.destroyed).toBe(true);
  });

  test('is read in limited time, and may be tried again', async () => {
    const { host } = await dripping('200 OK');
    const response = await connect(host, { idle: 1000 })();
    const failure = await failureOf(readDocument(response, 60_000, 'test', 200));
    expect(failure).toMatchObject({ message: 'the response did not end within 0.2 seconds' });
    expect(new ConnectionFailure(failure)).toMatchObject({ transient: true, timedOut: true });
    expect(response.errored).toBe(failure);
  });
});

describe('a body', () => {
  test('is not sent further after an early response, which is read to its end', async () => {
    let late = () => undefined as unknown;
    const { host, sockets } = await serve((socket) => {
      socket.once('data', () => {
        socket.pause();
        socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 4\r\n\r\nto');
        late = () => socket.write('o!');
      });
    });
    let ended = false;
    const send = connect(host);
    const response = await send({ method: 'PUT', body: bodyOf(1 << 30, () => (ended = true)) });
    expect(response.statusCode).toBe(413);
    late();
    expect(String(await readAll(response, 10, 'test'))).toBe('too!');
    while (!ended) await new Promise((resolve) => setTimeout(resolve, 5));
    // The connection has half a body in it: the next request needs another one.
    await failureOf(send({ signal: AbortSignal.timeout(300) }));
    expect(sockets).toHaveLength(2);
  });

  test('that the server does not take is an error after the idle timeout', async () => {
    const { host } = await serve((socket) => socket.pause());
    let ended = false;
    const body = bodyOf(1 << 30, () => (ended = true));
    const failure = await failureOf(connect(host, { idle: 200 })({ method: 'PUT', body }));
    expect(failure).toMatchObject({
      timedOut: true,
      message: expect.stringMatching(/^no data (sent|received) for 0.2/),
    });
    while (!ended) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  test('that fails is the error of the request', async () => {
    const { host } = await serve(() => undefined);
    const wrong = new Error('the disk is gone');
    const body: HttpBody = {
      length: 100,
      async *chunks() {
        yield Buffer.alloc(10);
        throw wrong;
      },
    };
    expect(await failureOf(connect(host)({ method: 'PUT', body }))).toMatchObject({ cause: wrong });
  });
});

describe('a cancelled request', () => {
  test.each([
    ['before it is sent', 0],
    ['while it waits for a response', 50],
  ])('ends at once: %s', async (_, after) => {
    const { host } = await serve(() => undefined);
    const stop = new AbortController();
    if (after === 0) stop.abort();
    else setTimeout(() => stop.abort(), after);
    expect(await failureOf(connect(host)({ signal: stop.signal }))).toMatchObject({ kind: 'cancelled' });
  });

  test('that waits for a connection ends at once, and is not sent later', async () => {
    const heard: string[] = [];
    const { host } = await serve((socket) => socket.on('data', (chunk) => heard.push(chunk.toString('latin1'))));
    const send = connect(host, { maxSockets: 1 });
    const stops = [new AbortController(), new AbortController()] as const;
    const [first, second] = stops.map(({ signal }, at) =>
      failureOf(send({ signal, url: new URL(`http://${host}/${at}`) })),
    );
    while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stops[1].abort();
    expect(await second).toMatchObject({ kind: 'cancelled' });
    stops[0].abort();
    expect(await first).toMatchObject({ kind: 'cancelled' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(heard.join('')).not.toContain('GET /1');
  });
});

test('connections that are still being made end when all are closed', async () => {
  const { host, sockets } = await serve(() => undefined);
  const connections = new Connections();
  const pending = failureOf(connections.send({ method: 'GET', url: new URL(`https://${host}/`), headers: {} }));
  while (sockets.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  connections.close();
  await once(sockets[0]?.resume() as Socket, 'close');
  expect(await pending).toBeInstanceOf(ConnectionFailure);
});

describe('a proxy', () => {
  const through = (host: string) => ({ proxies: { proxyFor: () => new URL(`http://user:p%40ss@${host}`) } });
  const secure = { url: new URL('https://registry.invalid/v2/') };

  test('that closes the connection is an error, and is not tried for ever', async () => {
    const { host, sockets } = await serve((socket) => socket.once('data', () => socket.end()));
    const failure = await failureOf(connect(host, through(host))(secure));
    expect(failure).toMatchObject({ transient: true, message: 'the proxy closed the connection' });
    expect(sockets.length).toBeLessThan(4);
  });

  test.each([407, 502])('that refuses with %i is named in the error, whatever the scheme', async (status) => {
    let heard = '';
    const { host } = await serve((socket) =>
      socket.on('data', (chunk) => {
        heard += chunk.toString('latin1');
        socket.write(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      }),
    );
    const send = connect(host, through(host));
    expect(await failureOf(send(secure))).toMatchObject({ message: `the proxy responded with ${status}` });
    expect(heard).toMatch(/^CONNECT registry\.invalid:443 /);
    expect(heard).toContain(`proxy-authorization: Basic ${Buffer.from('user:p@ss').toString('base64')}`);
  });

  test('receives plain HTTP requests without CONNECT', async () => {
    let heard = '';
    const { host } = await serve((socket) =>
      socket.on('data', (chunk) => {
        heard += chunk.toString('latin1');
        socket.write('HTTP/1.1 204 No Content\r\n\r\n');
      }),
    );
    const response = await connect(host, through(host))({ url: new URL('http://registry.invalid/v2/?a=b') });
    await discard(response);
    expect(response.statusCode).toBe(204);
    expect(heard).toMatch(/^GET http:\/\/registry\.invalid\/v2\/\?a=b HTTP\/1\.1\r\nhost: registry\.invalid\r\n/);
  });
});
