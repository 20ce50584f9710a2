import type { HttpResponse } from './http-response.ts';

/** A discarded body longer than this costs more to read than a new connection. Bytes. */
const DISCARD_LIMIT = 64 * 1024;

/** Discard a response body. Short ones are read to their end, so that the next request can reuse the connection. */
export async function discard(response: HttpResponse): Promise<void> {
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
    response.on('data', (chunk: Buffer) => {
      read += chunk.length;
      if (read > DISCARD_LIMIT) response.destroy();
    });
    response.on('close', () => resolve());
  });
}

/** A header as one string; repeated values are joined. */
export function header(response: HttpResponse, name: string): string | undefined {
  return response.headers[name];
}
