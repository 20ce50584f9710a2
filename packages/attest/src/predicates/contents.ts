import { type Digest, type Evidence, hasKind, type ImageContents, TidegateError, TRACE_KINDS } from '@tidegate/core';
import * as v from 'valibot';
import { digest, shaped } from '../statement/shape.ts';
import { parseEvidence, unreadable } from '../statement/strict-json.ts';

/** In bytes. Sufficient for thousands of traces with long paths; a real image has far fewer. */
export const MAX_CONTENTS_BYTES = 16 * 1024 * 1024;

const WHAT = "The record of the image's contents";
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const Contents = v.strictObject({
  tidegate: v.literal('image contents 1'),
  subject: digest,
  config: v.strictObject({
    user: v.string(),
    entrypoint: v.array(v.string()),
    cmd: v.array(v.string()),
    healthcheck: v.optional(v.array(v.string())),
    labels: v.record(v.string(), v.string()),
    exposedPorts: v.array(v.string()),
    volumes: v.array(v.string()),
    env: v.array(v.string()),
  }),
  layers: v.array(
    v.strictObject({
      digest,
      diffId: digest,
      size: count,
      unpacked: count,
      entries: count,
      createdBy: v.optional(v.string()),
      line: v.optional(v.string()),
      wasted: v.optional(v.array(v.strictObject({ by: count, bytes: count }))),
    }),
  ),
  traces: v.array(
    v.strictObject({
      kind: v.picklist(TRACE_KINDS),
      path: v.string(),
      layer: v.pipe(v.number(), v.safeInteger(), v.minValue(-1)),
      what: v.string(),
      line: v.optional(count),
      hiddenBy: v.optional(count),
    }),
  ),
  overflow: v.array(v.picklist(TRACE_KINDS)),
  statePaths: v.array(v.string()),
  systemPackages: v.strictObject({ deb: v.array(v.string()), apk: v.array(v.string()), rpm: v.array(v.string()) }),
  languagePackages: v.array(
    v.strictObject({
      type: v.picklist(['npm', 'python', 'gem', 'php-composer', 'conda']),
      name: v.string(),
      version: v.string(),
      path: v.string(),
      layer: count,
    }),
  ),
});

/** The record in a layout. It is never published: it reveals where in an image to look. */
export function contentsDocument(subject: Digest, contents: ImageContents): Uint8Array {
  return Buffer.from(JSON.stringify({ tidegate: 'image contents 1', subject, ...contents }));
}

/** @throws TidegateError `evidence` when it cannot be read, or describes another image than `subject` */
export function readContents(document: Uint8Array, subject: Digest): ImageContents {
  const value = parseEvidence(document, WHAT, MAX_CONTENTS_BYTES);
  const { tidegate: _, subject: of, ...contents } = shaped(Contents, value, WHAT);
  if (of !== subject) {
    throw new TidegateError('evidence-of-other-image', `${WHAT} is for ${of}, not for ${subject}.`, {
      next: 'Run scan-image on this image.',
    });
  }
  const last = contents.layers.length;
  if (
    contents.traces.some(({ layer, hiddenBy = 0 }) => layer >= last || hiddenBy >= Math.max(last, 1)) ||
    contents.languagePackages.some(({ layer }) => layer >= last) ||
    contents.layers.some(({ wasted = [] }) => wasted.some(({ by }) => by >= last))
  ) {
    throw unreadable(`${WHAT} names a layer that the image does not have.`);
  }
  return contents;
}

/** Like `readContents`, but returns evidence: an unreadable record fails the gate and is not skipped. */
export function contentsEvidenceOf(document: Uint8Array, subject: Digest): Evidence {
  try {
    return { kind: 'contents', subject, contents: readContents(document, subject) };
  } catch (error) {
    if (!hasKind(error, 'evidence', 'integrity')) throw error;
    return { kind: 'unreadable', subject, claimed: 'contents', why: error.message };
  }
}
