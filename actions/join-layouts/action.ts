import { defineAction } from '@tidegate/runner';
import { layoutInputs, layoutOutputs } from '../support/inputs.ts';

export const action = defineAction({
  name: 'join-layouts',
  title: 'Tidegate: join layouts',
  description: 'Join image layouts of one platform each into one index, after hashing them again.',
  branding: { icon: 'layers', color: 'blue' },
  inputs: {
    layouts: {
      type: 'list',
      commas: true,
      required: true,
      description: 'Folders of the layouts, one a line or separated by commas.',
    },
    'layouts-dir': {
      type: 'string',
      description: 'Folder that holds the layouts. Default: the workspace.',
    },
    digests: {
      type: 'list',
      commas: true,
      required: true,
      description: 'Digest that each layout must hold, in the same order, from job outputs.',
    },
    platforms: {
      type: 'list',
      commas: true,
      description: 'Platform that each layout must be of, in the same order. Default: any.',
    },
    annotations: {
      type: 'pairs',
      description:
        'Annotations, KEY=VALUE or LEVEL:KEY=VALUE a line. Levels: `index` (default), `manifest-descriptor`, `index-descriptor`.',
    },
    ...layoutInputs,
  },
  outputs: { ...layoutOutputs },
});
