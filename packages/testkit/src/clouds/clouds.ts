import { once } from 'node:events';
import { request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { startHttpProxy } from '../network/http-proxy.ts';
import { readBody } from '../network/loopback.ts';
import { authority } from '../sigstore/certificates.ts';
import type { CloudAnswer, CloudRequest, CloudService } from './request.ts';

export interface CloudsOptions {
  /** For keys and certificates. */
  readonly folder: string;
  /** Asked in order for each request. */
  readonly services: readonly CloudService[];
  /** Hosts of registries, and where their requests go: `127.0.0.1:5000`. */
  readonly registries?: Readonly<Record<string, string>>;
  /** Asked first: an answer in place of the service's, or 'silence'. */
  readonly onRequest?: (request: CloudRequest) => CloudAnswer | 'silence' | undefined;
}

export interface Clouds extends AsyncDisposable {
  /** An HTTP proxy through which the hosts of the clouds are reached, and no others. */
  readonly proxy: string;
  /** PEM of the authority that issued their certificates. */
  readonly ca: string;
  readonly caPath: string;
  /** `POST sts.eu-west-1.amazonaws.com/`, in order, without those of registries. */
  readonly requests: readonly string[];
}

const HOSTS = [
  ...['sts.eu-west-1.amazonaws.com', 'api.ecr.eu-west-1.amazonaws.com', 'sts.us-east-1.amazonaws.com'],
  ...['api.ecr-public.us-east-1.amazonaws.com', 'sts.googleapis.com', 'iamcredentials.googleapis.com'],
  ...['login.microsoftonline.com', 'acmeimages.azurecr.io', 'identity.docker.com', 'quay.io'],
];

/**
 * The clouds' services on loopback, under their real names and over TLS: the client under test has no other way to
 * them than a proxy and a certificate authority, as in a company's network. So it cannot know that it is tested.
 */
export async function startClouds({ folder, services, registries = {}, onRequest }: CloudsOptions): Promise<Clouds> {
  const ca = await authority(folder);
  const names = [...HOSTS, ...Object.keys(registries)];
  const requests: string[] = [];
  const identity = await ca.issue('clouds', names.map((name) => `DNS:${name}`).join(','));
  const server = createServer(identity, (asked, answer) => {
    const at = registries[asked.headers.host ?? ''];
    if (at !== undefined && !asked.url?.startsWith('/oauth2/exchange')) return pass(at, asked, answer);
    respond(asked, answer, services, requests, onRequest).catch(() => answer.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await startHttpProxy(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  return {
    proxy: proxy.url,
    ca: ca.pem,
    caPath: ca.path,
    requests,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function respond(
  asked: IncomingMessage,
  answer: ServerResponse,
  services: readonly CloudService[],
  requests: string[],
  onRequest: CloudsOptions['onRequest'],
): Promise<void> {
  const { method = '', url: path = '', headers } = asked;
  const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  const request = { method, host: headers.host ?? '', path, headers: plain, body: String(await readBody(asked)) };
  requests.push(`${method} ${request.host}${path}`);
  let found = onRequest?.(request);
  if (found === 'silence') return;
  for (const service of services) found ??= await service(request);
  const { status, body, headers: more } = found ?? { status: 404, body: '{"error":"not found"}', headers: {} };
  answer.writeHead(status, { 'content-length': Buffer.byteLength(body), ...more });
  answer.end(body);
}

/** To the registry behind this name. It sees its real name, too. */
function pass(at: string, asked: IncomingMessage, answer: ServerResponse): void {
  const [host = '', port = ''] = at.split(':');
  const { method, url, headers } = asked;
  const onward = forward({ host, port, method, headers, path: url }, (got) => {
    answer.writeHead(got.statusCode ?? 502, got.headers);
    got.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  asked.pipe(onward);
}
