/** Objects beside an image: from cosign, from forgers, and from anybody with push access. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleReferrer, type Signer, type Witness } from '@tidegate/attest';
import { hexOf, MediaType, PredicateType } from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import { type Forgery, forgedSigner } from '../support/forged-certificate.ts';
import { attach, pushImage, signImage } from '../support/signed-image.ts';
import { bytesOf, type Case, type Json } from './case.ts';
import {
  bundles,
  cosign,
  folder,
  IDENTITY,
  image,
  key,
  otherImage,
  type Place,
  signing,
  sigstore,
} from './signatures.ts';

/** `cosign sign` or `attest`, as somebody else would. */
export function cosignSigns(
  command: 'sign' | 'attest',
  as: 'keyless' | 'key' = 'keyless',
  format: 'new' | 'old' = 'new',
) {
  return async ({ reference }: Place) => {
    const who = as === 'key' ? ['--key', await cosignKey()] : ['--identity-token', sigstore.issuer.token('sigstore')];
    const predicate = join(folder, 'predicate.json');
    await writeFile(predicate, JSON.stringify({ buildDefinition: {}, runDetails: { builder: { id: 'b' } } }));
    const services =
      format === 'new'
        ? ['--signing-config', sigstore.signingConfig, '--trusted-root', sigstore.trustedRoot]
        : ['--new-bundle-format=false', '--use-signing-config=false', '--tlog-upload=false'];
    const { code, stderr } = await cosign([
      command,
      '--yes',
      ...who,
      ...services,
      ...(command === 'attest' ? ['--predicate', predicate, '--type', 'slsaprovenance1'] : []),
      `${reference}@${image.digest}`,
    ]);
    if (code !== 0) throw new Error(`cosign ${command}: ${stderr}`);
  };
}

/** cosign signs with its own key file only. */
async function cosignKey(): Promise<string> {
  const prefix = join(folder, 'imported');
  await writeFile(join(folder, 'imported.pem'), key.privatePem);
  await cosign(['import-key-pair', '--yes', '--key', join(folder, 'imported.pem'), '--output-key-prefix', prefix]);
  return `${prefix}.key`;
}

export function forged(forgery: Forgery) {
  return async ({ registry }: Place) => {
    const signer: Signer = await forgedSigner(sigstore, IDENTITY, await mkdtemp(join(folder, 'forged-')), forgery);
    const bundle = await signImage(image.digest, signer, [signing.log, signing.clock] satisfies Witness[]);
    await attach(registry, image, bundle, PredicateType.signature);
  };
}

/** cosign has to be told what our root says by naming none. */
export function withoutCertificateLog(): Pick<Case, 'root' | 'flags'> {
  return {
    root: (root) => {
      root.ctlogs = [];
    },
    flags: ['--insecure-ignore-sct=true'],
  };
}

export function both(name: string, spoil: (bundle: Json) => void) {
  return async ({ registry }: Place) => {
    const bundle = bytesOf(name);
    spoil(bundle);
    await attach(registry, image, Buffer.from(JSON.stringify(bundle)), PredicateType.signature);
    await attach(registry, image, bundles[name] ?? Buffer.alloc(0), PredicateType.signature);
  };
}

export function twoBundles(...names: readonly string[]) {
  return async ({ registry }: Place) => {
    for (const name of names) {
      await attach(registry, image, bundles[name] ?? Buffer.alloc(0), PredicateType.signature);
    }
  };
}

/** A fallback tag, which anybody who may push can write, that lists a referrer of another image. */
export async function swapped(registry: Registry, name: string): Promise<void> {
  await pushImage(registry, 'another image');
  await attach(registry, otherImage, bundles[name] ?? Buffer.alloc(0), PredicateType.signature);
  const { descriptor } = bundleReferrer(otherImage, bundles[name] ?? Buffer.alloc(0), PredicateType.signature);
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MediaType.index, manifests: [descriptor] }));
  const tag = `sha256-${hexOf(image.digest)}`;
  const answer = await fetch(`http://${registry.name.replace('/', '/v2/')}/manifests/${tag}`, {
    method: 'PUT',
    headers: { 'content-type': MediaType.index },
    body: index,
  });
  if (answer.status !== 201) throw new Error(`the tag was not written: ${answer.status}`);
}
