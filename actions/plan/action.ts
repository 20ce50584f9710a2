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
  description: 'Resolve what this event does: platforms, tags, labels, the policy, and whether the image is published.',
  branding: { icon: 'map', color: 'blue' },
  inputs: {
    image: {
      type: 'string',
      required: true,
      description: 'Repository the image goes to, without a tag: `ghcr.io/acme/app`. Upper case is lower-cased.',
    },
    platforms: {
      type: 'list',
      commas: true,
      default: 'linux/amd64',
      description: 'Platforms to build, one a line or separated by commas.',
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
        'What `lint-source` does for this image: `error`, `warn` or `off`. Refused where it would switch off rules of a policy that is extended.',
    },
    token: registryInputs.token,
    'insecure-registries': registryInputs['insecure-registries'],
    name: {
      type: 'string',
      description:
        'Name of this variant of the image, such as `alpine`. Needed when one run makes the same image more than once.',
    },
    ...signingModeInput,
    'key-given': {
      type: 'choice',
      choices: ['true', 'false', 'unknown'],
      default: 'unknown',
      description: 'Whether the job that signs has a key. `unknown`: that job decides.',
    },
    'signing-config': signingInputs['signing-config'],
    'trusted-root': signingInputs['trusted-root'],
    ...publicLogInput,
    runner: {
      type: 'string',
      description: 'Runner label for every platform. Default: `ubuntu-24.04`, and `ubuntu-24.04-arm` for arm64.',
    },
  },
  outputs: {
    publish: { description: '`true` when this event is published.' },
    why: { description: 'One sentence: why it is, or is not.' },
    image: { description: 'The repository, normalised.' },
    platforms: { description: 'The platforms, normalised, one a line.' },
    tags: { description: 'Tags, most specific first, one a line.' },
    'exact-tags': {
      description: 'The same as rules for `push-image`, one for each tag, which checks again that none moves back.',
    },
    version: {
      description: 'Version in the labels: the tag of the first rule, as docker/metadata-action orders them.',
    },
    labels: { description: 'OCI labels, KEY=VALUE a line.' },
    annotations: {
      description:
        'OCI annotations with their levels, `manifest,index:KEY=VALUE` a line, for one build of all platforms.',
    },
    'index-annotations': {
      description:
        'Annotations of the index and of descriptors, for `join-layouts`. Empty for one platform, unless one names such a level.',
    },
    matrix: {
      description:
        'JSON for `strategy.matrix`: `{"include":[{"index","platform","runner","artifact","annotations"}]}`.',
    },
    artifact: {
      description: 'Name of the artifact that carries the joined layout; those of the platforms begin with it.',
    },
    signing: {
      description: 'How the image is signed: `keyless`, `key` or `none`. Empty when the job that signs decides.',
    },
    'policy-path': {
      description:
        'File of the effective policy document: preset, policy file, what it extends, VEX and inputs, merged. For `policy-document`.',
    },
    'policy-sha256': { description: 'SHA-256 of that document, which verdicts name. For `policy-document-sha256`.' },
    compares: {
      description:
        '`true` when the policy lets findings of the live image pass and this event is published: `read-baseline` is needed.',
    },
    'source-date-epoch': { description: "Seconds since 1970 of the commit's time." },
  },
});
