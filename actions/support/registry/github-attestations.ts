import type { Trust } from '@tidegate/attest';
import { badInput, counted, PredicateType } from '@tidegate/core';
import { type PushDestination, signedBundles } from '@tidegate/pipeline';
import { type Job, storeAttestations } from '@tidegate/runner';
import type { SigningMode } from '../signing/signing-mode.ts';

interface StoreInputs {
  readonly 'github-attestations': boolean;
  readonly token: string;
}

/**
 * The step before the tags that fills GitHub's attestation store. A failure leaves no tag, so nobody deploys an image by
 * tag that the store does not know.
 * @returns undefined if the input is not set
 */
export function attestationsOnGitHub(inputs: StoreInputs, job: Job): PushDestination['beforeTags'] {
  if (!inputs['github-attestations']) return undefined;
  return async (target) => {
    const bundles = await signedBundles(target);
    const [page] = await storeAttestations(
      job,
      inputs.token,
      bundles.map(({ bytes }) => bytes),
    );
    const provenance = bundles.filter(({ predicateType }) => predicateType === PredicateType.provenance).length;
    job.log.info(
      `Stored ${counted(bundles.length, 'attestation')} on GitHub, ${provenance} of them provenance. The first: ${page ?? 'none'}`,
    );
  };
}

/**
 * `gh attestation verify` reads the identity in a certificate, so bundles that are signed with a key would never verify.
 * @throws TidegateError `bad-input`
 */
export function assertKeyless(inputs: StoreInputs, { identities = [] }: Pick<Trust, 'identities'>): void {
  assertKeylessMode(inputs, identities.length > 0 ? 'keyless' : 'key');
}

/** Like `assertKeyless`, before anything is signed. */
export function assertKeylessMode(inputs: StoreInputs, mode: SigningMode): void {
  if (!inputs['github-attestations'] || mode === 'keyless') return;
  throw badInput(
    'input-conflict',
    'github-attestations',
    'true',
    'an image that is signed keyless',
    'Set signing: keyless, or remove github-attestations: gh verifies no signature of a key.',
  );
}
