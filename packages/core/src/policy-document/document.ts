import * as v from 'valibot';
import { canonicalJson } from '../canonical-json.ts';
import { TidegateError } from '../error.ts';
import { type Digest, digestOf } from '../image/digest.ts';
import type { EffectivePolicy } from '../policy-file/effective.ts';
import { EFFECTIVE_POLICY } from './shape.ts';

/** The first field of a document, so that a reader of another version rejects it instead of misreading it. */
const POLICY_DOCUMENT_FORMAT = 'tidegate/effective-policy/1';

/** Maximum size, including VEX documents. In bytes. */
export const MAX_POLICY_DOCUMENT_BYTES = 64 * 1024 * 1024;

/** An effective policy, and its bytes for the transfer between jobs. */
export interface PolicyDocument extends EffectivePolicy {
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes: the policy's digest, which verdicts name. */
  readonly digest: Digest;
}

/** The effective policy as canonical JSON: preset, file, extended policies, VEX and inputs, merged. */
export function policyDocument(effective: EffectivePolicy): PolicyDocument {
  const bytes = canonicalJson({ ...effective, format: POLICY_DOCUMENT_FORMAT });
  return { ...effective, bytes, digest: digestOf(bytes) };
}

const Document = v.looseObject({ format: v.literal(POLICY_DOCUMENT_FORMAT) });

/**
 * Reads only output of `policyDocument`: it rejects an unknown field, another spelling of a value or another version,
 * so that two programs never judge differently by the same bytes.
 * @param where name of the document in errors, such as its path
 * @throws TidegateError `bad-input`
 */
export function readPolicyDocument(bytes: Uint8Array, where: string): PolicyDocument {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw refused(where, 'it is not JSON in UTF-8', cause);
  }
  if (!v.is(Document, value)) throw refused(where, `its format is not ${POLICY_DOCUMENT_FORMAT}`);
  const { format: _, ...fields } = value;
  const read = v.safeParse(EFFECTIVE_POLICY, fields, { abortEarly: true });
  if (!read.success) {
    const [issue] = read.issues;
    throw refused(where, `${v.getDotPath(issue) ?? 'the document'}: ${issue.message}`);
  }
  const document = policyDocument(read.output);
  if (digestOf(bytes) !== document.digest) throw refused(where, 'it is not canonical JSON');
  return document;
}

function refused(where: string, why: string, cause?: unknown): TidegateError {
  return new TidegateError('policy-document-invalid', `${where} is not a policy document of this version: ${why}.`, {
    next: 'Pass the file of the plan action unchanged, and use the same Tidegate version in all jobs.',
    cause,
  });
}
