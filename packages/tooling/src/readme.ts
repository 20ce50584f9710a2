import type { ActionSpec } from '@tidegate/runner';
import { describe } from './action-yml.ts';
import type { CalledWorkflow, WorkflowInput } from './called-workflow.ts';
import { groupsOf } from './input-groups.ts';

type ShownInput = ActionSpec['inputs'][string] | WorkflowInput;

/**
 * Fill the tables between `<!-- inputs:NAME -->` and `<!-- /inputs:NAME -->` (and the same for outputs, and for a
 * reusable workflow's inputs, secrets and outputs: `workflow-inputs:NAME`), and write the repository's owner into every
 * `uses: OWNER/tidegate…`.
 */
export function fillReadme(
  text: string,
  actions: readonly ActionSpec[],
  repository: { readonly owner: string; readonly name: string },
  workflows: readonly CalledWorkflow[] = [],
): string {
  const tables = text.replace(
    /(<!-- ((?:workflow-)?(?:inputs|outputs|secrets)):([\w-]+) -->\n)([\s\S]*?)(<!-- \/\2:\3 -->)/g,
    (_, start: string, kind: string, name: string, __: string, end: string) => {
      return `${start}${tableOf(kind, name, actions, workflows)}${end}`;
    },
  );
  const open = /<!-- ((?:workflow-)?(?:inputs|outputs|secrets)):([\w-]+) -->(?![\s\S]*<!-- \/\1:\2 -->)/.exec(tables);
  if (open) throw new Error(`the marker ${open[0]} is never closed`);
  return fillOwner(tables, repository);
}

function tableOf(
  kind: string,
  name: string,
  actions: readonly ActionSpec[],
  workflows: readonly CalledWorkflow[],
): string {
  if (kind.startsWith('workflow-')) {
    const workflow = workflows.find((candidate) => candidate.name === name);
    if (!workflow) throw new Error(`there is a marker for ${kind}:${name}, and no such workflow`);
    if (kind === 'workflow-inputs') return groupedTable(workflow.inputs, name);
    return plainTable(kind === 'workflow-secrets' ? 'Secret' : 'Output', rowsOf(workflow, kind));
  }
  const action = actions.find((candidate) => candidate.name === name);
  if (!action) throw new Error(`there is a marker for ${kind}:${name}, and no such action`);
  if (kind === 'inputs') return groupedTable(action.inputs, name);
  return plainTable('Output', action.outputs);
}

const rowsOf = (workflow: CalledWorkflow, kind: string) =>
  kind === 'workflow-secrets' ? workflow.secrets : workflow.outputs;

/** `uses: someone/tidegate/actions/x@ref` with this repository's owner; the ref is the author's. */
export function fillOwner(text: string, { owner, name }: { readonly owner: string; readonly name: string }): string {
  return text.replace(new RegExp(`(\\buses: *)[\\w.-]+/${name}(?=[/@])`, 'g'), `$1${owner}/${name}`);
}

/** A table for each group of inputs, under its heading. */
function groupedTable(inputs: Readonly<Record<string, ShownInput>>, owner: string): string {
  const groups = groupsOf(Object.keys(inputs), owner);
  const tables = groups.map(({ title, inputs: names }) => {
    const rows = names.map((name) => {
      const input = inputs[name];
      if (!input) throw new Error(`${owner} has no input ${name}`);
      const value = input.required ? '**required**' : code(input.default ?? '');
      return [code(name), 'type' in input ? describe(input) : input.description, value];
    });
    return `${title === '' ? '' : `### ${title}\n\n`}${table(['Input', 'What it is', 'Default'], rows)}`;
  });
  return tables.length === 0 ? 'None.\n' : tables.join('\n');
}

function plainTable(what: string, entries: Readonly<Record<string, { readonly description: string }>>): string {
  const rows = Object.entries(entries).map(([name, { description }]) => [code(name), description]);
  return rows.length === 0 ? 'None.\n' : table([what, 'What it is'], rows);
}

function code(text: string): string {
  return text === '' ? '' : `\`${text.replaceAll('\n', ' ')}\``;
}

/** A bare `|` ends a cell, even in code. */
function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |\n`;
  return [headers, headers.map(() => '---'), ...rows].map(line).join('');
}

/** The README of an action that does not have one yet. */
export function newReadme(
  action: ActionSpec,
  { owner, name }: { readonly owner: string; readonly name: string },
): string {
  const required = Object.entries(action.inputs).filter(([, input]) => input.required);
  const inputs = required.map(([input]) => `    ${input}: …\n`).join('');
  return `# ${action.title}

${action.description}

\`\`\`yaml fragment
- uses: ${owner}/${name}/actions/${action.name}@v1
${inputs === '' ? '' : `  with:\n${inputs}`}\`\`\`

## Inputs

<!-- inputs:${action.name} -->
<!-- /inputs:${action.name} -->

## Outputs

<!-- outputs:${action.name} -->
<!-- /outputs:${action.name} -->
`;
}
