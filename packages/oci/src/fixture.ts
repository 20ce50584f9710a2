import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Descriptor, digestOf, MediaType, parsePlatform } from '@tidegate/core';
import type { Timing } from './http/retry.ts';
import { ImageLayout } from './layout/layout.ts';
import type { Store } from './store.ts';
import { contentOfBytes } from './verified.ts';

/** Small images for this package's tests. */

/** A new folder, in memory where the machine has that: waiting for a disk would be most of these tests' time. */
export function scratchFolder(name: string): string {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), `tidegate-${name}-`));
}

export function described(mediaType: string, content: string | object): { descriptor: Descriptor; bytes: Buffer } {
  const bytes = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

export async function put(store: Store, mediaType: string, content: string | object): Promise<Descriptor> {
  const { descriptor, bytes } = described(mediaType, content);
  await store.push(descriptor, contentOfBytes(bytes));
  return descriptor;
}

/** One platform's image with one layer, `layer <platform>` unless other layers are given. */
export async function addImage(store: Store, platform: string, layers = [`layer ${platform}`]): Promise<Descriptor> {
  const config = await put(store, MediaType.config, {
    ...parsePlatform(platform),
    rootfs: { type: 'layers', diff_ids: [] },
  });
  const blobs: Descriptor[] = [];
  for (const layer of layers) blobs.push(await put(store, 'application/vnd.oci.image.layer.v1.tar', layer));
  const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: blobs };
  const descriptor = await put(store, MediaType.manifest, manifest);
  if (store instanceof ImageLayout) await store.add(descriptor);
  return descriptor;
}

export async function addReferrer(
  store: Store,
  subject: Descriptor,
  artifactType: string,
  annotations?: Readonly<Record<string, string>>,
): Promise<Descriptor> {
  const config = await put(store, MediaType.empty, '{}');
  const layer = await put(store, artifactType, `about ${subject.digest}`);
  return put(store, MediaType.manifest, {
    schemaVersion: 2,
    mediaType: MediaType.manifest,
    artifactType,
    config,
    layers: [layer],
    subject,
    annotations,
  });
}

/** A clock that only sleeping moves. */
export function virtualTiming(random = 0.5): Timing & { readonly sleeps: number[] } {
  const sleeps: number[] = [];
  let now = Date.parse('2026-01-01T00:00:00Z');
  return {
    sleeps,
    now: () => now,
    sleep: async (milliseconds) => {
      sleeps.push(milliseconds);
      now += milliseconds;
    },
    random: () => random,
  };
}
