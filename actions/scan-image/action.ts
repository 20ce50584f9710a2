import { TRACKING } from '@tidegate/core';
import { defineAction, type InputSpec } from '@tidegate/runner';
import { baselineInputs } from '../support/baseline-inputs.ts';
import { databaseInputs } from '../support/database-inputs.ts';
import { layoutInputs, layoutOutputs, registryInputs, toolInputs } from '../support/inputs.ts';
import { keepScansInput } from '../support/keep-scans.ts';
import { findingInputs, policyDocumentInputs, policyFileInput } from '../support/policy/inputs.ts';
import { destinationAuthsInput } from '../support/registry/registry-auths.ts';
import { registryIdentitiesInput } from '../support/registry/registry-identities-inputs.ts';
import { findingsInputs, findingsOutputs } from '../support/reports/findings-report-inputs.ts';
import { signerInputs } from '../support/signing/signer-inputs.ts';
import { signingInputs } from '../support/signing/signing-inputs.ts';

/** Inputs of a scan, both of a layout and of a published image. */
export const scanInputs = {
  ...policyFileInput,
  ...findingInputs,
  ...databaseInputs,
  'report-dir': {
    type: 'string',
    path: true,
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
  'report-paths': { json: true, description: "JSON object that maps each platform to Grype's report." },
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
      type: 'list',
      description:
        'Published image to rescan: `registry/repository` with a tag or digest. Several: one per line. Uses a signed SBOM of a trusted signer if there is one. Default: scan the layout.',
    },
    manifests: {
      type: 'list',
      path: true,
      description:
        'Manifests whose images are rescanned too, each digest once, one per line: files, folders, or patterns such as `deploy/**/*.yaml`. At most 100 images.',
    },
    destination: {
      type: 'list',
      description:
        'Repository to publish to: `ghcr.io/acme/app`. Several: one per line. The verdict names it, and `push-image` accepts no other. Required before `push-image`.',
    },
    compare: {
      type: 'boolean',
      default: 'true',
      description:
        'Compare the image with its live tag in `destination`, in a pull request with that of the base branch. Only reported; a failed comparison changes nothing.',
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
    ...keepScansInput,
    ...scanInputs,
    ...baselineInputs,
    ...policyDocumentInputs,
    'reports-artifact': {
      type: 'string',
      description: 'Name of the artifact that a later step uploads the reports to. The summary links to it.',
    },
    'evidence-dir': {
      type: 'string',
      path: true,
      description:
        'New folder for a copy of the layout without the layers of the image, for `evidence` of `join-layouts` in another job. Default: none.',
    },
    'tracking-issues': {
      type: 'choice',
      choices: ['none', ...TRACKING],
      default: 'none',
      description:
        'Keep an issue for each published image while it fails the gate or exceptions end soon; `fixes`: also while updates are available. Needs `issues: write`.',
    },
    ...signerInputs,
    ...signingInputs,
    ...registryInputs,
    ...destinationAuthsInput,
    ...registryIdentitiesInput,
    token: {
      type: 'string',
      secret: true,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the runner evaluates it.
      default: '${{ github.token }}',
      description:
        'GitHub token for `upload-sarif`, `comment` and `tracking-issues`, and for `ghcr.io` if there are no other credentials. Sent nowhere else.',
    },
    ...layoutInputs,
    ...toolInputs,
  },
  outputs: {
    ...layoutOutputs,
    layout: { description: 'Folder of the OCI image layout; empty for a published image.' },
    'layout-digest': {
      description:
        'Digest of the layout with all evidence, for `expected-layout-digest` in another job; empty for a published image and a failed gate.',
    },
    reference: { description: 'Published image that was scanned, by digest; empty for a layout.' },
    attached: { description: 'Number of evidence items attached to the published image; empty for a layout.' },
    results: {
      json: true,
      description:
        'Several images: JSON array with `image`, `reference`, `digest`, `verdict`, `counts`, `attached`, `reports` and `error` of each; other outputs are sums or empty. Else empty.',
    },
    ...scanOutputs,
  },
});
