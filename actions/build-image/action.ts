import { defineAction } from '@tidegate/runner';
import { builderNodesInputs } from '../support/build/builder-nodes.ts';
import { buildkitdConfigInputs } from '../support/build/buildkitd-config-inputs.ts';
import { buildOutputsInput } from '../support/build/outputs-inputs.ts';
import { firstBuildInputs } from '../support/build/second-build-inputs.ts';
import { layoutInputs, layoutOutputs, registryInputs, toolInputs } from '../support/inputs.ts';
import { publishBranchesInput, tagInputs } from '../support/plan-inputs.ts';
import { policyDocumentInputs, policyFileInput } from '../support/policy/inputs.ts';
import { registryAuthsInput } from '../support/registry/registry-auths.ts';
import { baseIdentitiesInput } from '../support/registry/registry-identities-inputs.ts';
import { failureCommentInput } from '../support/reports/failure-comment-inputs.ts';
import { buildLintInputs } from '../support/reports/lint-inputs.ts';

export const action = defineAction({
  name: 'build-image',
  title: 'Tidegate: build image',
  description: 'Build a Dockerfile with BuildKit into an OCI image layout, with its provenance.',
  branding: { icon: 'box', color: 'blue' },
  post: true,
  inputs: {
    context: {
      type: 'string',
      path: true,
      default: '.',
      description: 'Build context: a folder, or a git URL (`https://host/owner/repo.git#ref:folder`).',
    },
    file: {
      type: 'string',
      path: 'in-context',
      description: 'Path of the Dockerfile. Default: `Dockerfile` in the context.',
    },
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
    'secret-files': {
      type: 'pairs',
      path: true,
      secret: true,
      description: 'BuildKit secrets from files, one ID=PATH per line.',
    },
    ssh: {
      type: 'list',
      path: 'several-after-name',
      description: 'SSH agent sockets or keys for `RUN --mount=type=ssh`, one per line: `default` or ID=PATH.',
    },
    'build-contexts': {
      type: 'pairs',
      path: true,
      description: 'Additional build contexts, one NAME=SOURCE per line.',
    },
    'context-artifact': {
      type: 'string',
      path: true,
      description:
        'Artifact of another job, saved by `download-artifact` with `skip-decompress: true`: the file or its folder. Becomes the build context `artifact`.',
    },
    'context-artifact-digest': {
      type: 'string',
      description:
        'Digest of `context-artifact`, from the output `artifact-digest` of `upload-artifact` in a job output. Required with it; in the provenance.',
    },
    tags: tagInputs.tags,
    flavor: tagInputs.flavor,
    ...publishBranchesInput,
    labels: {
      type: 'pairs',
      description:
        'Labels in addition to those from git, one KEY=VALUE per line, with expressions: `org.example.branch={{branch}}`. Quote multi-line values.',
    },
    annotations: {
      type: 'pairs',
      description:
        'Annotations in addition to those from git, one KEY=VALUE or LEVEL:KEY=VALUE per line. Levels: `manifest`, `index`, `manifest-descriptor`, `index-descriptor`. Default: `manifest,index`.',
    },
    destination: {
      type: 'list',
      description: 'Repositories that `push-image` publishes to, one per line. No cache may be a tag in one of them.',
    },
    cache: {
      type: 'choice',
      choices: ['off', 'gha', 'registry'],
      default: 'off',
      description:
        'Build cache that every run reads and only publishing runs write. `gha`: GitHub; `registry`: a tag of `cache-image`. Excludes `cache-from` and `cache-to`.',
    },
    'cache-image': {
      type: 'string',
      description:
        'Repository of the cache with `cache: registry`: `ghcr.io/acme/app-cache`. Not that of the image; only the publishing workflow should have write access to it.',
    },
    'cache-from': {
      type: 'list',
      path: 'in-fields',
      description:
        'Cache sources, one per line, in buildx syntax. Default scope of `gha`, `s3` and `azblob`: image and platform.',
    },
    'cache-to': {
      type: 'list',
      path: 'in-fields',
      description:
        'Cache destinations, one per line, in buildx syntax. A pull request writes only GitHub caches, and only that pull request reads them.',
    },
    'no-cache': { type: 'boolean', default: 'false', description: 'Build without reading any cache.' },
    'no-cache-filters': {
      type: 'list',
      commas: true,
      description: 'Stages to build without cache, one per line or comma-separated: `deps,build`.',
    },
    pull: { type: 'boolean', default: 'false', description: 'Always pull base images.' },
    network: {
      type: 'choice',
      choices: ['default', 'none', 'host'],
      default: 'default',
      description:
        "Network of RUN steps. `default`: isolated from the runner's network where possible. `host`: the runner's network, including 127.0.0.1.",
    },
    allow: {
      type: 'list',
      commas: true,
      description:
        'Privileges that RUN steps may request: `security.insecure`, `network.host`, `device`. Refused unless the policy lists them in `build.entitlements`.',
    },
    'add-hosts': {
      type: 'list',
      commas: true,
      description: 'Lines of /etc/hosts in RUN steps, one NAME:IP per line or comma-separated: `db:10.0.0.7`.',
    },
    ulimit: { type: 'list', description: 'Limits of RUN steps, one per line: `nofile=1024:1024`.' },
    'shm-size': { type: 'string', description: 'Size of /dev/shm for RUN steps: `128m`.' },
    'cgroup-parent': {
      type: 'string',
      description: "Parent cgroup of RUN steps, whose limits they share: `/ci/builds`. Default: the builder's own.",
    },
    ...buildOutputsInput,
    compression: {
      type: 'choice',
      choices: ['gzip', 'zstd', 'estargz'],
      optional: true,
      description:
        "Compression of layers. `zstd` and `estargz` need a runtime that reads them. Default: gzip, and a base's layers as they are.",
    },
    'compression-level': {
      type: 'string',
      description: 'Level of `compression`: 0 to 9, for `zstd` 0 to 22. Default: chosen by BuildKit.',
    },
    'force-compression': {
      type: 'boolean',
      default: 'false',
      description: 'Also recompress layers of base images and of caches. Their digests then differ from the base.',
    },
    retries: {
      type: 'choice',
      choices: ['0', '1', '2', '3'],
      default: '1',
      description: 'How often to repeat a build that failed because a registry or the network broke.',
    },
    reproducible: {
      type: 'choice',
      choices: ['off', 'check'],
      default: 'off',
      description:
        '`check`: build a second time without cache, compare the digests, and record agreement as evidence that a policy can require.',
    },
    ...firstBuildInputs,
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
    ...baseIdentitiesInput,
    builder: {
      type: 'string',
      description:
        'Name of the buildx builder to use (docker-container, kubernetes or remote driver). Default: a BuildKit that Tidegate starts.',
    },
    ...builderNodesInputs,
    ...buildkitdConfigInputs,
    'buildkit-state': {
      type: 'string',
      path: true,
      description:
        "Folder that keeps the caches of Tidegate's own BuildKit between jobs, separately for publishing runs and pull requests. Default: none.",
    },
    rootless: {
      type: 'boolean',
      default: 'false',
      description: 'Start BuildKit rootless even when running as root.',
    },
    ...buildLintInputs,
    ...failureCommentInput,
    ...policyFileInput,
    ...policyDocumentInputs,
    token: registryInputs.token,
    ...layoutInputs,
    ...toolInputs,
  },
  outputs: {
    ...layoutOutputs,
    reproduced: {
      description:
        'Result of `reproducible: check` for the input `reproduced` of `join-layouts` in another job. Empty if the digests differ.',
    },
    runner: { json: true, description: 'This runner as JSON, for `first-runner` in another job.' },
    'output-files': { description: 'Exported files of `outputs`, one `sha256:…  PATH` per line.' },
  },
});
