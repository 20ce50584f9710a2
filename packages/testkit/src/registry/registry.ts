import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Identity } from '../sigstore/certificates.ts';
import { type RegistryAuth, RegistryDoor } from './auth.ts';
import { folderBlobs, memoryBlobs } from './blobs.ts';
import { Exchange } from './exchange.ts';
import type { OnRequest, RecordedRequest } from './faults.ts';
import * as faulty from './faulty-answer.ts';
import { RegistryRoutes } from './routes.ts';

export interface RegistryServerOptions {
  /**
   * Whether it has the referrers API (default true). Without it, clients maintain the fallback tag. A number is the
   * status of the missing endpoint instead of 404: Harbor 2.7 returned 401 without a challenge (goharbor/harbor#18305),
   * go-containerregistry expects 400 and 406 (pkg/v1/remote/referrers.go).
   */
  readonly referrers?: boolean | number;
  /**
   * A tag `sha256-<hex>` that was never pushed resolves to the manifest with that digest, as in GitLab's registry
   * (oras-project/oras-go#1396). Default false.
   */
  readonly digestTags?: boolean;
  /** Whether a PUT of a manifest respects If-Match and If-None-Match (default true). Most registries do not. */
  readonly conditions?: boolean;
  readonly auth?: RegistryAuth;
  /** Serve https with this certificate (default: plain http). */
  readonly tls?: Identity;
  readonly onRequest?: OnRequest;
  /** Called when a request is completed, in the order of completion. */
  readonly onDone?: (request: RecordedRequest) => void;
  /** Keep blobs in this folder, and not in memory. Manifests and tags exist as long as the server. */
  readonly dir?: string;
  /** Port on 127.0.0.1 (default: any free one). */
  readonly port?: number;
  /** Milliseconds since the epoch, for the lifetime of tokens. */
  readonly now?: () => number;
}

export interface RegistryServer {
  /** `127.0.0.1:34567`, as in a reference. */
  readonly host: string;
  readonly url: string;
  /** Every request since the start, oldest first. */
  readonly requests: RecordedRequest[];
  /** Tag to digest, bypassing the protocol. Empty for a repository that was never pushed to. */
  tags(repository: string): ReadonlyMap<string, string>;
  /** Moves a tag like another client, bypassing the protocol. The manifest must exist. */
  setTag(repository: string, tag: string, digest: string): void;
  /** As if it had never been pushed to. */
  deleteRepository(repository: string): void;
  /** Digests of the blobs that a repository may serve. */
  blobs(repository: string): ReadonlySet<string>;
  /** Digests of the referrers of `subject`; undefined if the referrers API is switched off. */
  readonly referrers: ((repository: string, subject: string) => readonly string[]) | undefined;
  manifest(repository: string, reference: string): { readonly mediaType: string; readonly bytes: Buffer } | undefined;
  close(): Promise<void>;
}

/** An OCI registry (distribution-spec 1.1) in this process, on loopback. */
export async function startRegistry(options: RegistryServerOptions = {}): Promise<RegistryServer> {
  const blobs = options.dir === undefined ? memoryBlobs() : await folderBlobs(options.dir);
  let url = '';
  const door = new RegistryDoor(options.auth, () => url, options.now ?? Date.now);
  const registry = new RegistryRoutes(blobs, door, {
    referrers: options.referrers ?? true,
    digestTags: options.digestTags ?? false,
    conditions: options.conditions ?? true,
  });
  const requests: RecordedRequest[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const record: RecordedRequest = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      connection: request.socket.remotePort,
      received: 0,
      status: undefined,
    };
    requests.push(record);
    const served = serve(registry, door, options.onRequest, request, response, record, requests.length);
    served
      .then(() => options.onDone?.(record))
      .catch(() => {
        // Cut on purpose or by the client: there is no receiver for a response.
        response.destroy();
      });
  };
  const server = options.tls ? createTlsServer(options.tls, answer) : createServer(answer);
  // A push of gigabytes takes longer than Node's five minutes.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  url = `${options.tls ? 'https' : 'http'}://${host}`;
  return {
    host,
    url,
    requests,
    tags: (repository) => registry.repository(repository).tags,
    setTag: (repository, tag, digest) => {
      registry.repository(repository).tags.set(tag, digest);
    },
    deleteRepository: (repository) => registry.deleteRepository(repository),
    blobs: (repository) => registry.repository(repository).blobs,
    referrers:
      (options.referrers ?? true) === true
        ? (repository, subject) =>
            registry
              .repository(repository)
              .referrers(subject, null)
              .map(({ digest }) => String(digest))
        : undefined,
    manifest: (repository, reference) => registry.repository(repository).find(reference),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  registry: RegistryRoutes,
  door: RegistryDoor,
  onRequest: OnRequest | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  record: RecordedRequest,
  count: number,
): Promise<void> {
  const exchange = new Exchange(request, response, record);
  const fault = await onRequest?.(record, count);
  switch (fault?.kind) {
    case 'answer':
      exchange.answer(fault.status, fault.headers, fault.body);
      // An unread body would block the connection.
      request.resume();
      return;
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'cut-request':
      exchange.cutRequestAfter = fault.after;
      break;
    case 'cut-answer':
      faulty.cutAnswer(response, fault.after);
      break;
    case 'lose-answer':
      faulty.loseAnswer(response);
      break;
    case 'headers':
      faulty.changeHeaders(response, fault.headers);
      break;
    case 'stall':
      if (!fault.done) return;
      faulty.withholdAnswer(response);
      break;
    case 'stall-answer':
      faulty.stallAnswer(response, fault.after);
      break;
    case 'slow':
      faulty.slowAnswer(response, fault.pieces, fault.pause);
      break;
    case 'flip-bit':
      faulty.flipBit(response, fault.at);
      break;
    case 'shorten':
      faulty.shortenAnswer(response, fault.by);
      break;
    case 'expire-token':
      door.forget(request);
      break;
    case 'forget-upload':
      await registry.forgetUpload(exchange.url.pathname);
      break;
  }
  await registry.handle(exchange);
  // The unread rest (the body of a rejected request) must not be read as the next request.
  if (!request.readableEnded) request.resume();
}
