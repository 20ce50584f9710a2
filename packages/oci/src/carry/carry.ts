import type { Descriptor } from '@tidegate/core';
import { pathOf } from '../manifests.ts';
import type { RegistryClient } from '../registry-client.ts';
import type { CallOptions, Carried } from '../store.ts';
import type { Carriers, TakeOptions } from './carriers.ts';

/** Starting a thread takes as long as hashing so many bytes; new connections, on a quick line, as long as fetching them. */
const LEAST = 32 * 1024 * 1024;

export function worthCarrying(blobs: readonly Descriptor[]): boolean {
  return bytesOf(blobs) >= LEAST;
}

/** What lies beside the largest blob is what other threads could do. */
export function worthThreads(blobs: readonly Descriptor[]): boolean {
  return bytesOf(blobs) - Math.max(0, ...blobs.map(({ size }) => size)) >= LEAST;
}

function bytesOf(blobs: readonly Descriptor[]): number {
  return blobs.reduce((sum, { size }) => sum + size, 0);
}

/**
 * As much of a blob into `file` as goes without trouble.
 * @returns undefined where nobody carries. It rejects with what `onBytes` throws alone: what else went wrong will come
 * again for who asks in the usual way.
 */
export async function carry(
  client: RegistryClient,
  carriers: Carriers,
  descriptor: Descriptor,
  file: number,
  options: CallOptions & TakeOptions,
): Promise<Carried | undefined> {
  const { pace } = client.parts;
  const path = pathOf(descriptor);
  const ask = await client.headOf(path, { 'accept-encoding': 'identity' }, options.signal).catch(() => undefined);
  if (ask === undefined) return undefined;
  const trip = await carriers.take({ ask, size: descriptor.size, file }, pace, options);
  if (trip?.waited !== undefined) pace.answered(trip.waited);
  return trip;
}
