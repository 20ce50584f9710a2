import { mkdtemp } from 'node:fs/promises';
import { connect, isIP, type NetConnectOpts, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectSecurely } from 'node:tls';
import { messageOf } from '@tidegate/core';

/** sun_path has 108 bytes including its final NUL (unix(7)); on macOS 104. */
const LONGEST = 103;

export async function socketPath(folder: string): Promise<string> {
  const path = join(folder, 'buildkitd.sock');
  if (Buffer.byteLength(path) <= LONGEST) return path;
  // The path in the workspace is too long: use a private folder (0700) with an unpredictable name.
  return join(await mkdtemp('/tmp/tidegate-'), 'buildkitd.sock');
}

/** HTTP/2 (RFC 9113, 3.4): the client's preface and an empty SETTINGS frame. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');
const PATIENCE = 1000;

/** PEM texts for a server that requires TLS. */
export interface Secure {
  readonly ca: string;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The reason for a connection that failed, as the caller words it. */
  readonly failure: (error: NodeJS.ErrnoException) => string;
}

/**
 * Why no gRPC server responds at the address; undefined if one does. A connection alone proves nothing: a daemon
 * listens before its workers are ready, and may still fail. It sends its SETTINGS frame once it serves requests.
 * With TLS 1.3 a server rejects the client's certificate only after the handshake, in place of this frame.
 * @param patience timeout in milliseconds for the connection, and again for the response
 */
export function silenceOf(to: NetConnectOpts, patience: number, secure?: Secure): Promise<string | undefined> {
  return new Promise((resolve) => {
    let why = `no connection within ${patience / 1000} s`;
    const open = secure === undefined ? plainly(to) : securely(to, secure);
    const connection = open(() => {
      why = `it accepts connections but did not respond like a BuildKit within ${patience / 1000} s`;
      timer.refresh();
      connection.write(PREFACE);
    });
    const end = (silence: string | undefined): void => {
      clearTimeout(timer);
      connection.destroy();
      resolve(silence);
    };
    const timer = setTimeout(() => end(why), patience);
    connection.once('data', (first) => end(isSettings(first) ? undefined : 'the server there does not use HTTP/2'));
    connection.once('error', (error) => end(secure?.failure(error) ?? messageOf(error)));
    connection.once('end', () => end('it closes connections without a response'));
  });
}

type Open = (onOpen: () => void) => Socket;

const plainly =
  (to: NetConnectOpts): Open =>
  (onOpen) =>
    connect(to, onOpen);

function securely(to: NetConnectOpts, { ca, cert, key }: Secure): Open {
  const host = 'host' in to ? to.host : undefined;
  // Without a name, the address must be in the certificate.
  const servername = host === undefined || isIP(host) !== 0 ? undefined : host;
  return (onOpen) => connectSecurely({ ...to, ca, cert, key, servername, ALPNProtocols: ['h2'] }, onOpen);
}

/** The fourth byte of a frame is its type (RFC 9113, 4.1); a server's first frame is SETTINGS (3.4). */
function isSettings(first: Buffer): boolean {
  return first.length < 4 || first[3] === 4;
}

/** Whether a daemon of this machine responds on its socket. */
export async function answers(socket: string): Promise<boolean> {
  return (await silenceOf({ path: socket }, PATIENCE)) === undefined;
}
