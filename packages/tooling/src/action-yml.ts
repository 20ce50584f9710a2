import type { ActionSpec, InputSpec } from '@tidegate/runner';
import { writeYaml, type Yaml } from './yaml.ts';

/** The action with this name is the repository's root action. */
export const ROOT_ACTION = 'ship';

/** Path of an action's action.yml, relative to the root. */
export function manifestPath(name: string): string {
  return name === ROOT_ACTION ? 'action.yml' : `actions/${name}/action.yml`;
}

export function renderManifest(action: ActionSpec): string {
  const { name } = action;
  const entry = name === ROOT_ACTION ? `dist/${name}/index.js` : `../../dist/${name}/index.js`;
  const manifest = {
    name: action.title,
    description: action.description,
    author: 'Tidegate contributors',
    branding: { icon: action.branding.icon, color: action.branding.color },
    inputs: mapValues(action.inputs, inputOf),
    outputs: mapValues(action.outputs, ({ description }) => ({ description })),
    runs: {
      using: 'node24',
      main: entry,
      // The post step stops what the main step started, even if a later step failed.
      ...(action.post ? { post: entry, 'post-if': 'always()' } : {}),
    },
  };
  const source = `actions/${name}/action.ts`;
  return `# Generated from ${source} by \`npm run generate\`: edit that file instead.\n${writeYaml(manifest)}`;
}

function inputOf(input: InputSpec): Yaml {
  return {
    description: describe(input),
    // A YAML boolean, as required by the schema of action.yml; some readers reject a string.
    ...(input.required ? { required: true } : {}),
    ...(input.default === undefined ? {} : { default: input.default }),
  };
}

/** The description, with the choices if there are any. */
export function describe(input: InputSpec): string {
  if (input.type !== 'choice') return input.description;
  return `${input.description} One of ${input.choices.map((choice) => `\`${choice}\``).join(', ')}.`;
}

function mapValues<T>(map: Readonly<Record<string, T>>, change: (value: T) => Yaml): Yaml {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}

/** https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#branding: colours of GitHub. */
const COLOURS = ['white', 'black', 'yellow', 'blue', 'green', 'orange', 'red', 'purple', 'gray-dark'];

/** The errors of a schema, as sentences; empty if it is valid. */
export function complaintsAbout(action: ActionSpec, folder: string): string[] {
  const complaints: string[] = [];
  if (action.name !== folder) complaints.push(`name is ${action.name}, the folder is ${folder}`);
  if (!COLOURS.includes(action.branding.color))
    complaints.push(`GitHub has no branding colour ${action.branding.color}`);
  for (const name of [...Object.keys(action.inputs), ...Object.keys(action.outputs)]) {
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) complaints.push(`${name} is not in kebab-case`);
  }
  for (const [name, input] of Object.entries(action.inputs)) {
    if (!/[.!?`)]$/.test(input.description)) complaints.push(`the description of ${name} is no sentence`);
    if (input.required && input.default !== undefined) complaints.push(`${name} is required and has a default`);
    if (input.type !== 'choice' || input.required || (input.optional && input.default === undefined)) continue;
    if (!input.choices.includes(input.default ?? '')) complaints.push(`the default of ${name} is none of its choices`);
  }
  return complaints;
}
