/** Images with the evidence that policies for clusters ask for, made without the pipeline. */
import { makeBundle, makeStatement, type Signer, type Witness } from '@tidegate/attest';
import { type Descriptor, PredicateType } from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import { attach, pushImage, signImage } from '../../interop/support/signed-image.ts';

export interface EvidenceMaker {
  readonly registry: Registry;
  /** The repository as verdicts name it. */
  readonly destination: string;
  readonly witnesses: readonly Witness[];
}

/** A new image with a signature and a passed verdict by this signer. `name` makes it unique. */
export async function signedBy(signer: Signer, name: string, maker: EvidenceMaker): Promise<Descriptor> {
  const { registry, witnesses } = maker;
  const image = await pushImage(registry, name);
  await attach(registry, image, await signImage(image.digest, signer, witnesses), PredicateType.signature);
  await attachVerdict(signer, image, 'PASSED', maker);
  return image;
}

export async function attachVerdict(
  signer: Signer,
  image: Descriptor,
  verificationResult: 'PASSED' | 'FAILED',
  { registry, destination, witnesses }: EvidenceMaker,
): Promise<void> {
  const { bytes } = makeStatement(PredicateType.verdict, [{ digest: image.digest }], {
    ...{ verificationResult, resourceUri: destination, timeVerified: new Date().toISOString() },
  });
  await attach(registry, image, await makeBundle(bytes, signer, witnesses), PredicateType.verdict);
}
