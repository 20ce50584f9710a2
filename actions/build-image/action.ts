import { defineAction } from '@tidegate/runner';
import { layoutInputs, layoutOutputs, registryInputs, toolInputs } from '../support/inputs.ts';
import { tagInputs } from '../support/plan-inputs.ts';
import { policyDocumentInputs, policyFileInput } from '../support/policy/inputs.ts';
import { registryAuthsInput } from '../support/registry/registry-auths.ts';
import { buildLintInputs } from '../support/reports/lint.ts';

export const action = defineAction({
  name: 'build-image',
  title: 'Tidegate: build image',
  description: 'Build a Dockerfile with BuildKit into an OCI image layout, with its provenance.',
  branding: { icon: 'box', color: 'blue' },
  post: true,
  inputs: {
    context: {
      type: 'string',
      default: '.',
      description: 'Build context: a folder, or a git URL (`https://host/owner/repo.git#ref:folder`).',
    },
    file: { type: 'string', description: 'Path of the Dockerfile. Default: `Dockerfile` in the context.' },
    target: { type: 'string', description: 'Stage to build. Default: the last one.' },
    platforms: {
      type: 'list',
      commas: true,
      description:
        "Platforms to build, one per line or comma-separated: `linux/amd64,linux/arm64`. Default: the builder's own.",
    },
    'build-args': {
      type: 'pairs',
      description:
        'Build arguments, one KEY=VALUE per line; quote multi-line values. Published in the provenance: never pass secrets here.',
    },
    secrets: {
      type: 'pairs',
      secret: true,
      description:
        'BuildKit secrets, one ID=VALUE per line. Quote multi-line pairs: `"ID=line 1⏎line 2"`. Passed through the environment, never as an argument.',
    },
    'secret-envs': {
      type: 'pairs',
      // A secret value that is written here by mistake must not be printed.
      secret: true,
      description: 'BuildKit secrets from environment variables of this step, one ID=VARIABLE per line.',
    },
    'secret-files': { type: 'pairs', secret: true, description: 'BuildKit secrets from files, one ID=PATH per line.' },
    ssh: {
      type: 'list',
      description: 'SSH agent sockets or keys for `RUN --mount=type=ssh`, one per line: `default` or ID=PATH.',
    },
    'build-contexts': { type: 'pairs', description: 'Additional build contexts, one NAME=SOURCE per line.' },
    tags: tagInputs.tags,
    labels: {
      type: 'pairs',
      description: 'Labels in addition to those from git, one KEY=VALUE per line; quote multi-line values.',
    },
    annotations: {
      type: 'pairs',
      description:
        'Annotations in addition to those from git, one KEY=VALUE or LEVEL:KEY=VALUE per line. Levels: `manifest`, `index`, `manifest-descriptor`, `index-descriptor`. Default: `manifest,index`.',
    },
    'cache-from': {
      type: 'list',
      description:
        'Cache sources, one per line, in buildx syntax. Default scope of `gha`, `s3` and `azblob`: image and platform.',
    },
    'cache-to': {
      type: 'list',
      description:
        'Cache destinations, one per line, in buildx syntax. A pull request writes only GitHub caches, and only that pull request reads them.',
    },
    'no-cache': { type: 'boolean', default: 'false', description: 'Build without reading any cache.' },
    pull: { type: 'boolean', default: 'false', description: 'Always pull base images.' },
    network: {
      type: 'choice',
      choices: ['default', 'none', 'host'],
      default: 'default',
      description:
        "Network of RUN steps. `default`: isolated from the runner's network where possible. `host`: the runner's network, including 127.0.0.1.",
    },
    ulimit: { type: 'list', description: 'Limits of RUN steps, one per line: `nofile=1024:1024`.' },
    'shm-size': { type: 'string', description: 'Size of /dev/shm for RUN steps: `128m`.' },
    'source-date-epoch': {
      type: 'string',
      description:
        "Image timestamp in seconds since 1970, or `none`. Default: the commit's time; none for a git URL with a folder, where BuildKit 0.31 fails.",
    },
    'rewrite-timestamp': {
      type: 'boolean',
      default: 'false',
      description:
        'Also set the timestamps of files in layers, for byte-for-byte reproducible images. BuildKit then compresses every layer twice.',
    },
    ...registryAuthsInput,
    builder: {
      type: 'string',
      description:
        'Name of the buildx builder to use (docker-container, kubernetes or remote driver). Default: a BuildKit that this action starts.',
    },
    'buildkit-state': {
      type: 'string',
      description:
        "Folder that keeps the caches of this action's own BuildKit between jobs, separately for publishing runs and pull requests. Default: none.",
    },
    rootless: {
      type: 'boolean',
      default: 'false',
      description: 'Start BuildKit rootless even when running as root.',
    },
    ...buildLintInputs,
    ...policyFileInput,
    ...policyDocumentInputs,
    token: registryInputs.token,
    ...layoutInputs,
    ...toolInputs,
  },
  outputs: { ...layoutOutputs },
});
