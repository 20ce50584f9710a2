import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RecordedRequest } from './faults.ts';

/** One request and its response, with the parts of both that the routes need. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly record: RecordedRequest;
  readonly method: string;
  readonly url: URL;
  /** Cut the connection after this many bytes of the request's body. */
  cutRequestAfter = Number.POSITIVE_INFINITY;

  constructor(request: IncomingMessage, response: ServerResponse, record: RecordedRequest) {
    this.request = request;
    this.response = response;
    this.record = record;
    this.method = request.method ?? 'GET';
    this.url = new URL(request.url ?? '/', 'http://registry');
  }

  get query(): URLSearchParams {
    return this.url.searchParams;
  }

  /** The body as it arrives. Bytes that arrive before a cut are returned. */
  async *body(): AsyncGenerator<Buffer> {
    for await (const chunk of this.request as AsyncIterable<Buffer>) {
      const left = this.cutRequestAfter - this.record.received;
      this.record.received += Math.min(chunk.length, left);
      if (chunk.length >= left) {
        if (left > 0) yield chunk.subarray(0, left);
        this.request.destroy();
        throw new Error('cut by a fault');
      }
      yield chunk;
    }
  }

  async bytes(limit: number): Promise<Buffer | undefined> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of this.body()) {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
    }
    return length > limit ? undefined : Buffer.concat(chunks, length);
  }

  answer(status: number, headers: Readonly<Record<string, string>> = {}, body: string | Uint8Array = ''): void {
    const bytes = Buffer.from(body as string);
    const bare = status === 204 || status === 304 || this.method === 'HEAD';
    this.record.status = status;
    this.response.writeHead(status, {
      ...(status === 204 ? {} : { 'content-length': String(bytes.length) }),
      ...headers,
    });
    if (bare) this.response.end();
    else this.response.end(bytes);
  }

  fail(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): void {
    const body = JSON.stringify({ errors: [{ code, message }] });
    this.answer(status, { 'content-type': 'application/json', ...headers }, body);
  }
}
