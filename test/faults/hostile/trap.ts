import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** A server somewhere else, which keeps every byte that it is sent. */
export interface Trap extends AsyncDisposable {
  /** `127.0.0.1:34567` */
  readonly host: string;
  /** All that came, over all connections. */
  heard(): string;
}

/**
 * @param answer what it says to each request, whole
 * @param handshake what it does with a TLS handshake, with which a client begins on loopback: there is no TLS here
 */
export async function layTrap(
  answer = 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n',
  handshake: 'closes' | 'waits' = 'closes',
): Promise<Trap> {
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      if (chunk[0] === 0x16 && handshake === 'closes') return socket.destroy();
      chunks.push(chunk);
      if (chunk.includes('\r\n\r\n')) socket.write(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    host: `127.0.0.1:${port}`,
    heard: () => Buffer.concat(chunks).toString('latin1'),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
