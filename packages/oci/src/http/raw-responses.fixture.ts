import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import type { Descriptor, Digest } from '@tidegate/core';

/** A server whose answers a test writes byte by byte: node's own server would mend them. */

/** PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** A certificate for 127.0.0.1, made in `folder`. */
export function selfSigned(folder: string): Identity {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-keyout', 'key.pem'];
  const names = ['-subj', '/CN=loopback', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', ...key, ...names, '-days', '2', '-out', 'cert.pem'], {
    cwd: folder,
    stdio: 'ignore',
  });
  const pem = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { key: pem('key.pem'), cert: pem('cert.pem') };
}

export interface Asked {
  readonly connection: number;
  readonly path: string;
  /** From `range`, or 0. */
  readonly from: number;
}
export type Answer = (socket: Socket, asked: Asked) => unknown;

/** Reads requests without bodies. @param answer what becomes of the nth request, from 0 */
export async function startRaw(
  identity: Identity | undefined,
  answer: (socket: Socket, asked: Asked, nth: number) => unknown,
) {
  const asked: Asked[] = [];
  const sockets: Socket[] = [];
  const accept = (socket: Socket): void => {
    const connection = sockets.push(socket);
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      // A TLS handshake, with which a client begins on loopback: there is no TLS here.
      if (!identity && text === '' && chunk[0] === 0x16) return socket.destroy();
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const request = text.slice(0, end);
        text = text.slice(end + 4);
        const from = Number(/^range: bytes=(\d+)-/im.exec(request)?.[1] ?? 0);
        const one = { connection, path: request.split(' ')[1] ?? '', from };
        answer(socket, one, asked.push(one) - 1);
      }
    });
  };
  const server: Server = identity ? createTlsServer({ ...identity }, accept) : createServer(accept);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { host: `127.0.0.1:${port}`, asked, sockets, close };
}

export function blobOf(size: number): { bytes: Buffer; blob: Descriptor } {
  const bytes = randomBytes(size);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
  return { bytes, blob: { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size } };
}

export const head = (length: number, status = '200 OK', more = '') =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${length}\r\n${more}\r\n`;
/** Head and body in one write: the first bytes of the body come with the head. */
export const whole =
  (bytes: Buffer): Answer =>
  (socket) =>
    socket.write(Buffer.concat([Buffer.from(head(bytes.length)), bytes]));
export const rest =
  (bytes: Buffer): Answer =>
  (socket, { from }) => {
    const range = `Content-Range: bytes ${from}-${bytes.length - 1}/${bytes.length}\r\n`;
    socket.write(head(bytes.length - from, '206 Partial Content', range));
    socket.write(bytes.subarray(from));
  };
