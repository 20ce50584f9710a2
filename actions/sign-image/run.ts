import { openTarget, platformDigests, sign } from '@tidegate/pipeline';
import type { Inputs, Job, Outputs } from '@tidegate/runner';
import { assertExpected } from '../support/expected-digest.ts';
import { rememberKey, signerOf } from '../support/key.ts';
import { existingLayout } from '../support/layout-folder.ts';
import { NO_TOOLS, withServices } from '../support/services.ts';
import type { action } from './action.ts';

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  const layout = await existingLayout(inputs, job);
  const [target, signer] = await Promise.all([openTarget(layout), signerOf(inputs, job)]);
  assertExpected(target, inputs['expected-digest']);
  const signed = await withServices(job, NO_TOOLS, (services) => sign(target, { signer, witnesses: [] }, services));
  await rememberKey(layout, signer, job);
  return {
    layout,
    digest: target.image.root.digest,
    platforms: JSON.stringify(platformDigests(target.image)),
    signatures: String(signed.bundles),
    signer: signed.signer,
    'public-key': signer.publicKeyPem,
  };
}
