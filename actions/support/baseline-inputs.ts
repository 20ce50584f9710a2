import type { InputSpec } from '@tidegate/runner';
import { action as plan } from '../plan/action.ts';

/** Inputs of the step that scans: they find the live tag, or name the document that another job has read. */
export const baselineInputs = {
  tags: {
    ...plan.inputs.tags,
    description:
      'Tag rules of `push-image`. The reports, and the preset `no-worse`, compare the image with the widest tag that exists.',
  },
  flavor: plan.inputs.flavor,
  latest: plan.inputs.latest,
  baseline: {
    type: 'string',
    path: true,
    description:
      'Findings of the live image, as `read-baseline` wrote them. Default: this step reads them from the registry.',
  },
  'baseline-sha256': {
    type: 'string',
    description: 'SHA-256 of `baseline`: the output `baseline-sha256` of `read-baseline`. Required with it.',
  },
} as const satisfies Record<string, InputSpec>;
