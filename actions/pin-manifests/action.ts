import { defineAction } from '@tidegate/runner';
import { registryInputs } from '../support/inputs.ts';
import { action as verify } from '../verify-image/action.ts';

const {
  image: _image,
  'expected-digest': _digest,
  layout: _layout,
  name: _name,
  'policy-dir': _policies,
  ...verifyInputs
} = verify.inputs;

/** Inputs that say which images pass, as far as they have no default: a value is the user's own. */
export const verifyNames = Object.entries(verifyInputs).flatMap(([name, spec]) =>
  name in registryInputs || 'default' in spec ? [] : [name as keyof typeof verifyInputs],
);

export const action = defineAction({
  name: 'pin-manifests',
  title: 'Tidegate: pin manifests',
  description:
    'Write the digests of verified images into manifests: Kubernetes, Kustomize, Helm values, Compose, Argo CD, Flux. Or update those of base images in Dockerfiles.',
  branding: { icon: 'anchor', color: 'blue' },
  inputs: {
    files: {
      type: 'list',
      path: true,
      description:
        'Manifests to pin, one per line: files, folders, or patterns such as `deploy/**/*.yaml`. With `bases`: Dockerfiles, or folders. Default: all Dockerfiles.',
    },
    bases: {
      type: 'boolean',
      default: 'false',
      description:
        'Update the digests of pinned base images in Dockerfiles to those of their tags, instead of manifests. The images are not verified.',
    },
    check: {
      type: 'boolean',
      default: 'false',
      description:
        'Change nothing. Fail if an image is not pinned, is refused, or its tag has moved; with `bases`, if a tag has moved.',
    },
    images: {
      type: 'list',
      description:
        'Repositories to pin: `ghcr.io/acme/*`; `*` matches one part of a path, `**` several. Others stay as they are. Default: all.',
    },
    'image-paths': {
      type: 'list',
      description:
        'Images in custom resources, one per line: `Kind:path`, such as `Rollout:spec.template.spec.containers[].image`.',
    },
    'pull-request': {
      type: 'boolean',
      default: 'false',
      description:
        'Open or update one pull request instead of changing the files. Needs `contents: write` and `pull-requests: write`.',
    },
    'pull-request-branch': {
      type: 'string',
      description:
        'Branch of that pull request. Give each step with other files its own. Default: `tidegate/pin-manifests`, with `bases` `tidegate/pin-bases`.',
    },
    deployment: {
      type: 'string',
      description:
        'Environment in which the checked images run: written to the deployment records of the organisation. Needs `check` and `artifact-metadata: write`.',
    },
    ...verifyInputs,
    ...registryInputs,
  },
  outputs: {
    'changed-files': { description: 'Files that were changed, or are changed by the pull request, one per line.' },
    pinned: {
      json: true,
      description: 'JSON array with `file`, `line`, `path`, `image`, `digest` and `state` of each image.',
    },
    'pull-request-url': { description: 'Address of the pull request; empty without one.' },
  },
});
