import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Referrer } from '@tidegate/attest';
import { type Descriptor, digestOf, hexOf, MediaType } from '@tidegate/core';

/** distribution 2.8: no referrers API, so that cosign reads the fallback tag. Pushed to by hand, not by our client. */
export interface LoopbackRegistry extends AsyncDisposable {
  readonly host: string;
  /** An image of one platform with no layers: what it holds is of no account here, but each is another. */
  pushImage(repository: string): Promise<Descriptor>;
  /** All referrers of `subject`, and the fallback tag that lists them. */
  pushReferrers(repository: string, subject: Descriptor, referrers: readonly Referrer[]): Promise<void>;
}

export async function startRegistry(program: string, folder: string): Promise<LoopbackRegistry> {
  await mkdir(folder, { recursive: true });
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(folder, 'registry.yml');
  // JSON is YAML.
  const settings = {
    version: '0.1',
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'storage') } },
    http: { addr: host },
  };
  await writeFile(config, JSON.stringify(settings));
  const child = spawn(program, ['serve', config], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const deadline = Date.now() + 20_000;
  while (!(await answers(host))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${program} does not answer on ${host}.`);
    await wait(20);
  }
  return {
    host,
    pushImage: (repository) => pushImage(host, repository),
    pushReferrers: (repository, subject, referrers) => pushReferrers(host, repository, subject, referrers),
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}

async function pushImage(host: string, repository: string): Promise<Descriptor> {
  const config = json({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } });
  await pushBlob(host, repository, config);
  const manifest = json({
    schemaVersion: 2,
    mediaType: MediaType.manifest,
    config: { mediaType: MediaType.config, digest: digestOf(config), size: config.byteLength },
    layers: [],
    annotations: { repository },
  });
  return putManifest(host, repository, 'latest', manifest, MediaType.manifest);
}

async function pushReferrers(
  host: string,
  repository: string,
  subject: Descriptor,
  referrers: readonly Referrer[],
): Promise<void> {
  for (const { descriptor, manifest, blobs } of referrers) {
    for (const { bytes } of blobs) await pushBlob(host, repository, bytes);
    await putManifest(host, repository, descriptor.digest, manifest, descriptor.mediaType);
  }
  const manifests = referrers.map(({ descriptor }) => descriptor);
  const index = json({ schemaVersion: 2, mediaType: MediaType.index, manifests });
  await putManifest(host, repository, `sha256-${hexOf(subject.digest)}`, index, MediaType.index);
}

async function pushBlob(host: string, repository: string, bytes: Uint8Array): Promise<void> {
  const started = await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
  const target = new URL(started.headers.get('location') ?? '', `http://${host}`);
  target.searchParams.set('digest', digestOf(bytes));
  await created(fetch(target, { method: 'PUT', body: Buffer.from(bytes) }));
}

async function putManifest(
  host: string,
  repository: string,
  name: string,
  bytes: Uint8Array,
  mediaType: string,
): Promise<Descriptor> {
  const url = `http://${host}/v2/${repository}/manifests/${name}`;
  await created(fetch(url, { method: 'PUT', headers: { 'content-type': mediaType }, body: Buffer.from(bytes) }));
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}

async function created(answer: Promise<Response>): Promise<void> {
  const { status, url } = await answer;
  if (status !== 201) throw new Error(`PUT ${url} was answered with ${status}.`);
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function answers(host: string): Promise<boolean> {
  return fetch(`http://${host}/v2/`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
