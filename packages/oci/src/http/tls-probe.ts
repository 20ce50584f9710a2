import { isIP } from 'node:net';
import * as tls from 'node:tls';

/** Maximum time for the TLS handshake of a server on loopback. Milliseconds. */
const HANDSHAKE_TIMEOUT = 5_000;

/**
 * Whether the server completes a TLS handshake, whatever its certificate: requests check that.
 * @param timeout milliseconds (default 5 s)
 * @returns undefined if nothing accepts the connection
 */
export function speaksTls(url: URL, timeout = HANDSHAKE_TIMEOUT): Promise<boolean | undefined> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const name = isIP(host) ? {} : { servername: host };
  return new Promise((resolve) => {
    const socket = tls.connect({ host, port: Number(url.port) || 443, ...name, rejectUnauthorized: false });
    const end = (response: boolean | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(response);
    };
    const timer = setTimeout(() => end(false), timeout);
    let connected = false;
    socket.once('connect', () => {
      connected = true;
    });
    socket.once('secureConnect', () => end(true));
    // A plain-HTTP server responds with an error page or closes the connection.
    socket.on('error', () => end(connected ? false : undefined));
    socket.once('close', () => end(connected ? false : undefined));
  });
}
