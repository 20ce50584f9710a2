import { defined, type Plan } from '@tidegate/core';
import { platformDigests, type ShipProgress } from '@tidegate/pipeline';
import type { Outputs } from '@tidegate/runner';
import { sbomOutputs } from '../generate-sbom/run.ts';
import { scanOutputs } from '../scan-image/outputs.ts';
import { exportedLines } from '../support/build/outputs.ts';
import { pushOutputs } from '../support/registry/published.ts';
import { action } from './action.ts';

type ShipOutputs = Outputs<typeof action>;

/** A pull request has no reference and no signature: every output is set, some to empty text. */
export function nothing(): ShipOutputs {
  return Object.fromEntries(Object.keys(action.outputs).map((name) => [name, ''])) as ShipOutputs;
}

export function outputsOf(shipment: ShipProgress, plan: Plan, layout: string, reportDir: string): Partial<ShipOutputs> {
  const { target, verdict, scans, sboms, signed, pushed, exported } = shipment;
  return {
    ...defined({
      layout: target && layout,
      digest: target?.image.root.digest,
      platforms: target && JSON.stringify(platformDigests(target.image)),
      'output-files': exported && exportedLines(exported),
      'output-bundles': signed?.outputBundles.join('\n'),
      signatures: signed && String(signed.bundles),
      signer: signed?.signer,
    }),
    ...(sboms && sbomOutputs(sboms)),
    ...(scans && verdict && scanOutputs(scans, verdict.passed, reportDir)),
    ...(pushed ? pushOutputs(plan.images, pushed) : { published: 'false' }),
  };
}
