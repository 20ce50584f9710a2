import { defineAction } from '@tidegate/runner';
import { action as build } from '../build-image/action.ts';
import { registryInputs } from '../support/inputs.ts';
import { publishBranchesInput, tagInputs } from '../support/plan-inputs.ts';
import { evidenceInputs, findingInputs, policyFileInput } from '../support/policy/inputs.ts';
import { buildLintInputs } from '../support/reports/lint.ts';
import { publicLogInput } from '../support/reports/public-log.ts';
import { signingInputs } from '../support/signing/signing-inputs.ts';
import { signingModeInput } from '../support/signing/signing-mode.ts';

export const action = defineAction({
  name: 'plan',
  title: 'Tidegate: plan',
  description: 'Resolve what an event builds and publishes: platforms, tags, labels, and the policy.',
  branding: { icon: 'map', color: 'blue' },
  inputs: {
    image: {
      type: 'string',
      required: true,
      description:
        'Repository to publish to, without a tag: `ghcr.io/acme/app`. Upper case is converted to lower case.',
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
      type: 'string',
      description: 'Runner label for every platform. Default: `ubuntu-24.04`; `ubuntu-24.04-arm` for arm64.',
    },
  },
  outputs: {
    publish: { description: '`true` if this event publishes the image.' },
    why: { description: 'Reason in one sentence why it publishes or not.' },
    image: { description: 'Normalized repository.' },
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
    annotations: {
      description:
        'OCI annotations with their levels, one `manifest,index:KEY=VALUE` per line, for a build of all platforms.',
    },
    'index-annotations': {
      description:
        'Annotations of the index and of descriptors, for `join-layouts`. Empty for one platform, unless an annotation names such a level.',
    },
    matrix: {
      description:
        'JSON for `strategy.matrix`: `{"include":[{"index","platform","runner","artifact","annotations"}]}`.',
    },
    artifact: {
      description: "Name of the artifact with the joined layout. The names of the platforms' artifacts begin with it.",
    },
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
