import { type Digest, PredicateType, TidegateError } from '@tidegate/core';
import * as v from 'valibot';
import { digest, shaped } from '../statement/shape.ts';
import { parseStatement } from '../statement/statement.ts';
import { parseEvidence } from '../statement/strict-json.ts';

/** In bytes. A statement has at most 1024 files. */
export const MAX_OUTPUTS_BYTES = 16 * 1024 * 1024;

const WHAT = 'The record of exported files';

/** Provenance of files that were exported with an image, to be signed with it. */
export interface OutputStatement {
  /** Also the name of its bundle: `binaries`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const Outputs = v.strictObject({
  tidegate: v.literal('outputs 1'),
  subject: digest,
  outputs: v.array(
    v.strictObject({ name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]{0,127}$/)), statement: v.string() }),
  ),
});

/** The record in a layout. It is never published. @param subject the image */
export function outputsDocument(subject: Digest, outputs: readonly OutputStatement[]): Uint8Array {
  const written = outputs.map(({ name, bytes }) => ({ name, statement: Buffer.from(bytes).toString('utf8') }));
  return Buffer.from(JSON.stringify({ tidegate: 'outputs 1', subject, outputs: written }));
}

/** @throws TidegateError `evidence` when it cannot be read, or is about another image than `subject` */
export function readOutputs(document: Uint8Array, subject: Digest): readonly OutputStatement[] {
  const { subject: of, outputs } = shaped(Outputs, parseEvidence(document, WHAT, MAX_OUTPUTS_BYTES), WHAT);
  if (of !== subject) throw new TidegateError('evidence-of-other-image', `${WHAT} is for ${of}, not for ${subject}.`);
  return outputs.map(({ name, statement }) => {
    const bytes = Buffer.from(statement, 'utf8');
    if (parseStatement(bytes).predicateType !== PredicateType.provenance) {
      throw new TidegateError('evidence-invalid', `${WHAT}: ${name} is not provenance.`);
    }
    return { name, bytes };
  });
}
