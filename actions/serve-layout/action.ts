import { defineAction } from '@tidegate/runner';
import { layoutInputs, layoutOutputs } from '../support/inputs.ts';

export const action = defineAction({
  name: 'serve-layout',
  title: 'Tidegate: serve layout',
  description: 'Serve the unpublished image of a layout as a read-only registry on 127.0.0.1, until the job ends.',
  branding: { icon: 'radio', color: 'blue' },
  post: true,
  inputs: {
    image: {
      type: 'string',
      description:
        'Name of the image in this registry, without host: `acme/app`. Default: `GITHUB_REPOSITORY`, lower case.',
    },
    tag: {
      type: 'string',
      default: 'candidate',
      description: 'The only tag in this registry. It exists on this machine only.',
    },
    port: { type: 'string', description: 'Port on 127.0.0.1. Default: a free one.' },
    lifetime: {
      type: 'duration',
      default: '6h',
      description: 'Maximum time to serve, for runners that do not run the post step: `90m`.',
    },
    'expected-digest': {
      type: 'string',
      description: 'Digest the image must have, from a trusted job. No other digest is served.',
    },
    ...layoutInputs,
  },
  outputs: {
    reference: { description: 'Reference of the image with its digest: `127.0.0.1:PORT/NAME@sha256:…`.' },
    registry: { description: 'The registry: `127.0.0.1:PORT`, plain HTTP.' },
    ...layoutOutputs,
  },
});
