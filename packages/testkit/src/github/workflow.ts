import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';

/** A workflow as written in YAML: tests read here what act does not apply and no run can show. */
export interface Workflow {
  readonly name?: string;
  readonly on: string | readonly string[] | Readonly<Record<string, unknown>>;
  readonly permissions?: Permissions;
  readonly concurrency?: Concurrency;
  readonly jobs: Readonly<Record<string, WorkflowJob>>;
}

type Permissions = string | Readonly<Record<string, 'read' | 'write' | 'none'>>;

interface Concurrency {
  readonly group: string;
  readonly 'cancel-in-progress'?: boolean | string;
  readonly queue?: string;
}

export interface WorkflowJob {
  readonly name?: string;
  readonly uses?: string;
  readonly needs?: string | readonly string[];
  readonly if?: string;
  readonly permissions?: Permissions;
  readonly concurrency?: Concurrency;
  readonly secrets?: 'inherit' | Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number | string;
  readonly environment?: string;
  readonly 'runs-on'?: string;
  readonly strategy?: { readonly matrix?: unknown };
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps?: readonly WorkflowStep[];
}

export interface WorkflowStep {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly 'continue-on-error'?: boolean | string;
  readonly with?: Readonly<Record<string, string | boolean | number>>;
  readonly env?: Readonly<Record<string, string>>;
}

export function parseWorkflow(source: string): Workflow {
  return parse(source);
}

export async function readWorkflow(file: string): Promise<Workflow> {
  return parseWorkflow(await readFile(file, 'utf8'));
}
