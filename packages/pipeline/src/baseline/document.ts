/** Carries the baseline from the job that may read and verify the live image to the job that evaluates the gate. */
import { canonicalJson, type Digest, isDigest, isSeverity, messageOf, TidegateError } from '@tidegate/core';
import * as v from 'valibot';
import type { Baseline } from './baseline.ts';

const FORMAT = 'tidegate/baseline/1';
/** In bytes. An image with ten thousand findings on each of ten platforms needs about 10 MB. */
export const MAX_BASELINE_BYTES = 64 * 1024 * 1024;

export function baselineDocument(baseline: Baseline): Uint8Array {
  return canonicalJson({ ...baseline, format: FORMAT });
}

const text = v.pipe(v.string(), v.minLength(1));
const digest = v.custom<Digest>(isDigest);

const Document = v.strictObject({
  format: v.literal(FORMAT),
  live: v.optional(
    v.pipe(v.array(v.strictObject({ repository: text, tag: text, digest, policies: v.array(digest) })), v.minLength(1)),
  ),
  why: v.optional(text),
  signer: v.optional(text),
  findings: v.record(
    v.string(),
    v.array(
      v.strictObject({
        id: text,
        type: v.string(),
        name: text,
        severity: v.custom<Baseline['findings'][string][number]['severity']>(
          (word) => typeof word === 'string' && isSeverity(word),
        ),
        knownExploited: v.optional(v.boolean()),
      }),
    ),
  ),
});

/**
 * Read a document that `baselineDocument` wrote.
 * @param where name of the document in errors
 * @throws TidegateError `bad-input`
 */
export function readBaselineDocument(bytes: Uint8Array, where: string): Baseline {
  try {
    const { format: _, ...baseline } = v.parse(
      Document,
      JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)),
    );
    return baseline;
  } catch (cause) {
    const why = `${where} is not a baseline written by this version: ${messageOf(cause)}`;
    throw new TidegateError('baseline-document-invalid', why, {
      next: 'Pass the file from read-baseline unchanged, and use one version of Tidegate in all jobs.',
      cause,
    });
  }
}
