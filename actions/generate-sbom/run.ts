import { basename, join } from 'node:path';
import { deferred, messageOf, TidegateError, together } from '@tidegate/core';
import { UnpackedLayers } from '@tidegate/oci';
import {
  addDockerAttestations,
  lookInto,
  openTarget,
  type PlatformContents,
  type PlatformSbom,
  platformDigests,
  type Services,
  sbom,
  type Target,
} from '@tidegate/pipeline';
import type { Inputs, Job, Outputs } from '@tidegate/runner';
import { outputFolder } from '../support/build/output-folder.ts';
import { rememberLayers } from '../support/layers-read.ts';
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
  const sboms = await withServices(job, inputs, async (services) => {
    const made = await cataloged(target, { outputDir, name }, services, job);
    if (inputs['docker-attestations']) await addDockerAttestations(target, services);
    return made;
  });
  await publishSboms({ name, target, sboms, token: inputs.token }, inputs, job);
  return {
    layout,
    digest: target.image.root.digest,
    platforms: JSON.stringify(platformDigests(target.image)),
    ...sbomOutputs(sboms),
  };
}

/** While Syft runs, the layers are read for a scan-image later in this job. Only that one reports what it finds. */
async function cataloged(
  target: Target,
  options: { readonly outputDir: string; readonly name: string },
  services: Services,
  job: Job,
): Promise<readonly PlatformSbom[]> {
  // Below the folder of this run, which is removed at its end.
  const unpacked = new UnpackedLayers(join(services.temp, 'layers'));
  const [sboms, found] = await together<[readonly PlatformSbom[], readonly PlatformContents[]]>(
    services.signal,
    (signal) => {
      const inner = { ...services, signal };
      const { promise: running, resolve: onRunning } = deferred<void>();
      const made = sbom(target, { ...options, onRunning, unpacked }, inner);
      const ended = made.then(
        () => 'ended',
        () => 'ended',
      );
      const read = Promise.race([running, ended]).then(async (is) => {
        if (is === 'ended') return [];
        return lookInto(target, undefined, inner, unpacked).catch((error) => {
          if (signal.aborted || !(error instanceof TidegateError)) throw error;
          services.log.debug(`scan-image reads the layers: ${messageOf(error)}`);
          return [];
        });
      });
      return [made, read];
    },
  );
  // Only now: a step that fails or is cancelled keeps nothing.
  await rememberLayers(target, found, job);
  return sboms;
}

export function sbomOutputs(sboms: readonly PlatformSbom[]) {
  const by = (value: (one: PlatformSbom) => string | number) =>
    JSON.stringify(Object.fromEntries(sboms.map((one) => [one.platform, value(one)])));
  return {
    'spdx-paths': by((one) => one.spdx),
    'cyclonedx-paths': by((one) => one.cyclonedx),
    'syft-paths': by((one) => one.syft?.path ?? ''),
    packages: by((one) => one.packages),
  };
}
