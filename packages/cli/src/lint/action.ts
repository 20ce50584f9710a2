import { defineAction } from '@tidegate/runner';
import { action as lintSource } from '../../../../actions/lint-source/action.ts';

/** lint-source for a part of the sources. In a workflow it always reads all: nothing is published unchecked. */
export const action = defineAction({
  ...lintSource,
  inputs: {
    paths: {
      type: 'list',
      path: true,
      description: 'Folders and files to check, one per line. Default: the whole checkout, or the current folder.',
    },
    ...lintSource.inputs,
  },
});
