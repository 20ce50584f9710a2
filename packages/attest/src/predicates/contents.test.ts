import { describe, expect, test } from '@jest/globals';
import { digestOf, type ImageContents, type ImageOrigin } from '@tidegate/core';
import { contentsDocument, contentsEvidenceOf, readContents } from './contents.ts';
import { originDocument, readOrigin } from './origin-document.ts';

const subject = digestOf('image');
const other = digestOf('another image');

const contents: ImageContents = {
  config: { user: '', entrypoint: [], cmd: ['/app'], labels: { a: 'b' }, exposedPorts: [], volumes: [], env: ['PATH'] },
  layers: [
    {
      digest: digestOf('packed'),
      diffId: digestOf('layer'),
      size: 1,
      unpacked: 2,
      entries: 3,
      createdBy: 'COPY a /',
      line: 'Dockerfile:2',
      wasted: [{ by: 1, bytes: 2 }],
    },
    { digest: digestOf('packed 2'), diffId: digestOf('layer 2'), size: 1, unpacked: 2, entries: 3 },
  ],
  traces: [
    { kind: 'secret', path: '/key', layer: 0, what: 'private key', line: 1, hiddenBy: 1 },
    { kind: 'secret', path: 'image config', layer: -1, what: 'value of A_TOKEN' },
  ],
  overflow: ['setuid'],
  statePaths: ['/data'],
  systemPackages: { deb: ['libc6'], apk: [], rpm: [] },
  languagePackages: [
    { type: 'npm', name: 'lodash', version: '4.17.21', path: '/app/node_modules/lodash/package.json', layer: 1 },
  ],
};

const origin: ImageOrigin = {
  file: 'Dockerfile',
  layers: [
    { kind: 'base', image: 'docker.io/library/debian:12', digest: digestOf('base'), line: 1 },
    { kind: 'instruction', line: 2, endLine: 4, text: 'RUN x' },
    undefined,
  ],
};

test('findings are read back unchanged', () => {
  expect(readContents(contentsDocument(subject, contents), subject)).toEqual(contents);
  expect(readOrigin(originDocument(subject, origin), subject)).toEqual(origin);
});

const changed = (document: Uint8Array, change: (value: Record<string, never>) => void): Uint8Array => {
  const value = JSON.parse(Buffer.from(document).toString());
  change(value);
  return Buffer.from(JSON.stringify(value));
};

/** `deep` creates invalid values that the types do not allow. */
const deep = (
  change: (value: { [key: string]: unknown } & Record<'layers' | 'traces', Record<string, unknown>[]>) => void,
) => change as unknown as (value: Record<string, never>) => void;

describe('a record that is not what it should be is evidence that cannot be read', () => {
  test.each<[string, Uint8Array]>([
    ['of another image', contentsDocument(other, contents)],
    ['empty', Buffer.alloc(0)],
    ['cut', contentsDocument(subject, contents).subarray(0, 200)],
    ['of another kind', originDocument(subject, origin)],
    [
      'of a later form',
      changed(
        contentsDocument(subject, contents),
        deep((value) => {
          value.tidegate = 'image contents 2';
        }),
      ),
    ],
    [
      'without its traces',
      changed(
        contentsDocument(subject, contents),
        deep((value) => {
          delete (value as Record<string, unknown>).traces;
        }),
      ),
    ],
    [
      'with a field nobody knows',
      changed(
        contentsDocument(subject, contents),
        deep((value) => {
          value.more = 1;
        }),
      ),
    ],
    [
      'with waste by a layer that is not there',
      changed(
        contentsDocument(subject, contents),
        deep((value) => {
          Object.assign(value.layers[0] ?? {}, { wasted: [{ by: 2, bytes: 1 }] });
        }),
      ),
    ],
    [
      'with a kind nobody knows',
      changed(
        contentsDocument(subject, contents),
        deep((value) => {
          Object.assign(value.traces[0] ?? {}, { kind: 'x' });
        }),
      ),
    ],
    [
      'of a layer that is not there',
      changed(
        contentsDocument(subject, contents),
        deep((value) => {
          Object.assign(value.traces[0] ?? {}, { layer: 2 });
        }),
      ),
    ],
    [
      'hidden by a layer that is not there',
      changed(
        contentsDocument(subject, contents),
        deep((value) => {
          Object.assign(value.traces[0] ?? {}, { hiddenBy: 2 });
        }),
      ),
    ],
    [
      'with a digest that is none',
      changed(
        contentsDocument(subject, contents),
        deep((value) => {
          Object.assign(value.layers[0] ?? {}, { diffId: 'sha256:x' });
        }),
      ),
    ],
    [
      'with the same name twice',
      Buffer.from(
        Buffer.from(contentsDocument(subject, contents)).toString().replace('"overflow"', '"traces":[],"overflow"'),
      ),
    ],
  ])('%s', (_, document) => {
    expect(contentsEvidenceOf(document, subject)).toMatchObject({ kind: 'unreadable', subject, claimed: 'contents' });
  });

  test.each<[string, Uint8Array]>([
    ['of another image', originDocument(other, origin)],
    ['of another kind', contentsDocument(subject, contents)],
    [
      'with a line that is none',
      changed(
        originDocument(subject, origin),
        deep((value) => {
          Object.assign(value.layers[1] ?? {}, { line: 0 });
        }),
      ),
    ],
  ])('an origin %s', (_, document) => {
    expect(() => readOrigin(document, subject)).toThrow(expect.objectContaining({ kind: 'evidence' }));
  });

  test('an origin of another image names it', () => {
    expect(() => readOrigin(originDocument(other, origin), subject)).toThrow(
      expect.objectContaining({ id: 'evidence-of-other-image', message: expect.stringContaining(other) }),
    );
  });
});
