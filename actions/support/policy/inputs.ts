/**
 * Inputs that set or name the policy. None has a default here: the policy file or preset decides on inputs that are not
 * set.
 */
import { PRESET_NAMES } from '@tidegate/core';
import type { InputSpec } from '@tidegate/runner';

const presetInput = {
  preset: {
    type: 'choice',
    optional: true,
    choices: PRESET_NAMES,
    description: "Built-in policy to start from. Overrides the file's `preset`. Default: `recommended`.",
  },
} as const satisfies Record<string, InputSpec>;

export const policyFileInput = {
  policy: {
    type: 'string',
    path: true,
    description:
      'Policy file in the repository. Step inputs override it, but not a policy that it extends. Default: `.github/tidegate.yml`, if it exists.',
  },
  ...presetInput,
} as const satisfies Record<string, InputSpec>;

export const policyDocumentInputs = {
  'policy-document': {
    type: 'string',
    path: true,
    description:
      'Effective policy document from `plan` (its output `policy-path`). Replaces every other policy input; no repository or API is read.',
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
    description: "Minimum severity that fails the gate. Default: the policy's, else `high`.",
  },
  'unknown-severity': {
    type: 'choice',
    optional: true,
    choices: ['fail', 'report'],
    description:
      "Whether a finding without a severity fails the gate or is reported. Default: the policy's, else `report`.",
  },
  'only-fixed': {
    type: 'choice',
    optional: true,
    choices: ['true', 'false'],
    description:
      "Fail only on known exploited findings and those with a fix in the used release line. Default: the policy's, else `true`.",
  },
  'allow-empty-sbom': {
    type: 'choice',
    optional: true,
    choices: ['true', 'false'],
    description: "Pass an image with an empty SBOM, such as one static C binary. Default: the policy's, else `false`.",
  },
  'max-db-age': {
    type: 'duration',
    description: "Maximum age of the vulnerability database: `5d`, `36h`. Default: the policy's, else `5d`.",
  },
} as const satisfies Record<string, InputSpec>;

export const evidenceInputs = {
  require: {
    type: 'list',
    commas: true,
    description:
      "Evidence required before a push: `provenance`, `sbom`, `scan`, `tests`, `reproduced`, `verdict`, `signature`, predicate types, or `none`. Default: the policy's, else all but `tests` and `reproduced`.",
  },
  'max-scan-age': {
    type: 'duration',
    description: "Maximum age of the scan: `24h`. Default: the policy's, else `24h`.",
  },
} as const satisfies Record<string, InputSpec>;
