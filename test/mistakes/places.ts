/** The things that texts of the table name in braces: servers on loopback, keys, and a folder on a full disk. */
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { copy, Registry } from '@tidegate/oci';
import { authority, type OnRequest, serveLoopback, startHttpProxy, startRegistry } from '@tidegate/testkit';
import { builtImage } from '../support/built-image.ts';
import { askWith } from '../support/client.ts';
import type { Suite } from '../support/suite.ts';
import { denied } from './mistake.ts';

/** The image on which rows build: a shell and its commands. Each row adds the program that it runs. */
const BASE = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
`;

export type Places = Readonly<Record<string, string>>;

export async function startPlaces(suite: Suite, opened: AsyncDisposableStack): Promise<Places> {
  const registry = async (options: Parameters<typeof startRegistry>[0]) => {
    const started = await startRegistry(options);
    opened.defer(() => started.close());
    return started.host;
  };
  const limited: OnRequest = () =>
    denied(429, 'TOOMANYREQUESTS', 'You have reached your unauthenticated pull rate limit.');
  const [bases, private_, limits, plain, tls] = await Promise.all([
    registry({}),
    registry({ auth: { kind: 'token', username: 'octocat', password: 'right' } }),
    registry({ onRequest: limited }),
    registry({}),
    startTls(suite.folder, opened),
  ]);
  const base = `${bases}/library/shell:1`;
  await pushBase(suite, base);
  const [plainProxy, tlsProxy] = await Promise.all([startHttpProxy(plain), startHttpProxy(tls)]);
  opened.use(plainProxy);
  opened.use(tlsProxy);
  return {
    ...{ bases, base, private: private_, limited: limits, stale: suite.databases.stale },
    ...{ 'plain-proxy': plainProxy.url, 'tls-proxy': tlsProxy.url, github: await startGitHub(opened) },
    full: await mountFull(suite.folder, opened),
    ...(await makeKeys(suite)),
  };
}

async function pushBase(suite: Suite, name: string): Promise<void> {
  const [repository = '', tag = ''] = name.split(/:(?=[^:/]*$)/);
  const [host = '', ...path] = repository.split('/');
  const { target } = await builtImage(suite, BASE);
  const store = new Registry({ registry: host, repository: path.join('/') });
  const { root } = target.image;
  await copy(target.layout, store, [root]);
  await store.moveTag(root, tag, { bytes: await target.layout.fetchBytes(root) });
  store.close();
}

/** A server whose certificate is issued by an authority that no runner knows. */
async function startTls(below: string, opened: AsyncDisposableStack): Promise<string> {
  const ca = await authority(await mkdtemp(join(below, 'authority-')));
  const server = createServer(await ca.issue('own', 'DNS:registry.example.test'), (_, response) => response.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** GitHub's API as a job without permissions sees it. */
async function startGitHub(opened: AsyncDisposableStack): Promise<string> {
  const server = await serveLoopback(async (_request, response) => {
    response.writeHead(403, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ message: 'Resource not accessible by integration' }));
  });
  opened.use(server);
  return server.url.replace(/\/$/, '');
}

/** A file system with room for small files only. */
async function mountFull(below: string, opened: AsyncDisposableStack): Promise<string> {
  const folder = join(below, 'full');
  await mkdir(folder);
  const asRoot = async (...argv: string[]): Promise<void> => {
    const [program = '', ...rest] = process.getuid?.() === 0 ? argv : ['sudo', '-n', ...argv];
    await promisify(execFile)(program, rest);
  };
  await asRoot('mount', '-t', 'tmpfs', '-o', 'size=256k,mode=1777', 'tmpfs', folder);
  opened.defer(() => asRoot('umount', folder));
  return folder;
}

async function makeKeys(suite: Suite): Promise<Places> {
  const folder = await mkdtemp(join(suite.folder, 'keys-'));
  await askWith({ COSIGN_PASSWORD: 'correct horse' }, folder, suite.clients.cosign, 'generate-key-pair');
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const other = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return {
    'encrypted-key': await readFile(join(folder, 'cosign.key'), 'utf8'),
    'private-key': await readFile(suite.key.private, 'utf8'),
    'public-key': await readFile(suite.key.public, 'utf8'),
    'other-key': other,
    'other-public-key': publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    'one-line-key': other.replaceAll('\n', ' ').trim(),
    'escaped-key': other.replaceAll('\n', '\\n'),
  };
}

/** `text` with the places that it names. */
export function placed(text: string, places: Places): string {
  return text.replace(/\{([a-z-]+)\}/g, (whole, name: string) => places[name] ?? whole);
}
