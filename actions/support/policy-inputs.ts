/** Inputs that say, or name, the policy. None has a default here: what is not given is the policy file's to say. */
import type { InputSpec } from '@tidegate/runner';

export const policyFileInput = {
  policy: {
    type: 'string',
    description:
      'File of the policy in the repository. Default: `.github/tidegate.yml`, where there is one. What an input of this step says stands before it, but not before a policy that it extends.',
  },
} as const satisfies Record<string, InputSpec>;

export const policyDocumentInputs = {
  'policy-document': {
    type: 'string',
    description:
      'Effective policy document that `plan` wrote (its output `policy-path`). Replaces every other policy input; no repository and no API is read.',
  },
  'policy-document-sha256': {
    type: 'string',
    description: 'SHA-256 of `policy-document`: the output `policy-sha256` of `plan`. Required with it.',
  },
} as const satisfies Record<string, InputSpec>;

export const findingInputs = {
  'fail-on': {
    type: 'choice',
    optional: true,
    choices: ['critical', 'high', 'medium', 'low', 'negligible', 'none'],
    description: "The lowest severity that shuts the gate. Default: the policy's, else `high`.",
  },
  'unknown-severity': {
    type: 'choice',
    optional: true,
    choices: ['fail', 'report'],
    description:
      "What a finding without a severity does: shut the gate, or be reported only. Default: the policy's, else `fail`.",
  },
  'only-fixed': {
    type: 'choice',
    optional: true,
    choices: ['true', 'false'],
    description:
      "Let only findings with a known fix shut the gate. All are reported. Default: the policy's, else `false`.",
  },
  'allow-empty-sbom': {
    type: 'choice',
    optional: true,
    choices: ['true', 'false'],
    description:
      "Let an image pass in which nothing was found to catalogue, such as one static binary that is not Go or Rust. Default: the policy's, else `false`.",
  },
  'max-db-age': {
    type: 'duration',
    description: "How old the vulnerability database may be: `5d`, `36h`. Default: the policy's, else `5d`.",
  },
} as const satisfies Record<string, InputSpec>;

export const evidenceInputs = {
  require: {
    type: 'list',
    commas: true,
    description:
      "Evidence without which nothing is pushed: `provenance`, `sbom`, `scan`, `verdict`, `signature`, or `none`. Default: the policy's, else all.",
  },
  'max-scan-age': {
    type: 'duration',
    description: "How long ago the scan may have been. Default: the policy's, else `24h`.",
  },
} as const satisfies Record<string, InputSpec>;
