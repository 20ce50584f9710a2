import { defineAction } from '@tidegate/runner';
import { action as build } from '../build-image/action.ts';
import { registryInputs, toolInputs } from '../support/inputs.ts';
import { publishBranchesInput, tagInputs } from '../support/plan-inputs.ts';
import { evidenceInputs, findingInputs, policyFileInput } from '../support/policy/inputs.ts';
import { buildLintInputs } from '../support/reports/lint-inputs.ts';
import { publicLogInput } from '../support/reports/public-log-inputs.ts';
import { signingInputs } from '../support/signing/signing-inputs.ts';
import { signingModeInput } from '../support/signing/signing-mode.ts';

export const action = defineAction({
  name: 'plan',
  title: 'Tidegate: plan',
  description: 'Resolve what an event builds and publishes: platforms, tags, labels, and the policy.',
  branding: { icon: 'map', color: 'blue' },
  inputs: {
    image: {
      type: 'list',
      description:
        'Repository to publish to, without a tag: `ghcr.io/acme/app`. Several: one per line. With `bake-files`: prefix of TARGET; default: the tags of targets.',
    },
    'bake-files': {
      type: 'list',
      path: true,
      description:
        'Bake or compose files of the repository, one per line: `docker-bake.hcl`. Plans each target as an image of its own, in `matrix`.',
    },
    targets: {
      type: 'list',
      commas: true,
      description: 'Targets and groups of `bake-files`, one per line or comma-separated. Default: the group `default`.',
    },
    'only-changed': {
      type: 'boolean',
      default: 'false',
      description:
        'Leave out targets of `bake-files` whose files and base images are as in the published image. In doubt a target is built.',
    },
    'bake-vars': {
      type: 'pairs',
      description:
        'Variables of `bake-files`, one NAME=VALUE per line. Nothing else of the environment is visible to these files.',
    },
    'bake-secrets': {
      type: 'list',
      commas: true,
      description:
        'IDs of build secrets that targets use and that you pass in the secret `build-secrets` of the reusable workflow.',
    },
    platforms: {
      type: 'list',
      commas: true,
      default: 'linux/amd64',
      description: 'Platforms to build, one per line or comma-separated: `linux/amd64,linux/arm64`.',
    },
    ...tagInputs,
    ...publishBranchesInput,
    labels: build.inputs.labels,
    annotations: build.inputs.annotations,
    ...policyFileInput,
    ...findingInputs,
    ...evidenceInputs,
    lint: {
      ...buildLintInputs.lint,
      description:
        'Mode of the source rules for this image: `error`, `warn` or `off`. Fails if it would disable rules of an extended policy.',
    },
    token: registryInputs.token,
    'insecure-registries': registryInputs['insecure-registries'],
    name: {
      type: 'string',
      description:
        'Name of this variant of the image, such as `alpine`. Required when one run builds the same image more than once.',
    },
    'bake-target': {
      type: 'string',
      default: 'docker-metadata-action',
      description: 'Name of the target in the output `bake-file`.',
    },
    ...signingModeInput,
    'key-given': {
      type: 'choice',
      choices: ['true', 'false', 'unknown'],
      default: 'unknown',
      description: 'Whether the signing job has a key. `unknown`: the signing job decides.',
    },
    'signing-config': signingInputs['signing-config'],
    'trusted-root': signingInputs['trusted-root'],
    ...publicLogInput,
    runner: {
      type: 'list',
      description:
        'Runners: `LABEL` or `[LABEL, LABEL]`; for one platform `linux/arm64=LABEL`, one per line. Default: `ubuntu-24.04`; `ubuntu-24.04-arm` for arm64.',
    },
    ...toolInputs,
  },
  outputs: {
    publish: { description: '`true` if this event publishes the image.' },
    why: { description: 'Reason in one sentence why it publishes or not.' },
    image: { description: 'Normalized repository. With several, the first.' },
    images: { description: 'Every normalized repository, one per line.' },
    platforms: { description: 'Normalized platforms, one per line.' },
    tags: { description: 'Tags, most specific first, one per line.' },
    'exact-tags': {
      description:
        'The same tags as rules for `push-image`, one per line. `push-image` checks again that no tag moves backwards.',
    },
    version: {
      description: "Version in the labels: the tag of the first rule, in docker/metadata-action's order.",
    },
    labels: { description: 'OCI labels, one KEY=VALUE per line.' },
    'exact-labels': {
      description:
        'The same labels for `build-image`, which evaluates expressions: text with `{{`, as in a description, stays.',
    },
    annotations: {
      description:
        'OCI annotations with their levels, one `manifest,index:KEY=VALUE` per line, for a build of all platforms.',
    },
    'index-annotations': {
      description:
        'Annotations of the index and of descriptors, for `join-layouts`. Empty for one platform, unless an annotation names such a level.',
    },
    matrix: {
      json: true,
      description:
        'JSON for `strategy.matrix`: `{"include":[{"index","platform","runner","artifact","annotations"}]}`. With `bake-files`: for each target to build, its name and inputs of the reusable workflow.',
    },
    any: {
      description: '`true` if `matrix` has a job. GitHub rejects an empty matrix: use it in the `if` of the job.',
    },
    targets: { description: 'With `bake-files`: the targets to build, one per line.' },
    'left-out': { description: 'With `bake-files`: the targets that are left out, one per line.' },
    artifact: {
      description: "Name of the artifact with the joined layout. The names of the platforms' artifacts begin with it.",
    },
    json: {
      json: true,
      description:
        "Full references, tag names, labels and annotations as JSON, in the form of docker/metadata-action's output.",
    },
    'bake-file': {
      description: 'Definition for `docker buildx bake` with tags and labels. Your targets inherit from `bake-target`.',
    },
    'bake-file-tags': { description: 'Such a definition with tags only.' },
    'bake-file-labels': { description: 'Such a definition with labels only.' },
    'bake-file-annotations': { description: 'Such a definition with annotations only.' },
    signing: {
      description: 'Signing mode: `keyless`, `key` or `none`. Empty if the signing job decides.',
    },
    'policy-path': {
      description:
        'File of the effective policy document, merged from preset, policy file, extended policies, VEX and inputs. For `policy-document`.',
    },
    'policy-sha256': { description: 'SHA-256 of that document, as verdicts name it. For `policy-document-sha256`.' },
    compares: {
      description:
        '`true` if the policy lets findings of the live image pass and this event publishes: then run `read-baseline`.',
    },
    'source-date-epoch': { description: 'Time of the commit, in seconds since 1970.' },
  },
});
