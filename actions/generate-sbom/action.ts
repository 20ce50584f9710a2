import { defineAction } from '@tidegate/runner';
import { dockerAttestationsInput, layoutInputs, layoutOutputs, toolInputs } from '../support/inputs.ts';
import { sbomPublicationInputs } from '../support/reports/sbom-publication-inputs.ts';

export const action = defineAction({
  name: 'generate-sbom',
  title: 'Tidegate: generate SBOM',
  description: 'Catalog every platform of an image once with Syft: SPDX and CycloneDX to publish, syft-json to scan.',
  branding: { icon: 'list', color: 'blue' },
  inputs: {
    'output-dir': {
      type: 'string',
      path: true,
      description: 'Additional folder to write the SBOM files to. Default: a folder beside the layout.',
    },
    ...dockerAttestationsInput,
    ...sbomPublicationInputs,
    token: {
      type: 'string',
      secret: true,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the runner evaluates it.
      default: '${{ github.token }}',
      description: 'GitHub token, for `dependency-snapshot` and `release-assets`.',
    },
    ...layoutInputs,
    ...toolInputs,
  },
  outputs: {
    ...layoutOutputs,
    'spdx-paths': { json: true, description: 'JSON object that maps each platform to its SPDX 2.3 file.' },
    'cyclonedx-paths': { json: true, description: 'JSON object that maps each platform to its CycloneDX 1.6 file.' },
    'syft-paths': { json: true, description: 'JSON object that maps each platform to its syft-json file.' },
    packages: { json: true, description: 'JSON object that maps each platform to its number of packages.' },
  },
});
