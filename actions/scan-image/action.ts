import { defineAction, type InputSpec } from '@tidegate/runner';
import { baselineInputs } from '../support/baseline.ts';
import { databaseInputs } from '../support/database.ts';
import { layoutInputs, layoutOutputs, registryInputs, toolInputs } from '../support/inputs.ts';
import { findingInputs, policyDocumentInputs, policyFileInput } from '../support/policy/inputs.ts';
import { findingsInputs, findingsOutputs } from '../support/reports/findings-report.ts';
import { signerInputs } from '../support/signing/signer-inputs.ts';
import { signingInputs } from '../support/signing/signing-inputs.ts';

/** What a scan takes, wherever the image is. */
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
  critical: { description: 'Findings of critical severity, over all platforms.' },
  high: { description: 'Findings of high severity.' },
  medium: { description: 'Findings of medium severity.' },
  low: { description: 'Findings of low severity.' },
  negligible: { description: 'Findings of negligible severity.' },
  unknown: { description: 'Findings without a severity.' },
  'report-paths': { description: "JSON object: platform to Grype's report." },
  ...findingsOutputs,
} as const;

export const action = defineAction({
  name: 'scan-image',
  title: 'Tidegate: scan image',
  description:
    'Scan the SBOM of every platform with Grype and let the gate decide, before an image is published or after. Fails when the gate stays shut.',
  branding: { icon: 'shield', color: 'blue' },
  inputs: {
    image: {
      type: 'string',
      description:
        'Published image to scan again: `registry/repository` with a tag or a digest. Its SBOM is read where somebody trusted has signed it (`workflow`, `verification-key`, or the one who signs here); else the image is fetched and catalogued. Default: the layout is scanned.',
    },
    destination: {
      type: 'string',
      description:
        'Repository the image goes to: `ghcr.io/acme/app`. The verdict names it, and `push-image` pushes nowhere else. Needed before `push-image`.',
    },
    attach: {
      type: 'boolean',
      default: 'true',
      description:
        "Attach the scan and the verdict to the published image, signed. It takes permission to push, and a key or the job's identity. `false`: look only.",
    },
    'attach-after': {
      type: 'duration',
      default: '3d',
      description:
        'How old the newest scan of the published image may be before one that says the same is attached again. One that says something else always is.',
    },
    ...scanInputs,
    ...baselineInputs,
    ...policyDocumentInputs,
    'reports-artifact': {
      type: 'string',
      description: 'Name of the artifact that a later step uploads the reports as. The summary links to it.',
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
        'GitHub token, for `upload-sarif` and `comment`, and for `ghcr.io` where no other credential is there.',
    },
    ...layoutInputs,
    ...toolInputs,
  },
  outputs: {
    ...layoutOutputs,
    layout: { description: 'Folder of the OCI image layout; empty where a published image was scanned.' },
    reference: { description: 'The published image that was scanned, by digest; empty for a layout.' },
    attached: { description: 'How many pieces of evidence the published image has gained; empty for a layout.' },
    ...scanOutputs,
  },
});
