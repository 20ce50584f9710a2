import { ANSWERS } from './answers.ts';
import type { HostileCase } from './case.ts';
import { GRAPHS, IN_LAYOUTS, IN_REGISTRIES, INDEX_FILES } from './contents.ts';
import { LAYOUTS } from './layouts.ts';

export const TABLES = {
  'files and folders of a layout': LAYOUTS,
  'index.json': INDEX_FILES,
  'manifests, indexes and configurations in a layout': IN_LAYOUTS,
  'manifests, indexes and configurations in a registry': IN_REGISTRIES,
  'graphs of manifests': GRAPHS,
  'answers of a registry': ANSWERS,
} as const satisfies Readonly<Record<string, readonly HostileCase[]>>;

export type TableName = keyof typeof TABLES;

/** The last line of a process that went through one table. Maximum memory in bytes, over its whole life. */
export interface TableReport {
  readonly cases: number;
  readonly faults: readonly string[];
  readonly slowest: { readonly name: string; readonly milliseconds: number };
  readonly peak: number;
}
