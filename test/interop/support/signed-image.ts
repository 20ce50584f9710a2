import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as after } from 'node:timers/promises';
import {
  bundleReferrer,
  type KeylessSigner,
  keylessSigner,
  keySigner,
  makeBundle,
  parseSigningConfig,
  rekorWitness,
  type Signer,
  signatureStatement,
  timestampWitness,
  type Witness,
} from '@tidegate/attest';
import { type Descriptor, type Digest, digestOf, MediaType, parseReference } from '@tidegate/core';
import { contentOfBytes, Registry } from '@tidegate/oci';
import type { Sigstore } from '@tidegate/testkit';

/** Put a small image into a registry. `name` makes it unique. @returns its descriptor */
export async function pushImage(registry: Registry, name: string): Promise<Descriptor> {
  const config = await put(
    registry,
    MediaType.config,
    JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } }),
  );
  const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [], annotations: { name } };
  return put(registry, MediaType.manifest, JSON.stringify(manifest));
}

export async function attach(
  registry: Registry,
  subject: Descriptor,
  bundle: Uint8Array,
  predicateType: string,
): Promise<void> {
  const { descriptor, manifest, blobs } = bundleReferrer(subject, bundle, predicateType);
  for (const blob of blobs) await registry.push(blob.descriptor, contentOfBytes(blob.bytes));
  await registry.push(descriptor, contentOfBytes(manifest));
}

export function registryAt(address: string, repository: string): Registry {
  return new Registry(parseReference(`${address}/${repository}`), {});
}

async function put(registry: Registry, mediaType: string, text: string): Promise<Descriptor> {
  const bytes = Buffer.from(text);
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  await registry.push(descriptor, contentOfBytes(bytes));
  return descriptor;
}

/** All parts of a Sigstore that sign, with our own code. */
export interface Signing {
  readonly keyless: KeylessSigner;
  readonly log: Witness;
  readonly clock: Witness;
}

/** @param claims of the run, which override those of the issuer */
export async function signingWith(sigstore: Sigstore, claims: Readonly<Record<string, string>> = {}): Promise<Signing> {
  const asking = {
    outage: { kind: 'fail' } as const,
    fetch,
    signal: new AbortController().signal,
    clock: () => new Date(),
    notice: () => {},
    pause: (milliseconds: number, signal: AbortSignal) => after(milliseconds, undefined, { signal }),
  };
  const config = await readFile(sigstore.signingConfig);
  const services = parseSigningConfig(config, new Date(), sigstore.signingConfig);
  return {
    keyless: await keylessSigner({
      ...asking,
      fulcio: services.fulcio,
      tokens: async (audience) => sigstore.issuer.token(audience, claims),
    }),
    log: rekorWitness(services.rekor.services, asking),
    clock: timestampWitness(services.timestamps.services, asking),
  };
}

export interface KeyPair {
  readonly signer: Signer;
  readonly publicPem: string;
  readonly privatePem: string;
}

export async function newKeyPair(): Promise<KeyPair> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const publicPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
  return { signer: await keySigner(privatePem), publicPem, privatePem };
}

export function signImage(subject: Digest, signer: Signer, witnesses: readonly Witness[]): Promise<Uint8Array> {
  return makeBundle(signatureStatement(subject).bytes, signer, witnesses);
}
