import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { devTools } from '../programs/dev-tools.ts';
import { freePorts, Servers } from '../programs/servers.ts';
import { authority } from '../sigstore/certificates.ts';
import type { Say } from '../waiting.ts';
import { type ApiClient, apiClient } from './client.ts';

/**
 * A Kubernetes API server with its etcd. There is no scheduler, no kubelet and no controller manager: objects are
 * checked, admitted, stored and served, and no pod ever runs.
 */
export interface Cluster extends AsyncDisposable {
  readonly url: string;
  /** The certificate authority of the API server, PEM. */
  readonly ca: string;
  /** Path of a kubeconfig of the user `admin`. */
  readonly kubeconfig: string;
  /** A client with this token. */
  as(token: string): ApiClient;
  /** A new namespace, with the service account that a controller manager gives to each. */
  addNamespace(name: string, labels?: Readonly<Record<string, string>>): Promise<void>;
  /** The output of both servers so far. */
  printed(): string;
}

export interface ClusterOptions {
  readonly log?: Say;
  /** Users without a role. A user's token is the name. `admin` exists and may do everything. */
  readonly users?: readonly string[];
}

const HOST = '127.0.0.1';
/** An API server starts in five seconds on an idle machine. */
const PATIENCE_MS = 180_000;

/** On free ports of 127.0.0.1, with new keys. The first call on a machine builds both, which takes many minutes. */
export async function startCluster({ log = () => {}, users = [] }: ClusterOptions = {}): Promise<Cluster> {
  const tools = await devTools(['etcd', 'kube-apiserver'], { log });
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-cluster-'));
  const servers = new Servers();
  const closing = new AsyncDisposableStack();
  closing.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  closing.defer(() => servers.stop());
  try {
    const file = (name: string) => join(folder, name);
    const [etcd = 0, peers = 0, port = 0] = await freePorts(3);
    const ca = await authority(folder);
    await ca.issue('server', `IP:${HOST}`);
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await writeFile(file('accounts.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    await writeFile(file('accounts.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
    const tokens = ['admin,admin,admin,system:masters', ...users.map((name) => `${name},${name},${name}`)];
    await writeFile(file('tokens.csv'), `${tokens.join('\n')}\n`, { mode: 0o600 });

    servers.start(tools.etcd, [
      ...['--data-dir', file('etcd'), '--unsafe-no-fsync', '--log-level', 'error'],
      ...['--listen-client-urls', `http://${HOST}:${etcd}`, '--advertise-client-urls', `http://${HOST}:${etcd}`],
      ...['--listen-peer-urls', `http://${HOST}:${peers}`, '--initial-advertise-peer-urls', `http://${HOST}:${peers}`],
      ...['--initial-cluster', `default=http://${HOST}:${peers}`],
    ]);
    await servers.answers(`http://${HOST}:${etcd}/health`);
    const apiServer = [
      ...[`--etcd-servers=http://${HOST}:${etcd}`, `--bind-address=${HOST}`, `--secure-port=${port}`],
      // Endpoints may not be on loopback, so this server does not add itself to those of `kubernetes.default`.
      ...[`--advertise-address=${HOST}`, '--endpoint-reconciler-type=none', '--service-cluster-ip-range=10.0.0.0/24'],
      ...[`--cert-dir=${file('certs')}`, `--tls-cert-file=${file('server.pem')}`],
      ...[`--tls-private-key-file=${file('server.key')}`, `--token-auth-file=${file('tokens.csv')}`],
      // As in kubeadm's clusters. Without it, no builder pod is accepted: BuildKit's is privileged.
      '--allow-privileged=true',
      ...['--authorization-mode=RBAC', '--service-account-issuer=https://kubernetes.default.svc'],
      ...[`--service-account-key-file=${file('accounts.pub')}`],
      ...[`--service-account-signing-key-file=${file('accounts.key')}`],
    ];
    // It calls webhooks by the names of their services, which no proxy of the developer can resolve.
    servers.start(tools['kube-apiserver'], apiServer, { NO_PROXY: '*' });
    const url = `https://${HOST}:${port}`;
    const as = (token: string) => apiClient({ url, ca: ca.pem, token });
    const admin = as('admin');
    const isReady = async () =>
      (await admin.request('GET', '/readyz')).status === 200 &&
      (await admin.request('GET', '/api/v1/namespaces/default')).status === 200;
    await servers.until('the API server is ready', isReady, PATIENCE_MS);
    const add = async (object: Parameters<ApiClient['create']>[0]) => {
      const { status, body } = await admin.create(object);
      if (status !== 201) throw new Error(`${object.kind} was not created: ${JSON.stringify(body)}`);
    };
    const addAccount = (namespace: string) =>
      add({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } });
    await addAccount('default');
    const kubeconfig = file('kubeconfig');
    await writeFile(kubeconfig, kubeconfigOf({ url, ca: ca.pem, token: 'admin' }), { mode: 0o600 });
    const stack = closing.move();
    return {
      ...{ url, ca: ca.pem, kubeconfig, as },
      async addNamespace(name, labels = {}) {
        await add({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
        await addAccount(name);
      },
      printed: () => servers.printed,
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}

/** A kubeconfig with one user. JSON is YAML. */
export function kubeconfigOf({ url, ca, token }: { url: string; ca: string; token: string }): string {
  return JSON.stringify({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'c' },
    clusters: [
      { name: 'c', cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') } },
    ],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u', namespace: 'default' } }],
    users: [{ name: 'u', user: { token } }],
  });
}
