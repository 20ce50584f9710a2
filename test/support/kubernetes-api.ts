/** A Kubernetes API server over TLS that records what buildx's kubernetes driver asks it for. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authority, kubeconfigOf } from '@tidegate/testkit';

interface ApiRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface ApiReply {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
}

/** Our part of an API server, or a real one. */
export type Kubernetes = (request: ApiRequest) => Promise<ApiReply>;

export interface KubernetesApi extends AsyncDisposable {
  readonly url: string;
  /** The certificate authority, PEM. */
  readonly ca: string;
  /** `POST deployments`, `DELETE deployments/NAME`, …, in order, without reads. */
  readonly writes: string[];
  /** Bodies of deployments that were created: protobuf, in which texts are readable. */
  readonly created: string[];
  /** Called when a deployment is created. */
  onCreate: () => void;
}

/** The namespaces that a server for these tests has. */
export const NAMESPACES = ['default', 'buildkit'] as const;

/** The token decides about permissions, and is also the user's name: `nobody` has none. */
export type Token = 'admin' | 'nobody';

export async function recordedApi(kubernetes: Kubernetes): Promise<KubernetesApi> {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-kubernetes-'));
  const ca = await authority(folder);
  const identity = await ca.issue('server', 'IP:127.0.0.1');
  await rm(folder, { recursive: true, force: true });
  const api = { ca: ca.pem, writes: [] as string[], created: [] as string[], onCreate: () => {} };
  const server = createServer(identity, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url: path = '', headers } = request;
    const body = Buffer.concat(chunks);
    const [, namespace = '', what = ''] = /^\/apis\/apps\/v1\/namespaces\/([^/]+)\/([^?]+)/.exec(path) ?? [];
    if (method !== 'GET') api.writes.push(`${method} ${what.replace(/\/.+/, '/NAME')}`);
    const reply = await kubernetes({ method, path, headers, body });
    const isCreated = method === 'POST' && what === 'deployments' && reply.status === 201;
    if (isCreated) api.created.push(`${namespace} ${body.toString('latin1')}`);
    response.writeHead(reply.status, { 'content-type': reply.type }).end(reply.body);
    if (isCreated) api.onCreate();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(api, {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  });
}

/** A kubeconfig for it. */
export const kubeconfigFor = ({ url, ca }: KubernetesApi, token: Token = 'admin'): string =>
  kubeconfigOf({ url, ca, token });
