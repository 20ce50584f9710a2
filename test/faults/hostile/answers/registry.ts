/** A registry on loopback that answers every request in one wrong way, and what is asked of it. */
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { digestOf, MediaType } from '@tidegate/core';
import { contentOfBytes, copy, ImageLayout, Registry, type Timing } from '@tidegate/oci';
import { serveLoopback } from '@tidegate/testkit';
import type { HostileCase } from '../case.ts';
import { described, LAYER } from '../image.ts';

/** An answer to every request that it is for. `body` without end where it is a generator that has none. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array | (() => Iterable<Uint8Array>);
}

type Work = (registry: Registry, folder: string) => Promise<unknown>;

export const HEX = 'a'.repeat(64);
export const MANIFEST = described(MediaType.manifest, {
  schemaVersion: 2,
  mediaType: MediaType.manifest,
  config: described(MediaType.config, '{}').descriptor,
  layers: [],
});
const BLOB = described(LAYER, 'a layer of some bytes');
const subject = digestOf('subject');

export function* endless(): Iterable<Uint8Array> {
  for (;;) yield Buffer.alloc(64 * 1024, 0x20);
}

export const resolve: Work = (registry) => registry.resolve('v1');
export const resolveDigest: Work = (registry) => registry.resolve(MANIFEST.descriptor.digest);
export const fetchManifest: Work = (registry) => registry.fetchBytes(MANIFEST.descriptor);
export const fetchBlob: Work = (registry) => registry.fetchBytes(BLOB.descriptor);
export const pull: Work = async (registry, folder) =>
  copy(registry, await ImageLayout.create(join(folder, 'pulled')), [MANIFEST.descriptor]);
export const pushBlob: Work = (registry) => registry.push(BLOB.descriptor, contentOfBytes(BLOB.bytes));
export const pushManifest: Work = (registry) => registry.push(MANIFEST.descriptor, contentOfBytes(MANIFEST.bytes));
export const referrers: Work = (registry) => registry.referrers(subject);
export const checkPush: Work = (registry) => registry.checkPush();

/** No time passes while it waits. */
function hurried(): Timing {
  let now = Date.parse('2026-01-01T00:00:00Z');
  return {
    now: () => now,
    sleep: async (milliseconds) => {
      now += milliseconds;
    },
    random: () => 0.5,
  };
}

export async function against(host: string, work: Work, folder: string, password = 'hunter2-secret'): Promise<unknown> {
  const registry = new Registry(
    { registry: host, repository: 'acme/app' },
    {
      timing: hurried(),
      retry: { attempts: 2 },
      credentials: async () => ({ kind: 'password', username: 'user', password }),
    },
  );
  try {
    return await work(registry, folder);
  } finally {
    registry.close();
  }
}

export const answering = (
  name: string,
  work: Work,
  answer: (path: string, method: string, host: string) => Answer | undefined,
  says?: RegExp,
): HostileCase => ({
  name: `a registry that ${name}`,
  ...(says ? { says } : {}),
  run: async (folder) => {
    await using server = await serveLoopback(async (request, response, url) => {
      const given = answer(`${url.pathname}${url.search}`, request.method ?? '', request.headers.host ?? '') ?? {
        status: 404,
      };
      request.resume();
      response.on('error', () => response.destroy());
      response.writeHead(given.status, given.headers as Record<string, string>);
      if (typeof given.body !== 'function' || request.method === 'HEAD') {
        response.end(request.method === 'HEAD' || typeof given.body === 'function' ? undefined : given.body);
        return;
      }
      for (const chunk of given.body()) {
        if (response.destroyed) return;
        if (!response.write(chunk)) await waitForRoom(response);
      }
      response.end();
    });
    await against(new URL(server.url).host, work, folder);
  },
});

/** Until it takes more, or nobody reads on. */
function waitForRoom(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

export const manifestHeaders = { 'content-type': MediaType.manifest };
export const json = { 'content-type': 'application/json' };
