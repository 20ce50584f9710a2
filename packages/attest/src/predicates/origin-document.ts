import { type Digest, type ImageOrigin, TidegateError } from '@tidegate/core';
import * as v from 'valibot';
import { digest, shaped } from '../statement/shape.ts';
import { parseEvidence } from '../statement/strict-json.ts';

/** In bytes. The record has one line per layer, and at most thousands of layers. */
export const MAX_ORIGIN_BYTES = 4 * 1024 * 1024;

const WHAT = "The record of the image's origin";
const line = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const Origin = v.strictObject({
  tidegate: v.literal('image origin 1'),
  subject: digest,
  file: v.string(),
  layers: v.array(
    v.nullable(
      v.variant('kind', [
        v.strictObject({ kind: v.literal('instruction'), line, endLine: line, text: v.string() }),
        v.strictObject({
          kind: v.literal('base'),
          image: v.string(),
          digest: v.optional(digest),
          line: v.optional(line),
        }),
      ]),
    ),
  ),
});

/** The record in a layout. It is never published. */
export function originDocument(subject: Digest, { file, layers }: ImageOrigin): Uint8Array {
  const written = { tidegate: 'image origin 1', subject, file, layers: layers.map((layer) => layer ?? null) };
  return Buffer.from(JSON.stringify(written));
}

/** @throws TidegateError `evidence` when it cannot be read, or describes another image than `subject` */
export function readOrigin(document: Uint8Array, subject: Digest): ImageOrigin {
  const { subject: of, file, layers } = shaped(Origin, parseEvidence(document, WHAT, MAX_ORIGIN_BYTES), WHAT);
  if (of !== subject) throw new TidegateError('evidence-of-other-image', `${WHAT} is for ${of}, not for ${subject}.`);
  return { file, layers: layers.map((layer) => layer ?? undefined) };
}
