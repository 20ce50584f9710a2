import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Descriptor, deferred, messageOf, TidegateError } from '@tidegate/core';
import type { ImageLayout } from '../layout/layout.ts';
import { Answers } from './answers.ts';

export interface ServeOptions {
  /** The image that the caller has checked. */
  readonly root: Descriptor;
  readonly repository: string;
  readonly tag: string;
  /** Default: a free one. */
  readonly port?: number | undefined;
}

export interface LayoutServer {
  /** `127.0.0.1:port` */
  readonly host: string;
  close(): Promise<void>;
}

/** Docker and BuildKit keep about ten connections per pull. */
const CONNECTIONS = 256;
/**
 * In milliseconds: maximum time to receive a request, between two requests, and without progress: a large blob is
 * hashed before its first byte is sent.
 */
const REQUEST_WITHIN = 10_000;
const KEPT_ALIVE = 60_000;
const STALLED = 300_000;

/**
 * Serve the only image of a layout as a read-only OCI registry: plain HTTP on 127.0.0.1. Anyone on this machine can
 * read the image, as anyone who may read the layout can.
 * @throws TidegateError `integrity` if the layout has another image by now
 */
export async function serveLayout(layout: ImageLayout, options: ServeOptions): Promise<LayoutServer> {
  const { root, repository, tag, port = 0 } = options;
  const { digest } = await layout.root();
  if (digest !== root.digest) {
    throw new TidegateError('layout-of-other-image', `${layout.folder} contains ${digest}, expected ${root.digest}.`, {
      next: 'Find the step or job that changed the layout: it is not the image that was checked.',
    });
  }
  const answers = new Answers(layout, { root, repository, tag });
  const server = createServer(
    { headersTimeout: REQUEST_WITHIN, requestTimeout: REQUEST_WITHIN, keepAliveTimeout: KEPT_ALIVE },
    (request, response) => {
      // Too late for a response: the client sees that the body is not complete.
      answers.respond(request, response).catch(() => response.destroy());
    },
  );
  server.maxConnections = CONNECTIONS;
  server.timeout = STALLED;
  await listening(server, port);
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => closed(server) };
}

async function listening(server: Server, port: number): Promise<void> {
  const { promise, resolve, reject } = deferred<void>();
  server.once('error', reject);
  server.listen(port, '127.0.0.1', resolve);
  await promise.catch((cause: unknown) => {
    throw new TidegateError('serve-not-started', `Cannot listen on 127.0.0.1:${port}: ${messageOf(cause)}.`, {
      next: 'Leave out the input port to use a free one.',
      cause,
    });
  });
}

async function closed(server: Server): Promise<void> {
  const { promise, resolve } = deferred<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  await promise;
}
