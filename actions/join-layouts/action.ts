import { defineAction } from '@tidegate/runner';
import { layoutInputs, layoutOutputs } from '../support/inputs.ts';

export const action = defineAction({
  name: 'join-layouts',
  title: 'Tidegate: join layouts',
  description: 'Join single-platform image layouts into one index, after verifying every hash.',
  branding: { icon: 'layers', color: 'blue' },
  inputs: {
    layouts: {
      type: 'list',
      commas: true,
      required: true,
      description: 'Folders of the layouts, one per line or comma-separated.',
    },
    'layouts-dir': {
      type: 'string',
      description: 'Parent folder of the layouts. Default: the workspace.',
    },
    digests: {
      type: 'list',
      commas: true,
      required: true,
      description: 'Expected digest of each layout, in the same order, from job outputs.',
    },
    platforms: {
      type: 'list',
      commas: true,
      description: 'Expected platform of each layout, in the same order. Default: any.',
    },
    annotations: {
      type: 'pairs',
      description:
        'Annotations, one KEY=VALUE or LEVEL:KEY=VALUE per line. Levels: `index` (default), `manifest-descriptor`, `index-descriptor`.',
    },
    ...layoutInputs,
  },
  outputs: { ...layoutOutputs },
});
