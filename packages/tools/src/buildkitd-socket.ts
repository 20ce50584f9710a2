import { mkdtemp } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

/** sun_path holds 108 bytes with its final NUL (unix(7)); macOS holds 104. */
const LONGEST = 103;

export async function socketPath(folder: string): Promise<string> {
  const path = join(folder, 'buildkitd.sock');
  if (Buffer.byteLength(path) <= LONGEST) return path;
  // A private folder (0700) with a name nobody can guess, for a workspace that lies too deep.
  return join(await mkdtemp('/tmp/tidegate-'), 'buildkitd.sock');
}

/** HTTP/2 (RFC 9113, 3.4): the client's preface and an empty SETTINGS frame. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');
const PATIENCE = 1000;

/**
 * Whether a gRPC server answers. A connection alone proves nothing: the daemon listens before its workers are up, and
 * may still fail. Its SETTINGS frame comes once it serves.
 */
export function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket, () => connection.write(PREFACE));
    const end = (answered: boolean): void => {
      connection.destroy();
      resolve(answered);
    };
    connection.setTimeout(PATIENCE, () => end(false));
    connection.once('data', () => end(true));
    connection.once('error', () => end(false));
    connection.once('end', () => end(false));
  });
}
