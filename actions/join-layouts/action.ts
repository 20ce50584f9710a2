import { defineAction } from '@tidegate/runner';
import { layoutInputs, layoutOutputs } from '../support/inputs.ts';
import { expectedLayoutInput } from '../support/registry/expected-digest.ts';

export const action = defineAction({
  name: 'join-layouts',
  title: 'Tidegate: join layouts',
  description:
    'Join single-platform image layouts into one index, or with the evidence of another job, after verifying every hash.',
  branding: { icon: 'layers', color: 'blue' },
  inputs: {
    layouts: {
      type: 'list',
      commas: true,
      description:
        'Folders of the layouts, one per line or comma-separated. `NAME/NAME`, where download-artifact puts one of several artifacts, is found as `NAME`. Required without `evidence`, whose default is every folder in `layouts-dir`.',
    },
    'layouts-dir': {
      type: 'string',
      description: 'Parent folder of the layouts. Default: the workspace.',
    },
    digests: {
      type: 'list',
      commas: true,
      description: 'Expected digest of each layout, in the same order, from job outputs. Required without `evidence`.',
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
    'test-results-dir': {
      type: 'string',
      description:
        'Folder of test results from `test-image` (its `results-dir`), which become evidence. A folder `NAME-tests` in it may have results of the layout `NAME` only. Default: none.',
    },
    reproduced: {
      type: 'list',
      description:
        'Results of second builds, one per line: the outputs `reproduced` of `build-image`, from job outputs. They become evidence; that of the layouts does not count.',
    },
    evidence: {
      type: 'string',
      description:
        'Folder of evidence from `scan-image` (its `evidence-dir`). The layers of the layouts are added to it. Default: join the layouts into a new one.',
    },
    'expected-digest': {
      type: 'string',
      description: 'With `evidence`: digest that the image must have, from a trusted job.',
    },
    ...expectedLayoutInput,
    ...layoutInputs,
  },
  outputs: { ...layoutOutputs },
});
