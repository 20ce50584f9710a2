import { basename, join } from 'node:path';
import { openTarget, type PlatformSbom, platformDigests, sbom } from '@tidegate/pipeline';
import type { Inputs, Job, Outputs } from '@tidegate/runner';
import { outputFolder } from '../support/build/output-folder.ts';
import { existingLayout } from '../support/layout-folder.ts';
import { publishSboms } from '../support/reports/sbom-publication.ts';
import { withServices } from '../support/services.ts';
import type { action } from './action.ts';

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  const layout = await existingLayout(inputs, job);
  const target = await openTarget(layout);
  const outputDir = await outputFolder('output-dir', inputs['output-dir'], join(layout, '..', 'sbom'), job);
  job.log.info(`Create SBOMs of ${target.image.root.digest}; nothing is published.`);
  const name = inputs.name || job.env.GITHUB_REPOSITORY || basename(layout);
  const sboms = await withServices(job, inputs, (services) => sbom(target, { outputDir, name }, services));
  await publishSboms({ name, target, sboms, token: inputs.token }, inputs, job);
  return {
    layout,
    digest: target.image.root.digest,
    platforms: JSON.stringify(platformDigests(target.image)),
    ...sbomOutputs(sboms),
  };
}

export function sbomOutputs(sboms: readonly PlatformSbom[]) {
  const by = (value: (one: PlatformSbom) => string | number) =>
    JSON.stringify(Object.fromEntries(sboms.map((one) => [one.platform, value(one)])));
  return {
    'spdx-paths': by((one) => one.spdx),
    'cyclonedx-paths': by((one) => one.cyclonedx),
    'syft-paths': by((one) => one.syft.path),
    packages: by((one) => one.packages),
  };
}
