import { defineAction } from '@tidegate/runner';
import { layoutInputs, layoutOutputs } from '../support/inputs.ts';

export const action = defineAction({
  name: 'test-image',
  title: 'Tidegate: test image',
  description:
    'Test the unpublished image of a layout: its commands, files, metadata and health URL. The result becomes evidence.',
  branding: { icon: 'check-square', color: 'blue' },
  inputs: {
    tests: {
      type: 'list',
      path: true,
      description: 'Files of tests in the format of container-structure-test, one per line: `tests/image.yaml`.',
    },
    command: {
      type: 'list',
      description:
        "Arguments for the image's entrypoint, one per line: `--version`. It runs once, in addition to `tests`.",
    },
    'exit-code': { type: 'string', default: '0', description: 'Expected exit code of `command`.' },
    'health-url': {
      type: 'string',
      description:
        'URL that the started image must answer with 200 to 299, with the port in the container: `http://localhost:8080/healthz`.',
    },
    timeout: {
      type: 'duration',
      default: '60s',
      description:
        'Maximum time of each command, and until `health-url` answers. A container that runs longer is killed, and its test fails.',
    },
    platforms: {
      type: 'list',
      commas: true,
      description:
        'Platforms whose containers run. Default: those that this machine can run. Files of every platform are tested.',
    },
    'results-dir': {
      type: 'string',
      path: true,
      description: 'Folder that receives the test results, for `join-layouts` in another job. Default: none.',
    },
    'expected-digest': {
      type: 'string',
      description: 'Digest the image must have, from a trusted job. No other digest is tested.',
    },
    ...layoutInputs,
  },
  outputs: {
    passed: { description: 'Number of tests that passed, over all platforms.' },
    failed: { description: 'Number of tests that failed, over all platforms.' },
    ...layoutOutputs,
  },
});
