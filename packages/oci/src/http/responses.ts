import type { Readable } from 'node:stream';
import { readAll } from '../verified.ts';
import { TimeoutFailure } from './connection-failure.ts';
import type { HttpResponse } from './http-response.ts';

/** A discarded body longer than this costs more to read than a new connection. Bytes. */
const DISCARD_LIMIT = 64 * 1024;
/** So does one that arrives so slowly. Milliseconds. */
const DISCARD_TIME = 10_000;
/** For a document of a few MiB. The idle timeout alone would let a server send a byte now and then, for ever. Milliseconds. */
const DOCUMENT_TIME = 60_000;

/** Discard a response body. Short ones are read to their end, so that the next request can reuse the connection. */
export async function discard(response: HttpResponse, time = DISCARD_TIME): Promise<void> {
  // The Content-Length of a response to HEAD describes the response to GET.
  const length = response.method === 'HEAD' ? 0 : Number(response.headers['content-length'] ?? 0);
  if (length > DISCARD_LIMIT) {
    response.destroy();
    return;
  }
  // Already destroyed: no further event will come.
  if (response.destroyed) return;
  await new Promise<void>((resolve) => {
    let read = 0;
    const timer = setTimeout(() => response.destroy(), time);
    response.on('data', (chunk: Buffer) => {
      read += chunk.length;
      if (read > DISCARD_LIMIT) response.destroy();
    });
    response.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/**
 * Read a short document into memory, in a limited time.
 * @throws TidegateError `content-too-large` for more than `limit` bytes; TimeoutFailure, also in `response.errored`
 */
export async function readDocument(
  response: Readable,
  limit: number,
  where: string,
  time = DOCUMENT_TIME,
): Promise<Buffer> {
  const late = () => response.destroy(new TimeoutFailure(`the response did not end within ${time / 1000} seconds`));
  const timer = setTimeout(late, time);
  try {
    return await readAll(response, limit, where);
  } finally {
    clearTimeout(timer);
  }
}
