import type { InputSpec } from '@tidegate/runner';

const ALL_RULES = '[All rules](https://github.com/tidegate/tidegate/blob/main/docs/rules/README.md).';

export const levelInputs = {
  levels: {
    type: 'pairs',
    description: `Levels that override the rules' defaults, one RULE=LEVEL per line: \`error\`, \`warning\`, \`note\` or \`off\`. ${ALL_RULES}`,
  },
  exclude: { type: 'list', description: 'Files to skip, one pattern per line, in `.dockerignore` syntax.' },
} as const satisfies Record<string, InputSpec>;

/** Inputs of the actions that build. */
export const buildLintInputs = {
  lint: {
    type: 'choice',
    choices: ['error', 'warn', 'off'],
    default: 'error',
    description: `Source rules before the build: \`error\` fails on an error, \`warn\` only reports, \`off\` skips them. ${ALL_RULES}`,
  },
  'lint-levels': levelInputs.levels,
  'lint-exclude': levelInputs.exclude,
} as const satisfies Record<string, InputSpec>;
