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
      description: "Platforms to build, one a line or separated by commas. Default: the builder's own.",
    },
    'build-args': {
      type: 'pairs',
      description:
        'Build arguments, KEY=VALUE a line, quoted if a value has line ends. They become part of the published provenance: never put a secret here.',
    },
    secrets: {
      type: 'pairs',
      secret: true,
      description:
        'BuildKit secrets, ID=VALUE a line. Quote a pair whose value has line ends: `"ID=line 1⏎line 2"`. Passed through the environment, never as an argument.',
    },
    'secret-envs': {
      type: 'pairs',
      // A value that somebody writes here by mistake must not be printed.
      secret: true,
      description: 'BuildKit secrets from environment variables of this step, ID=VARIABLE a line.',
    },
    'secret-files': { type: 'pairs', secret: true, description: 'BuildKit secrets from files, ID=PATH a line.' },
    ssh: {
      type: 'list',
      description: 'SSH agent sockets or keys for `RUN --mount=type=ssh`: `default` or ID=PATH a line.',
    },
    'build-contexts': { type: 'pairs', description: 'Additional build contexts, NAME=SOURCE a line.' },
    tags: tagInputs.tags,
    labels: {
      type: 'pairs',
      description: 'Labels in addition to those from git, KEY=VALUE a line, quoted if a value has line ends.',
    },
    annotations: {
      type: 'pairs',
      description:
        'Annotations in addition to those from git, KEY=VALUE or LEVEL:KEY=VALUE a line. Levels as in buildx: `manifest`, `index`, `manifest-descriptor`, `index-descriptor`. Default: `manifest,index`.',
    },
    'cache-from': {
      type: 'list',
      description:
        'Cache sources, one a line, as buildx takes them. Default scope of `gha`, `s3` and `azblob`: image and platform.',
    },
    'cache-to': {
      type: 'list',
      description:
        'Cache destinations, one a line, as buildx takes them. A pull request writes only GitHub caches, which only that pull request reads.',
    },
    'no-cache': { type: 'boolean', default: 'false', description: 'Build every step anew.' },
    pull: { type: 'boolean', default: 'false', description: 'Ask for newer base images even where one is here.' },
    network: {
      type: 'choice',
      choices: ['default', 'none', 'host'],
      default: 'default',
      description:
        "Network of RUN steps. `default`: apart from the runner's, where the machine allows. `host`: the runner's, its 127.0.0.1 included.",
    },
    ulimit: { type: 'list', description: 'Limits of RUN steps, `nofile=1024:1024` a line.' },
    'shm-size': { type: 'string', description: 'Size of /dev/shm for RUN steps, such as `128m`.' },
    'source-date-epoch': {
      type: 'string',
      description:
        "Seconds since 1970 that the image's times are set to. Default: the commit's time, and none where the context is a folder of a git repository (BuildKit 0.31 fails at both together). `none` leaves them.",
    },
    'rewrite-timestamp': {
      type: 'boolean',
      default: 'false',
      description:
        'Set the times of files in layers to it too, for images that are the same byte for byte. BuildKit then packs every layer a second time.',
    },
    ...registryAuthsInput,
    builder: {
      type: 'string',
      description: 'Name of a buildx builder (docker-container, kubernetes or remote driver) to use.',
    },
    'buildkit-state': {
      type: 'string',
      description:
        'Folder in which the BuildKit that this action starts keeps its caches between jobs, apart for runs that publish and for pull requests. Default: none is kept.',
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
