import { expect, test } from '@jest/globals';
import { digestOf } from '../image/digest.ts';
import { readConfig } from './config-facts.ts';

const BUILDKIT = 'buildkit.exporter.image.v0';
const DOCKERFILE = 'buildkit.dockerfile.v0';
const entry = (created_by: string, comment?: string) => ({ created_by, comment });
const EMPTY = { created_by: 'ENV A=1', comment: DOCKERFILE, empty_layer: true };

/** What `readConfig` says of each layer. */
function saidOf(layers: number, history: readonly object[]) {
  const diff_ids = Array.from({ length: layers }, (_, at) => digestOf(`${at}`));
  return readConfig({ rootfs: { diff_ids }, history }, layers, 'config').rootfs.createdBy;
}

test.each<[string, readonly object[], readonly (string | undefined)[]]>([
  ['an entry per layer', [entry('RUN a', DOCKERFILE), EMPTY, entry('COPY b .', DOCKERFILE)], ['RUN a', 'COPY b .']],
  ['other builders', [entry('bazel build'), entry('COPY b .', DOCKERFILE)], ['bazel build', 'COPY b .']],
  ['BuildKit alone', [entry('copy a', BUILDKIT), entry('copy b', BUILDKIT)], ['copy a', 'copy b']],
  ['a base by BuildKit alone', [entry('copy a', BUILDKIT), entry('COPY b .', DOCKERFILE)], ['copy a', 'COPY b .']],
  // The base image had no history: the first entry is of the last layer.
  ['a base without history', [entry('COPY b .', DOCKERFILE), entry('pulled', BUILDKIT)], [undefined, undefined]],
  ['an entry too few', [entry('COPY b .', DOCKERFILE)], [undefined, undefined]],
])('the instruction of each layer: %s', (_, history, expected) => {
  expect(saidOf(2, history)).toEqual(expected);
});
