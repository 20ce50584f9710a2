import type { InputSpec } from '@tidegate/runner';

export const buildOutputsInput = {
  outputs: {
    type: 'list',
    path: 'in-fields',
    description:
      'Stages to export as files beside the image, one per line: `target=binaries,dest=out/`, or `type=tar,target=docs,dest=docs.tar`. Their provenance is beside them.',
  },
} as const satisfies Record<string, InputSpec>;
