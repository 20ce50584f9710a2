import { openTarget, platformDigests, sign } from '@tidegate/pipeline';
import type { Inputs, Job, Outputs } from '@tidegate/runner';
import { existingLayout } from '../support/layout-folder.ts';
import { assertExpected } from '../support/registry/expected-digest.ts';
import { withServices } from '../support/services.ts';
import { rememberSigner } from '../support/signing/key.ts';
import { rememberedOf, signingOf } from '../support/signing/signing.ts';
import { signingMode } from '../support/signing/signing-mode.ts';
import type { action } from './action.ts';

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  const mode = signingMode(inputs.signing, inputs.key !== '');
  const layout = await existingLayout(inputs, job);
  if (mode === 'none') {
    const { image } = await openTarget(layout);
    job.log.notice('Not signed, because the input signing is none.');
    const platforms = JSON.stringify(platformDigests(image));
    return { layout, digest: image.root.digest, platforms, signatures: '0', signer: '', 'public-key': '' };
  }
  const [target, signing] = await Promise.all([openTarget(layout), signingOf(inputs, job)]);
  // Checked before any request to a transparency log, which keeps its entries forever.
  assertExpected(target, inputs['expected-digest']);
  const how = mode === 'key' ? 'with the key' : "with the job's identity";
  job.log.info(`Sign ${target.image.root.digest} and its evidence ${how}; nothing is published.`);
  const { signed, publicKeyPem } = await withServices(job, inputs, async (services) => {
    const { publicKeyPem: pem, ...options } = await signing(services);
    const result = await sign(target, options, services);
    await rememberSigner(layout, rememberedOf(inputs, pem, options), job);
    return { signed: result, publicKeyPem: pem };
  });
  return {
    layout,
    digest: target.image.root.digest,
    platforms: JSON.stringify(platformDigests(target.image)),
    signatures: String(signed.bundles),
    signer: signed.signer,
    'public-key': publicKeyPem,
  };
}
