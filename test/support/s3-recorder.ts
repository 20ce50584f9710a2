import type { IncomingMessage } from 'node:http';
import { type Loopback, serveLoopback } from '@tidegate/testkit';

interface S3Request {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  readonly sessionToken: string;
}

export interface S3 extends Loopback {
  readonly requests: readonly S3Request[];
}

/** Objects of one bucket in path style. Signatures are not verified: only the request and its credentials matter. */
export async function startS3(): Promise<S3> {
  const objects = new Map<string, Buffer>();
  const requests: S3Request[] = [];
  const server = await serveLoopback(async (request, response, url) => {
    const { method = '', headers } = request;
    const path = url.pathname;
    requests.push({
      method,
      path,
      authorization: headers.authorization ?? '',
      sessionToken: String(headers['x-amz-security-token'] ?? ''),
    });
    if (method === 'PUT') {
      objects.set(path, await content(request));
      response.writeHead(200, { etag: '"0"' }).end();
      return;
    }
    const found = objects.get(path);
    if (!found) {
      response.writeHead(404, { 'content-type': 'application/xml' });
      response.end(method === 'HEAD' ? undefined : '<Error><Code>NoSuchKey</Code></Error>');
      return;
    }
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
    const part = found.subarray(Number(from), to === '' ? undefined : Number(to) + 1);
    response.writeHead(headers.range ? 206 : 200, {
      ...{ etag: '"0"', 'content-length': part.length, 'last-modified': new Date().toUTCString() },
      ...(headers.range ? { 'content-range': `bytes ${from}-${Number(from) + part.length - 1}/${found.length}` } : {}),
    });
    response.end(method === 'HEAD' ? undefined : part);
  });
  return { url: server.url, requests, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/**
 * `aws-chunked`: each chunk is its size in hex, an optional signature, and its bytes; a trailer follows the empty
 * chunk.
 */
async function content(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = Buffer.concat(parts);
  if (!String(request.headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-')) return body;
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.subarray(at, end).toString('latin1'), 16);
    if (!(size > 0)) return Buffer.concat(chunks);
    chunks.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}
