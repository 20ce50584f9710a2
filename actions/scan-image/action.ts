import { defineAction } from '@tidegate/runner';
import { findingsInputs, findingsOutputs } from '../support/findings-report.ts';
import { layoutInputs, layoutOutputs, toolInputs } from '../support/inputs.ts';

export const action = defineAction({
  name: 'scan-image',
  title: 'Tidegate: scan image',
  description: 'Scan the SBOM of every platform with Grype and let the gate decide. Fails when the gate stays shut.',
  branding: { icon: 'shield', color: 'blue' },
  inputs: {
    'fail-on': {
      type: 'choice',
      choices: ['critical', 'high', 'medium', 'low', 'negligible', 'none'],
      default: 'high',
      description: 'The lowest severity that shuts the gate.',
    },
    'unknown-severity': {
      type: 'choice',
      choices: ['fail', 'report'],
      default: 'fail',
      description: 'What a finding without a severity does: shut the gate, or be reported only.',
    },
    'only-fixed': {
      type: 'boolean',
      default: 'false',
      description: 'Let only findings with a known fix shut the gate. All are reported.',
    },
    'allow-empty-sbom': {
      type: 'boolean',
      default: 'false',
      description:
        'Let an image pass in which nothing was found to catalogue, such as one static binary that is not Go or Rust.',
    },
    'max-db-age': {
      type: 'duration',
      default: '5d',
      description: 'How old the vulnerability database may be: `5d`, `36h`.',
    },
    'db-mirror': {
      type: 'string',
      description: "Base URL of the vulnerability database (it holds `v6/latest.json`). Default: Grype's own.",
    },
    'db-cache': {
      type: 'string',
      description: 'Folder that keeps the database between jobs. Default: the tool cache.',
    },
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
