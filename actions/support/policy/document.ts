import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  digestOf,
  hexOf,
  MAX_POLICY_DOCUMENT_BYTES,
  type PolicyDocument,
  readPolicyDocument,
  TidegateError,
} from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import { makeFolder } from '@tidegate/tools';
import { heldFile } from '../build/held-file.ts';
import { evidenceInputs, findingInputs, policyFileInput } from './inputs.ts';

/** Inputs that the document already contains, and that have no effect beside it. */
const RESOLVED = Object.keys({ ...policyFileInput, ...findingInputs, ...evidenceInputs });

const HELD = {
  input: 'policy-document',
  writer: { action: 'plan', output: 'policy-sha256' },
  limit: MAX_POLICY_DOCUMENT_BYTES,
} as const;

interface DocumentInputs {
  readonly 'policy-document'?: string;
  readonly 'policy-document-sha256'?: string;
}

/**
 * The policy document that the inputs name, read after its checksum is verified.
 * @returns undefined if the inputs name none
 */
export async function givenDocument(inputs: DocumentInputs, job: Job): Promise<PolicyDocument | undefined> {
  const { 'policy-document': path = '', 'policy-document-sha256': given = '' } = inputs;
  if (path === '' && given === '') return undefined;
  const idle = RESOLVED.filter((name) => isGiven((inputs as Readonly<Record<string, unknown>>)[name]));
  if (idle.length > 0) {
    throw new TidegateError('policy-input-idle', `${idle.join(', ')}: no effect together with policy-document.`, {
      next: 'Set these inputs on plan, which resolves the policy, or remove policy-document.',
    });
  }
  const bytes = await heldFile({ ...HELD, path, sha256: given }, job);
  if (!bytes) return undefined;
  const digest = digestOf(bytes);
  job.log.info(`Policy: document ${digest}, resolved by plan.`);
  return readPolicyDocument(bytes, path);
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== '';
}

/** Write the document below RUNNER_TEMP, under its own digest: two policies in one job never share a file. */
export async function writeDocument({ bytes, digest }: PolicyDocument, job: Job): Promise<string> {
  const folder = join(job.temp, 'tidegate', 'policy', hexOf(digest));
  await makeFolder(folder);
  const path = join(folder, 'policy.json');
  await writeFile(path, bytes);
  return path;
}
