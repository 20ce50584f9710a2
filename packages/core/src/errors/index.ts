import { BUILD_ERRORS } from './build.ts';
import { BUILD_FAILURES } from './build-failures.ts';
import type { ErrorEntry, ErrorKind } from './entry.ts';
import { EVIDENCE_ERRORS } from './evidence.ts';
import { GATE_ERRORS } from './gate.ts';
import { INPUT_ERRORS } from './inputs.ts';
import { LAYOUT_ERRORS } from './layout.ts';
import { MANIFEST_ERRORS } from './manifests.ts';
import { POLICY_ERRORS } from './policy.ts';
import { REGISTRY_ERRORS } from './registry.ts';
import { RUN_ERRORS } from './run.ts';
import { SIGNING_ERRORS } from './signing.ts';
import { TOOL_ERRORS } from './tools.ts';

export type { ErrorEntry, ErrorKind } from './entry.ts';

/** Every error that a user can see, by the name that the sources use for it. */
export const ERRORS = {
  ...INPUT_ERRORS,
  ...POLICY_ERRORS,
  ...MANIFEST_ERRORS,
  ...BUILD_ERRORS,
  ...BUILD_FAILURES,
  ...TOOL_ERRORS,
  ...REGISTRY_ERRORS,
  ...EVIDENCE_ERRORS,
  ...GATE_ERRORS,
  ...SIGNING_ERRORS,
  ...LAYOUT_ERRORS,
  ...RUN_ERRORS,
} as const;

export type ErrorId = keyof typeof ERRORS;

/** The entries of one kind: `hasKind` narrows to them. */
export type ErrorIdOf<K extends ErrorKind> = {
  [I in ErrorId]: (typeof ERRORS)[I]['kind'] extends K ? I : never;
}[ErrorId];

export function errorEntry(id: ErrorId): ErrorEntry {
  return ERRORS[id];
}

interface ErrorGroup {
  /** The page in docs/errors, and the first digit after TG. */
  readonly page: string;
  readonly digit: string;
  readonly title: string;
}

/** In the order of their codes. */
export const ERROR_GROUPS: readonly ErrorGroup[] = [
  { page: 'inputs', digit: '1', title: 'Inputs, policy and the job' },
  { page: 'build', digit: '2', title: 'Sources and build' },
  { page: 'tools', digit: '3', title: 'Tools' },
  { page: 'registry', digit: '4', title: 'Registry and network' },
  { page: 'evidence', digit: '5', title: 'Evidence, scan and database' },
  { page: 'gate', digit: '6', title: 'Gate and verification' },
  { page: 'signing', digit: '7', title: 'Signing and signatures' },
  { page: 'layout', digit: '8', title: 'Image layout and disk' },
  { page: 'run', digit: '9', title: 'Cancelled and unexpected' },
];

/** Where the documentation explains this code. */
export function errorAddress(code: ErrorEntry['code']): string {
  const group = ERROR_GROUPS.find(({ digit }) => code.startsWith(`TG${digit}`));
  return `https://github.com/tidegate/tidegate/blob/main/docs/errors/${group?.page}.md#${code.toLowerCase()}`;
}
