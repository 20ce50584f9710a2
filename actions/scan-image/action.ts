import { defineAction, type InputSpec } from '@tidegate/runner';
import { baselineInputs } from '../support/baseline.ts';
import { databaseInputs } from '../support/database.ts';
import { layoutInputs, layoutOutputs, registryInputs, toolInputs } from '../support/inputs.ts';
import { findingInputs, policyDocumentInputs, policyFileInput } from '../support/policy/inputs.ts';
import { findingsInputs, findingsOutputs } from '../support/reports/findings-report.ts';
import { signerInputs } from '../support/signing/signer-inputs.ts';
import { signingInputs } from '../support/signing/signing-inputs.ts';

/** Inputs of a scan, both of a layout and of a published image. */
export const scanInputs = {
  ...policyFileInput,
  ...findingInputs,
  ...databaseInputs,
  'report-dir': {
    type: 'string',
    description: "Folder to write Grype's reports to. Default: a folder beside the layout.",
  },
  ...findingsInputs,
} as const satisfies Record<string, InputSpec>;

export const scanOutputs = {
  verdict: { description: '`pass` or `fail`.' },
  critical: { description: 'Number of critical findings, over all platforms.' },
  high: { description: 'Number of high findings.' },
  medium: { description: 'Number of medium findings.' },
  low: { description: 'Number of low findings.' },
  negligible: { description: 'Number of negligible findings.' },
  unknown: { description: 'Number of findings without a severity.' },
  'report-paths': { description: "JSON object that maps each platform to Grype's report." },
  ...findingsOutputs,
} as const;

export const action = defineAction({
  name: 'scan-image',
  title: 'Tidegate: scan image',
  description:
    'Scan the SBOM of every platform with Grype and apply the gate, before an image is published or after. Fails if the gate fails.',
  branding: { icon: 'shield', color: 'blue' },
  inputs: {
    image: {
      type: 'string',
      description:
        'Published image to rescan: `registry/repository` with a tag or digest. Uses its SBOM if a trusted signer signed it, else catalogs the image. Default: scan the layout.',
    },
    destination: {
      type: 'string',
      description:
        'Repository to publish to: `ghcr.io/acme/app`. The verdict names it, and `push-image` accepts no other. Required before `push-image`.',
    },
    attach: {
      type: 'boolean',
      default: 'true',
      description:
        "Attach the signed scan and verdict to the published image. Needs push permission, and a key or the job's identity. `false`: only report.",
    },
    'attach-after': {
      type: 'duration',
      default: '3d',
      description:
        'Maximum age of the newest attached scan before an equal one is attached again. A scan with different results is always attached.',
    },
    ...scanInputs,
    ...baselineInputs,
    ...policyDocumentInputs,
    'reports-artifact': {
      type: 'string',
      description: 'Name of the artifact that a later step uploads the reports to. The summary links to it.',
    },
    ...signerInputs,
    ...signingInputs,
    ...registryInputs,
    token: {
      type: 'string',
      secret: true,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the runner evaluates it.
      default: '${{ github.token }}',
      description:
        'GitHub token for `upload-sarif` and `comment`, and for `ghcr.io` if there are no other credentials. Sent nowhere else.',
    },
    ...layoutInputs,
    ...toolInputs,
  },
  outputs: {
    ...layoutOutputs,
    layout: { description: 'Folder of the OCI image layout; empty for a published image.' },
    reference: { description: 'Published image that was scanned, by digest; empty for a layout.' },
    attached: { description: 'Number of evidence items attached to the published image; empty for a layout.' },
    ...scanOutputs,
  },
});
