/** A client with a password, and what it is to push and pull. */
import { MediaType } from '@tidegate/core';
import { contentOfBytes, Registry, type RegistryOptions } from '@tidegate/oci';
import { described, LAYER } from '../hostile/image.ts';

export const USER = 'robot$acme+ci';
export const SECRET = 'pa$$w0rd/with+every=thing?&%41';
const REFRESH = 'refresh-token.of+somebody/else==';
export const NO_HELPER = async () => {
  throw new Error('no credential helper is asked here');
};
export const secrets = { password: SECRET, refresh: REFRESH };
export const BLOB = described(LAYER, 'a layer of some bytes');
export const OK = `HTTP/1.1 200 OK\r\ncontent-length: ${BLOB.bytes.length}\r\n\r\n${BLOB.bytes}`;
export const MANIFEST = described(MediaType.manifest, {
  schemaVersion: 2,
  mediaType: MediaType.manifest,
  config: described(MediaType.config, '{}').descriptor,
  layers: [],
});

export const open = (host: string, options: RegistryOptions = {}) =>
  new Registry(
    { registry: host, repository: 'acme/app' },
    {
      retry: { attempts: 1 },
      credentials: async () => ({ kind: 'password', username: USER, password: SECRET }),
      ...options,
    },
  );

export const quietly = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);
export const pushBlob = (registry: Registry) => registry.push(BLOB.descriptor, contentOfBytes(BLOB.bytes));
