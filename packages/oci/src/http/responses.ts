import type { ClientRequest, IncomingMessage } from 'node:http';

/** A discarded body longer than this costs more to read than a new connection. Bytes. */
const DISCARD_LIMIT = 64 * 1024;

/** Discard a response body. Short ones are read to their end, so that the next request can reuse the connection. */
export async function discard(incoming: IncomingMessage): Promise<void> {
  const length = bodiless(incoming) ? 0 : Number(incoming.headers['content-length'] ?? 0);
  if (length > DISCARD_LIMIT) {
    incoming.on('error', () => undefined).destroy();
    return;
  }
  // Already destroyed: no further event will come.
  if (incoming.destroyed) return;
  await new Promise<void>((resolve) => {
    let read = 0;
    incoming.on('data', (chunk: Buffer) => {
      read += chunk.length;
      if (read > DISCARD_LIMIT) incoming.destroy();
    });
    // An error does not matter: the body is discarded.
    incoming.on('error', () => resolve()).on('close', () => resolve());
  });
}

/** The Content-Length of a response to HEAD describes the response to GET. */
function bodiless(incoming: IncomingMessage): boolean {
  return (incoming as IncomingMessage & { readonly req?: ClientRequest }).req?.method === 'HEAD';
}

/** A header as one string; repeated values are joined. */
export function header(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
