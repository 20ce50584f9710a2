import {
  type KeySigner,
  MAX_BUNDLE_BYTES,
  makeBundle,
  type Signer,
  signatureStatement,
  verifyBundle,
  type Witness,
} from '@tidegate/attest';
import { type Descriptor, type Digest, digestOf, MediaType, manifestsOf, TidegateError } from '@tidegate/core';
import type { ImageLayout } from '@tidegate/oci';
import { attachBundle, readContent, readEvidence, readStatements } from './evidence-store.ts';
import type { Services } from './services.ts';
import type { Target } from './target.ts';

export interface SignOptions {
  readonly signer: Signer & Pick<KeySigner, 'publicKey'>;
  readonly witnesses: readonly Witness[];
}

export interface SignResult {
  /** Bundles that the layout now holds, over the root and every platform. */
  readonly bundles: number;
  readonly signer: string;
}

/**
 * Sign the root and every platform's manifest, and every statement that the layout holds about them. Bundles become
 * referrers in the layout. What this signer has signed already stays as it is, so a second run leaves no duplicates;
 * bundles over anything else are taken out.
 */
export async function sign(target: Target, options: SignOptions, services: Services): Promise<SignResult> {
  const { image, layout } = target;
  for (const one of await readEvidence(target, [])) {
    if (one.kind !== 'unreadable') continue;
    throw new TidegateError(
      'evidence',
      `${layout.name} holds evidence that is not signed: ${one.claimed}: ${one.why}`,
      {
        next: 'Sign only what build-image, generate-sbom and scan-image left in the layout; run them again.',
      },
    );
  }
  let bundles = 0;
  for (const subject of manifestsOf(image)) {
    const { bytes, statement } = signatureStatement(subject.digest);
    const held = await readStatements(layout, subject);
    const wanted = [{ bytes, predicateType: statement.predicateType }, ...held];
    const signed = await keepSigned(layout, subject, new Set(wanted.map((one) => digestOf(one.bytes))), options);
    const missing = wanted.filter((one) => !signed.has(digestOf(one.bytes)));
    const made = await Promise.all(
      missing.map(async (one) => ({ ...one, bundle: await makeBundle(one.bytes, options.signer, options.witnesses) })),
    );
    for (const { bundle, predicateType } of made) await attachBundle(layout, subject, bundle, predicateType);
    bundles += wanted.length;
  }
  services.log.info(`${bundles} statements are signed by ${options.signer.identity}.`);
  return { bundles, signer: options.signer.identity };
}

/** @returns digests of the payloads that already have a bundle of this signer; other bundles are taken out. */
async function keepSigned(
  layout: ImageLayout,
  subject: Descriptor,
  wanted: ReadonlySet<Digest>,
  options: SignOptions,
): Promise<ReadonlySet<Digest>> {
  const signed = new Set<Digest>();
  const trust = { publicKeys: [options.signer.publicKey] };
  for (const referrer of await layout.referrers(subject.digest, MediaType.bundle)) {
    let payload: Digest | undefined;
    try {
      const content = await readContent(layout, referrer, MAX_BUNDLE_BYTES);
      payload = verifyBundle(content, trust, subject.digest).evidence.payload;
    } catch {
      // Not ours, or broken: a new one takes its place.
    }
    if (payload !== undefined && wanted.has(payload) && !signed.has(payload)) signed.add(payload);
    else await layout.unlist(referrer);
  }
  return signed;
}
