import { defineAction } from '@tidegate/runner';
import { layoutInputs, layoutOutputs } from '../support/inputs.ts';

export const action = defineAction({
  name: 'join-layouts',
  title: 'Tidegate: join layouts',
  description: 'Join image layouts of one platform each into one index, after hashing them again.',
  branding: { icon: 'layers', color: 'blue' },
  inputs: {
    layouts: { type: 'list', required: true, description: 'Folders of the layouts, one a line.' },
    digests: {
      type: 'list',
      required: true,
      description: 'Digest that each layout must hold, one a line, in the same order, from job outputs.',
    },
    annotations: { type: 'pairs', description: 'Annotations of the index, KEY=VALUE a line.' },
    ...layoutInputs,
  },
  outputs: { ...layoutOutputs },
});
