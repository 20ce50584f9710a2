/** The interface of a reusable workflow, for the tables of its page. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parse } from 'yaml';

export interface WorkflowInput {
  readonly description: string;
  readonly required?: boolean;
  /** As text; absent means empty. */
  readonly default?: string;
}

export interface CalledWorkflow {
  /** File name without its extension. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, WorkflowInput>>;
  readonly secrets: Readonly<Record<string, { readonly description: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
}

interface Declared {
  readonly description?: string;
  readonly required?: boolean;
  readonly default?: string | number | boolean;
}

/** @throws Error if the workflow cannot be called, or an input has no description */
export async function readCalledWorkflow(file: string): Promise<CalledWorkflow> {
  const { on } = parse(await readFile(file, 'utf8')) as {
    on?: { workflow_call?: Partial<Record<'inputs' | 'secrets' | 'outputs', Record<string, Declared>>> };
  };
  const call = on?.workflow_call;
  if (!call) throw new Error(`${file} has no on.workflow_call`);
  const described = (entries: Record<string, Declared> = {}): Record<string, WorkflowInput> =>
    Object.fromEntries(
      Object.entries(entries).map(([name, one]) => {
        if (!one.description) throw new Error(`${file}: ${name} has no description`);
        const text = one.default === undefined ? '' : String(one.default);
        return [
          name,
          { description: one.description, required: one.required ?? false, ...(text === '' ? {} : { default: text }) },
        ];
      }),
    );
  return {
    name: basename(file, '.yml'),
    inputs: described(call.inputs),
    secrets: described(call.secrets),
    outputs: described(call.outputs),
  };
}
