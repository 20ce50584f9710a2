import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { MediaType } from '@tidegate/core';
import type { HostileCase } from '../case.ts';
import { against, checkPush, resolve } from './registry.ts';

/** Answers that are not even HTTP. */
const RAW: readonly (readonly [string, string | Uint8Array])[] = [
  ['says nothing and hangs up', ''],
  ['speaks SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['speaks SMTP', '220 mail.example ESMTP\r\n'],
  ['speaks TLS', Buffer.from('15030300020246', 'hex')],
  ['speaks HTTP 0.9', '<html>hello'],
  ['speaks HTTP 2', 'HTTP/2 200 OK\r\n\r\n'],
  ['has a status of four digits', 'HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n'],
  ['has a status of no digits', 'HTTP/1.1 OK\r\n\r\n'],
  ['has two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello'],
  [
    'has a length and chunks',
    'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  ],
  ['has a negative length', 'HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n'],
  ['has a length beyond counting', `HTTP/1.1 200 OK\r\ncontent-length: ${'9'.repeat(40)}\r\n\r\n`],
  ['has a chunk beyond counting', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${'f'.repeat(20)}\r\n`],
  ['has a chunk of no size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n'],
  ['has NUL in a header', 'HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 0\r\n\r\n'],
  ['has a header without a name', 'HTTP/1.1 200 OK\r\n: x\r\ncontent-length: 0\r\n\r\n'],
  ['has a header of a megabyte', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(1024 * 1024)}\r\n\r\n`],
  ['has ten thousand headers', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(10_000)}\r\n`],
  [
    'has a hundred thousand heads before its answer',
    `${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(100_000)}HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n`,
  ],
  ['switches protocols', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n'],
  ['hangs up within its head', 'HTTP/1.1 200 OK\r\ncontent-le'],
  [
    'hangs up within its body',
    `HTTP/1.1 200 OK\r\ncontent-type: ${MediaType.manifest}\r\ncontent-length: 500\r\n\r\nhello`,
  ],
];

export const raw: readonly HostileCase[] = RAW.flatMap(([what, bytes]) =>
  // To HEAD a status is the whole answer, however the body would go on: so a write is what they are asked for.
  (
    [
      ['when asked for a tag', resolve],
      ['when asked for an upload', checkPush],
    ] as const
  ).map(([when, work]) => ({
    name: `a server that ${what} ${when}`,
    run: async (folder: string) => {
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        sockets.add(socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket)));
        socket.once('data', () => socket.end(bytes));
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      try {
        const { port } = server.address() as { port: number };
        await against(`127.0.0.1:${port}`, work, folder);
      } finally {
        for (const socket of sockets) socket.destroy();
        server.close();
      }
    },
  })),
);
