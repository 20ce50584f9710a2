import { open, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  badInput,
  digestOf,
  hexOf,
  MAX_POLICY_DOCUMENT_BYTES,
  messageOf,
  type PolicyDocument,
  readPolicyDocument,
  TidegateError,
} from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import { makeFolder } from '@tidegate/tools';
import { evidenceInputs, findingInputs, policyFileInput } from './policy-inputs.ts';

/** Inputs that the document holds already: beside it they would have no effect. */
const RESOLVED = Object.keys({ ...policyFileInput, ...findingInputs, ...evidenceInputs });

interface DocumentInputs {
  readonly 'policy-document'?: string;
  readonly 'policy-document-sha256'?: string;
}

/**
 * The policy document that the inputs name, held to its checksum before anything of it is read.
 * @returns undefined where the inputs name none
 */
export async function givenDocument(inputs: DocumentInputs, job: Job): Promise<PolicyDocument | undefined> {
  const { 'policy-document': path = '', 'policy-document-sha256': given = '' } = inputs;
  if (path === '' && given === '') return undefined;
  if (path === '') {
    const expected = 'a file, because policy-document-sha256 is given';
    throw badInput('policy-document', path, expected, 'Give both inputs, or neither.');
  }
  const sha256 = given.replace(/^sha256:/, '');
  if (!/^[0-9a-f]{64}$/.test(sha256)) {
    const next = 'Pass on the output policy-sha256 of plan, as a job output.';
    throw badInput('policy-document-sha256', given, '64 hex digits, because policy-document is given', next);
  }
  const idle = RESOLVED.filter((name) => isGiven((inputs as Readonly<Record<string, unknown>>)[name]));
  if (idle.length > 0) {
    throw new TidegateError('bad-input', `${idle.join(', ')}: no effect beside policy-document.`, {
      next: 'Give these inputs to plan, which resolves the policy, or leave policy-document out.',
    });
  }
  const bytes = await readDocument(resolve(job.workspace, path), path);
  const digest = digestOf(bytes);
  if (hexOf(digest) !== sha256) {
    throw new TidegateError('integrity', `${path} does not match its checksum: got ${digest}, expected ${sha256}.`, {
      next: 'Pass on the file that plan wrote, unchanged, with the policy-sha256 of the same run.',
    });
  }
  job.log.info(`Policy: the document ${digest}, as plan resolved it.`);
  return readPolicyDocument(bytes, path);
}

async function readDocument(file: string, shown: string): Promise<Uint8Array> {
  try {
    await using handle = await open(file);
    const found = await handle.stat();
    if (!found.isFile() || found.size > MAX_POLICY_DOCUMENT_BYTES) {
      throw new Error(`it is not a file of at most ${MAX_POLICY_DOCUMENT_BYTES} bytes`);
    }
    return await handle.readFile();
  } catch (error) {
    throw badInput('policy-document', shown, 'a file that can be read', `Check the path: ${messageOf(error)}.`);
  }
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
