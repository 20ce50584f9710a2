import type { ClientRequest, IncomingMessage } from 'node:http';

/** An unwanted body longer than this costs more to read than a new connection does. Bytes. */
const DISCARD_LIMIT = 64 * 1024;

/**
 * Let go of a body nobody wants. Short ones are read to their end, so that the next request finds the connection
 * free instead of opening another.
 */
export async function discard(incoming: IncomingMessage): Promise<void> {
  const length = bodiless(incoming) ? 0 : Number(incoming.headers['content-length'] ?? 0);
  if (length > DISCARD_LIMIT) {
    incoming.on('error', () => undefined).destroy();
    return;
  }
  // It broke off while something else was waited for, and will not say so again.
  if (incoming.destroyed) return;
  await new Promise<void>((resolve) => {
    let read = 0;
    incoming.on('data', (chunk: Buffer) => {
      read += chunk.length;
      if (read > DISCARD_LIMIT) incoming.destroy();
    });
    // Cut or not: nobody wanted it.
    incoming.on('error', () => resolve()).on('close', () => resolve());
  });
}

/** What an answer to HEAD says of its length is about another answer. */
function bodiless(incoming: IncomingMessage): boolean {
  return (incoming as IncomingMessage & { readonly req?: ClientRequest }).req?.method === 'HEAD';
}

/** A header that comes once. */
export function header(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
