import { defineAction } from '@tidegate/runner';
import { databaseInputs } from '../support/database.ts';
import { findingsInputs, findingsOutputs } from '../support/findings-report.ts';
import { layoutInputs, layoutOutputs, toolInputs } from '../support/inputs.ts';
import { findingInputs, policyFileInput } from '../support/policy-inputs.ts';

export const action = defineAction({
  name: 'scan-image',
  title: 'Tidegate: scan image',
  description: 'Scan the SBOM of every platform with Grype and let the gate decide. Fails when the gate stays shut.',
  branding: { icon: 'shield', color: 'blue' },
  inputs: {
    ...policyFileInput,
    ...findingInputs,
    ...databaseInputs,
    'report-dir': {
      type: 'string',
      description: "Folder to write Grype's reports to. Default: a folder beside the layout.",
    },
    ...findingsInputs,
    token: {
      type: 'string',
      secret: true,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the runner evaluates it.
      default: '${{ github.token }}',
      description: 'GitHub token, for `upload-sarif` and `comment`.',
    },
    ...layoutInputs,
    ...toolInputs,
  },
  outputs: {
    ...layoutOutputs,
    verdict: { description: '`pass` or `fail`.' },
    critical: { description: 'Findings of critical severity, over all platforms.' },
    high: { description: 'Findings of high severity.' },
    medium: { description: 'Findings of medium severity.' },
    low: { description: 'Findings of low severity.' },
    negligible: { description: 'Findings of negligible severity.' },
    unknown: { description: 'Findings without a severity.' },
    'report-paths': { description: "JSON object: platform to Grype's report." },
    ...findingsOutputs,
  },
});
