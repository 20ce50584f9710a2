import { defineAction } from '@tidegate/runner';
import { layoutInputs, registryInputs } from '../../../../actions/support/inputs.ts';
import { findingInputs, policyFileInput } from '../../../../actions/support/policy/inputs.ts';
import { signerFlags } from '../signer-flags.ts';

/** Declared like an action, so that flags, result and errors work as in the other commands. */
export const action = defineAction({
  name: 'report',
  title: 'tidegate report',
  description: 'Write the HTML, JSON and SARIF reports of a scanned layout, or of a published image.',
  branding: { icon: 'file-text', color: 'blue' },
  inputs: {
    image: {
      type: 'string',
      path: 'or-name',
      description:
        'Published image with a tag or digest: the report is of the evidence that its signer has published. Or the folder of a layout.',
    },
    ...layoutInputs,
    ...policyFileInput,
    ...findingInputs,
    ...signerFlags,
    'report-dir': { type: 'string', path: true, description: 'Folder for the reports. Default: beside the layout.' },
    ...registryInputs,
  },
  outputs: {
    verdict: { description: '`pass` or `fail`, without what the evidence cannot answer.' },
    'html-path': { description: 'HTML report in one file that opens offline.' },
    'json-path': { description: 'JSON report.' },
    'sarif-path': { description: 'SARIF 2.1.0 file.' },
  },
});
