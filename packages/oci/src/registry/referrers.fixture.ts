/** For tests of referrers: a registry with the API or without it, clients of it, and what its fallback tag holds. */
import { type Descriptor, MediaType } from '@tidegate/core';
import {
  type Fault,
  type RecordedRequest,
  type RegistryServer,
  type RegistryServerOptions,
  startRegistry,
} from '@tidegate/testkit';
import { addImage, described, put as putBlob, virtualTiming } from '../fixture.ts';
import { contentOfBytes } from '../verified.ts';
import { fallbackTag } from './fallback-tag.ts';
import { Registry, type RegistryOptions } from './registry.ts';

const open: { close(): unknown }[] = [];

/** For afterEach: what the last test started. */
export async function closeAll(): Promise<void> {
  for (const each of open.splice(0).reverse()) await each.close();
}

type FaultOf = (request: RecordedRequest) => Fault | undefined | Promise<Fault | undefined>;

export async function start(
  referrers: boolean,
  onRequest: FaultOf = () => undefined,
  options: Pick<RegistryServerOptions, 'conditions'> = {},
) {
  const server = await startRegistry({ referrers, onRequest, ...options });
  const registry = client(server);
  open.push(server);
  const image = await addImage(registry, 'linux/amd64');
  return { server, registry, image };
}

export function client(server: RegistryServer, options: RegistryOptions = {}): Registry {
  const reference = { registry: server.host, repository: 'acme/app' };
  const registry = new Registry(reference, { timing: virtualTiming(), ...options });
  open.push(registry);
  return registry;
}

/** A referrer that is pushed under a signal. */
export async function refer(registry: Registry, subject: Descriptor, artifactType: string, signal?: AbortSignal) {
  const config = await putBlob(registry, MediaType.empty, '{}');
  const { descriptor, bytes } = described(MediaType.manifest, {
    schemaVersion: 2,
    artifactType,
    config,
    layers: [],
    subject,
  });
  return registry.push(descriptor, contentOfBytes(bytes), signal ? { signal } : {});
}

export const fallbackOf = (server: RegistryServer, image: Descriptor) => {
  const found = server.manifest('acme/app', fallbackTag(image.digest));
  return found && JSON.parse(found.bytes.toString());
};
