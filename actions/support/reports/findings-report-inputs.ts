import type { InputSpec } from '@tidegate/runner';

export const findingsInputs = {
  'upload-sarif': {
    type: 'boolean',
    default: 'false',
    description: 'Upload all findings to GitHub code scanning. The job needs `security-events: write`.',
  },
  comment: {
    type: 'boolean',
    default: 'false',
    description:
      'Keep one comment with the result and its changes on the pull request. The job needs `pull-requests: write`.',
  },
} as const satisfies Record<string, InputSpec>;

export const findingsOutputs = {
  'sarif-path': {
    description: 'SARIF 2.1.0 file with every finding of any severity: one run per platform. Empty without a scan.',
  },
  'json-path': {
    description:
      'JSON report ([schema](https://github.com/tidegate/tidegate/blob/main/schema/tidegate-report.schema.json)): verdict, findings with cause and fix, grouped fixes, layers with waste, packages, changes. Empty without a scan.',
  },
  'html-path': {
    description: 'HTML report in one file that opens offline: findings, layers, packages, gate. Empty without a scan.',
  },
} as const;
