import { defineAction } from '@tidegate/runner';
import { action as build } from '../build-image/action.ts';
import { registryInputs, toolInputs } from '../support/inputs.ts';
import { policyDocumentInputs, policyFileInput } from '../support/policy/inputs.ts';
import { levelInputs } from '../support/reports/lint.ts';

const { context, target, builder, rootless, 'build-args': buildArgs, 'build-contexts': buildContexts } = build.inputs;
const { 'registry-auths': registryAuths } = build.inputs;

export const action = defineAction({
  name: 'lint-source',
  title: 'Tidegate: lint source',
  description:
    'Hold Dockerfiles and the repository against rules before anything is built: pinned bases, no root, no secrets, no images made by hand.',
  branding: { icon: 'search', color: 'blue' },
  post: true,
  inputs: {
    files: {
      type: 'list',
      description: 'Paths of the Dockerfiles, one a line. Default: every Dockerfile that the repository holds.',
    },
    'fail-on': {
      type: 'choice',
      choices: ['error', 'warning', 'note', 'none'],
      default: 'error',
      description: 'The lowest level of a finding that fails the step.',
    },
    ...levelInputs,
    ...policyFileInput,
    ...policyDocumentInputs,
    token: registryInputs.token,
    'buildkit-checks': {
      type: 'boolean',
      default: 'true',
      description:
        'Ask BuildKit for its own checks too, and tell what both find once. It needs a BuildKit, as a build does.',
    },
    hadolint: {
      type: 'string',
      default: 'auto',
      description: '`auto`: ask hadolint too where one is on the PATH; `off`: never; else the path of the program.',
    },
    context: {
      ...context,
      default: '',
      description: "Build context of the Dockerfiles. Default: each one's own folder.",
    },
    target,
    'build-args': buildArgs,
    'build-contexts': buildContexts,
    'registry-auths': registryAuths,
    'report-dir': { type: 'string', description: 'Folder to write the findings to. Default: one below `RUNNER_TEMP`.' },
    builder,
    'buildkit-state': build.inputs['buildkit-state'],
    rootless,
    ...toolInputs,
  },
  outputs: {
    findings: { description: 'How many findings there are.' },
    errors: { description: 'How many of them are errors.' },
    warnings: { description: 'How many are warnings.' },
    ignored: { description: 'How many findings a comment with a reason took out.' },
    'findings-path': { description: 'JSON of all findings: rule, level, file, line, what, why and how to fix it.' },
    'sarif-path': { description: 'SARIF 2.1.0 of the same.' },
  },
});
