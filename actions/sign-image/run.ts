import { join } from 'node:path';
import { readChecked, verifyChecked } from '@tidegate/attest';
import { openTarget, platformDigests, sign } from '@tidegate/pipeline';
import type { Inputs, Job, Outputs } from '@tidegate/runner';
import { outputFolder } from '../support/build/output-folder.ts';
import { existingLayout } from '../support/layout-folder.ts';
import { assertExpected, assertExpectedLayout } from '../support/registry/expected-digest.ts';
import { withServices } from '../support/services.ts';
import { rememberSigner } from '../support/signing/key.ts';
import { predicatesOf } from '../support/signing/predicates.ts';
import { rememberedOf, signingOf } from '../support/signing/signing.ts';
import { signingMode } from '../support/signing/signing-mode.ts';
import type { action } from './action.ts';

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  const mode = signingMode(inputs.signing, inputs.key !== '');
  const predicates = await predicatesOf(inputs, job);
  const layout = await existingLayout(inputs, job);
  if (mode === 'none') {
    const { image } = await openTarget(layout);
    job.log.notice('Not signed, because the input signing is none.');
    const platforms = JSON.stringify(platformDigests(image));
    return {
      layout,
      digest: image.root.digest,
      platforms,
      signatures: '0',
      signer: '',
      'output-bundles': '',
      'public-key': '',
    };
  }
  const [target, signing] = await Promise.all([openTarget(layout), signingOf(inputs, job)]);
  // Checked before any request to a transparency log, which keeps its entries forever.
  assertExpected(target, inputs['expected-digest']);
  await assertExpectedLayout(target, inputs['expected-layout-digest']);
  const bundles = await outputFolder('output-bundles-dir', inputs['output-bundles-dir'], '', job);
  const how = mode === 'key' ? 'with the key' : "with the job's identity";
  job.log.info(`Sign ${target.image.root.digest} and its evidence ${how}; nothing is published.`);
  const { signed, publicKeyPem } = await withServices(job, inputs, async (services) => {
    const { publicKeyPem: pem, keyless, ...options } = await signing(services);
    if (keyless && inputs.checked !== '') await verifyChecked(readChecked(inputs.checked), keyless);
    const bundleOfOutput = bundles === '' ? undefined : (name: string) => join(bundles, `${name}.sigstore.json`);
    const result = await sign(target, { ...options, predicates, bundleOfOutput }, services);
    await rememberSigner(layout, rememberedOf(inputs, pem, options), job);
    return { signed: result, publicKeyPem: pem };
  });
  return {
    layout,
    digest: target.image.root.digest,
    platforms: JSON.stringify(platformDigests(target.image)),
    signatures: String(signed.bundles),
    signer: signed.signer,
    'output-bundles': signed.outputBundles.join('\n'),
    'public-key': publicKeyPem,
  };
}
