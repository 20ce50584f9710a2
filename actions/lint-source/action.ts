import { defineAction } from '@tidegate/runner';
import { action as build } from '../build-image/action.ts';
import { registryInputs, toolInputs } from '../support/inputs.ts';
import { policyDocumentInputs, policyFileInput } from '../support/policy/inputs.ts';
import { failureCommentInput } from '../support/reports/failure-comment-inputs.ts';
import { levelInputs } from '../support/reports/lint-inputs.ts';

const { context, target, builder, rootless, 'build-args': buildArgs, 'build-contexts': buildContexts } = build.inputs;
const { 'registry-auths': registryAuths } = build.inputs;

export const action = defineAction({
  name: 'lint-source',
  title: 'Tidegate: lint source',
  description:
    'Check Dockerfiles and the repository against rules before the build: pinned base images, non-root user, no secrets, no hand-made images.',
  branding: { icon: 'search', color: 'blue' },
  post: true,
  inputs: {
    files: {
      type: 'list',
      path: true,
      description: 'Paths of the Dockerfiles, one per line. Default: every Dockerfile in the repository.',
    },
    'as-built': {
      type: 'boolean',
      default: 'false',
      description:
        'Check only the Dockerfile that build-image would build: the path in `files`, default `Dockerfile` in `context`.',
    },
    'fail-on': {
      type: 'choice',
      choices: ['error', 'warning', 'note', 'none'],
      default: 'error',
      description: 'Minimum level of a finding that fails the step.',
    },
    ...levelInputs,
    ...policyFileInput,
    ...policyDocumentInputs,
    token: registryInputs.token,
    'buildkit-checks': {
      type: 'boolean',
      default: 'true',
      description:
        "Also run BuildKit's own checks; shared findings are reported once. Needs a BuildKit, as a build does.",
    },
    hadolint: {
      type: 'string',
      path: 'of-programs',
      words: ['auto', 'off'],
      default: 'auto',
      description: '`auto`: also run hadolint if it is on the PATH; `off`: never run it; or the path of the program.',
    },
    context: {
      ...context,
      default: '',
      description: 'Build context of the Dockerfiles. Default: the folder of each Dockerfile.',
    },
    target,
    'build-args': buildArgs,
    'build-contexts': buildContexts,
    'registry-auths': registryAuths,
    ...failureCommentInput,
    'report-dir': {
      type: 'string',
      path: true,
      description: 'Folder to write the findings to. Default: a folder below `RUNNER_TEMP`.',
    },
    builder,
    'buildkit-state': build.inputs['buildkit-state'],
    rootless,
    ...toolInputs,
  },
  outputs: {
    findings: { description: 'Number of findings.' },
    errors: { description: 'Number of errors among them.' },
    warnings: { description: 'Number of warnings among them.' },
    ignored: { description: 'Number of findings suppressed by a comment with a reason.' },
    'findings-path': { description: 'JSON file with all findings: rule, level, file, line, message, reason and fix.' },
    'sarif-path': { description: 'SARIF 2.1.0 file with the same findings.' },
  },
});
