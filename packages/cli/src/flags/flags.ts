import type { ActionSpec, InputSpec } from '@tidegate/runner';

/** A flag of a command. */
export interface Flag {
  /** Without dashes. */
  readonly name: string;
  /** Name of the value in the help; undefined for a flag without a value, which `--no-NAME` sets to false. */
  readonly value?: string | undefined;
  /** It may be repeated. */
  readonly many?: boolean | undefined;
  readonly choices?: readonly string[] | undefined;
  readonly required?: boolean | undefined;
  readonly description: string;
  /** The input of the action that this flag sets. Undefined for flags of the command line itself. */
  readonly input?: string | undefined;
  /** The flag names the file of a secret, or `-` for stdin. The secret itself is never an argument. */
  readonly isSecretFile?: boolean | undefined;
}

/** The flags of an action's inputs, from its schema. */
export function inputFlags({ inputs }: ActionSpec): readonly Flag[] {
  return Object.entries(inputs).map(([name, spec]) => inputFlag(name, spec));
}

function inputFlag(input: string, spec: InputSpec): Flag {
  const description = plain(spec.description);
  const withoutLines = description.replace(' Several: one per line.', '').replace(PER_LINE, '');
  if (isSecret(input, spec)) {
    const more = `File with this value, or - for stdin; or the variable ${secretVariable(input)}.`;
    return {
      ...{ name: `${input}-file`, value: 'FILE', input, isSecretFile: true },
      description: `${description} ${more}`,
      required: spec.required,
    };
  }
  return {
    ...{ name: input, input, value: VALUE[spec.type](spec), many: isRepeatable(spec) },
    choices: spec.type === 'choice' ? spec.choices : undefined,
    required: spec.required,
    description: `${withoutLines}${spec.type === 'boolean' ? switchOf(input, spec) : defaultOf(withoutLines, spec)}`,
  };
}

/**
 * Process lists and shell histories show arguments. Inputs that name variables and files of secrets
 * (`secret-envs`, `secret-files`) do not hold the secret.
 */
export function isSecret(input: string, spec: InputSpec): boolean {
  return spec.secret === true && !/-(envs|files)$/.test(input);
}

/** `TIDEGATE_REGISTRY_PASSWORD` */
export function secretVariable(input: string): string {
  return `TIDEGATE_${input.replaceAll('-', '_').toUpperCase()}`;
}

function isRepeatable(spec: InputSpec): boolean {
  if (spec.type === 'string') return spec.multiline === true;
  return spec.type === 'list' || spec.type === 'pairs' || spec.type === 'records';
}

const VALUE: Readonly<Record<InputSpec['type'], (spec: InputSpec) => string | undefined>> = {
  boolean: () => undefined,
  string: () => 'TEXT',
  duration: () => 'DURATION',
  list: () => 'ITEM',
  pairs: () => 'KEY=VALUE',
  records: () => 'FIELDS',
  choice: (spec) => (spec.type === 'choice' ? spec.choices.join('|') : 'TEXT'),
};

function defaultOf(description: string, spec: InputSpec): string {
  const { default: text = '' } = spec;
  return text === '' || /\bDefault:/.test(description) || text.includes('${{')
    ? ''
    : ` Default: ${text === '.' ? 'the current folder' : text}.`;
}

/** How to switch off what is on by default. */
function switchOf(input: string, { default: text }: InputSpec): string {
  return text === 'true' ? ` On by default; --no-${input} switches it off.` : '';
}

/** An input has lines, a flag is repeated. */
const PER_LINE = /,? one (?:[A-Za-z=:]+ ){0,4}per line(?: or comma-separated)?/;

/** Markdown of a description as plain text: no code marks, and the address of a link after its words. */
function plain(markdown: string): string {
  return markdown.replaceAll('`', '').replace(/\[([^[\]]{0,80})\]\(([^()]{0,200})\)/g, '$1: $2');
}

/** Flags of every command. */
export const COMMON_FLAGS: readonly Flag[] = [
  { name: 'json', description: 'Print one JSON document on stdout: outputs, verdict, findings, error.' },
  { name: 'debug', description: 'Print debug messages, and the stack of an error.' },
  { name: 'help', description: 'Print this help.' },
];

/** Where the commit comes from, for commands that work on one. */
export const COMMIT_FLAGS: readonly Flag[] = [
  {
    ...{ name: 'ref', value: 'REF' },
    description:
      'Branch or git tag to act for: refs/heads/main, refs/tags/v1.2.3. Default: the branch that is checked out, else the only tag of its commit.',
  },
  {
    ...{ name: 'repository', value: 'OWNER/NAME' },
    description: 'Repository of the commit, or its URL. Default: the remote origin.',
  },
  {
    ...{ name: 'default-branch', value: 'BRANCH' },
    description: "Default branch of the repository. Default: that of the remote origin, or GitHub's answer.",
  },
];

export const DRY_RUN: Flag = {
  name: 'dry-run',
  description:
    'Print what would be published where and why, and stop. Refuses uncommitted changes, unless --no-publish is given.',
};

export const NO_PUBLISH: Flag = {
  name: 'publish',
  description: 'Publish if the plan says so. --no-publish: build, scan and judge only. Works with uncommitted changes.',
};

/** Of the commands that write a page. */
export const OPEN: Flag = {
  name: 'open',
  description:
    'Open the page in your browser. Default: on a terminal of a desktop, but not over SSH, in CI, or with --json. --no-open only writes it.',
};

/** Of the commands that build. */
export const OWN_BUILDKIT: Flag = {
  name: 'own-buildkit',
  description:
    "Build with Tidegate's own BuildKit, as in a workflow, also where docker has one. Default: docker's if it can export OCI layouts.",
};
