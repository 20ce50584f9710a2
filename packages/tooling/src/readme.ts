import type { ActionSpec } from '@tidegate/runner';
import { describe } from './action-yml.ts';

/**
 * Fill the tables between `<!-- inputs:NAME -->` and `<!-- /inputs:NAME -->` (and the same for outputs), and write the
 * repository's owner into every `uses: OWNER/tidegate…`.
 */
export function fillReadme(
  text: string,
  actions: readonly ActionSpec[],
  repository: { readonly owner: string; readonly name: string },
): string {
  const tables = text.replace(
    /(<!-- (inputs|outputs):([\w-]+) -->\n)([\s\S]*?)(<!-- \/\2:\3 -->)/g,
    (_, start: string, kind: string, name: string, __: string, end: string) => {
      const action = actions.find((candidate) => candidate.name === name);
      if (!action) throw new Error(`there is a marker for ${kind}:${name}, and no such action`);
      return `${start}${kind === 'inputs' ? inputTable(action) : outputTable(action)}${end}`;
    },
  );
  const open = /<!-- (inputs|outputs):([\w-]+) -->(?![\s\S]*<!-- \/\1:\2 -->)/.exec(tables);
  if (open) throw new Error(`the marker ${open[0]} is never closed`);
  return fillOwner(tables, repository);
}

/** `uses: someone/tidegate/actions/x@ref` with this repository's owner; the ref is the author's. */
export function fillOwner(text: string, { owner, name }: { readonly owner: string; readonly name: string }): string {
  return text.replace(new RegExp(`(\\buses: *)[\\w.-]+/${name}(?=[/@])`, 'g'), `$1${owner}/${name}`);
}

function inputTable(action: ActionSpec): string {
  const rows = Object.entries(action.inputs).map(([name, input]) => {
    const value = input.required ? '**required**' : input.default === undefined ? '' : code(input.default);
    return [code(name), describe(input), value];
  });
  return rows.length === 0 ? 'None.\n' : table(['Input', 'What it is', 'Default'], rows);
}

function outputTable(action: ActionSpec): string {
  const rows = Object.entries(action.outputs).map(([name, output]) => [code(name), output.description]);
  return rows.length === 0 ? 'None.\n' : table(['Output', 'What it is'], rows);
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

\`\`\`yaml
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
