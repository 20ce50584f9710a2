import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** An HTTP server on a free port of 127.0.0.1, closed with `await using`. */
export interface Loopback extends AsyncDisposable {
  /** Ends in a slash. */
  readonly url: string;
}

type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

export async function serveLoopback(handle: Handler): Promise<Loopback> {
  const server = createServer((request, response) => {
    handle(request, response, new URL(request.url ?? '/', 'http://loopback')).catch((error: unknown) => {
      // The client sees the error, and a test can examine it: a server of the testkit never ends the test process.
      if (response.headersSent) response.destroy();
      else answerJson(response, 500, { code: 'internal', msg: error instanceof Error ? error.message : String(error) });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
