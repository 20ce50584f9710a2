import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '../error.ts';
import { annotationPairs, annotationsAt, assertAnnotated, planAnnotations } from './annotations.ts';
import { parsePlatform } from './platform.ts';

const DESCRIPTION = 'org.opencontainers.image.description';
const amd64 = parsePlatform('linux/amd64');
const arm64 = parsePlatform('linux/arm64');

/** The content of each level after one pair was added to `c` of the commit. */
function levels(key: string, value = 'v') {
  const annotations = planAnnotations({ c: 'commit' }, [[key, value]]);
  const at = (level: Parameters<typeof annotationsAt>[1]) => Object.keys(annotationsAt(annotations, level, amd64));
  return {
    manifest: at('manifest'),
    index: at('index'),
    'manifest-descriptor': at('manifest-descriptor'),
    'index-descriptor': at('index-descriptor'),
  };
}
const NONE = { manifest: ['c'], index: ['c'], 'manifest-descriptor': [], 'index-descriptor': [] };

test.each([
  [DESCRIPTION, { manifest: ['c', DESCRIPTION], index: ['c', DESCRIPTION] }],
  [`index:${DESCRIPTION}`, { index: ['c', DESCRIPTION] }],
  [`manifest:${DESCRIPTION}`, { manifest: ['c', DESCRIPTION] }],
  ['manifest,index:k', { manifest: ['c', 'k'], index: ['c', 'k'] }],
  ['manifest-descriptor:k', { 'manifest-descriptor': ['k'] }],
  ['index-descriptor,index:k', { index: ['c', 'k'], 'index-descriptor': ['k'] }],
  ['manifest[linux/amd64]:k', { manifest: ['c', 'k'] }],
  ['manifest[linux/arm64]:k', {}],
  ['manifest-descriptor[linux/amd64]:k', { 'manifest-descriptor': ['k'] }],
  ['index:example.org:8080/k', { index: ['c', 'example.org:8080/k'] }],
])('%s is written where its levels say', (key, changed) => {
  expect(levels(key)).toEqual({ ...NONE, ...changed });
});

test('a level overrides what the commit says there, and an empty value removes it there alone', () => {
  expect(annotationsAt(planAnnotations({ c: 'commit' }, [['index:c', 'mine']]), 'index')).toEqual({ c: 'mine' });
  expect(levels('index:c', '')).toEqual({ ...NONE, index: [] });
  expect(levels('c', '')).toEqual({ ...NONE, index: [], manifest: [] });
});

test('an annotation of one platform overrides that of all, whichever is written first', () => {
  const annotations = planAnnotations({}, [
    ['manifest[linux/arm64]:k', 'arm'],
    ['manifest:k', 'all'],
  ]);
  expect(annotationsAt(annotations, 'manifest', arm64)).toEqual({ k: 'arm' });
  expect(annotationsAt(annotations, 'manifest', amd64)).toEqual({ k: 'all' });
});

test.each([
  'indexes:k',
  'com.example:k',
  ':k',
  'manifest,:k',
  'manifest, index:k',
  'Manifest:k',
  'index[linux/amd64]:k',
  'manifest[linux]:k',
  'manifest[]:k',
  'index:',
  'a b',
])('the key %j is refused, and named', (key) => {
  expect(() => planAnnotations({}, [[key, 'v']])).toThrow(TidegateError);
  expect(() => planAnnotations({}, [[key, 'v']])).toThrow(/^Input annotations: got /);
});

test('an annotation of one platform cannot be removed from that one', () => {
  expect(() => planAnnotations({}, [['manifest[linux/amd64]:k', '']])).toThrow(/expected a value/);
});

test('an index is wanted by its own levels, not by what goes on every image', () => {
  const wants = (key: string) => planAnnotations({ c: 'commit' }, [[key, 'v']]).wantsIndex;
  expect(['index:k', 'manifest,index:k', 'manifest-descriptor:k', 'index-descriptor:k'].map(wants)).not.toContain(
    false,
  );
  expect(['k', 'manifest:k', 'manifest[linux/amd64]:k'].map(wants)).not.toContain(true);
});

describe('a platform that is not built', () => {
  const annotations = planAnnotations({}, [['manifest[linux/arm64]:k', 'v']]);
  test('cannot be annotated', () => {
    expect(() => assertAnnotated(annotations, [amd64])).toThrow(
      /got "manifest\[linux\/arm64\]:k", expected a platform of this image \(linux\/amd64\)/,
    );
    expect(() => assertAnnotated(annotations, [])).toThrow(/none listed/);
  });
  test('is one that is written in another way only', () => {
    expect(() => assertAnnotated(annotations, [parsePlatform('linux/arm64/v8')])).not.toThrow();
  });
});

test('pairs are read again as they were', () => {
  const given = planAnnotations({ c: 'commit' }, [
    ['index:k', 'v'],
    ['manifest-descriptor[linux/arm64]:k', 'v'],
    ['manifest:c', 'other'],
  ]);
  const pairs = annotationPairs(given);
  expect(pairs).toEqual([
    ['index:c', 'commit'],
    ['manifest:c', 'other'],
    ['index,manifest-descriptor[linux/arm64]:k', 'v'],
  ]);
  const again = planAnnotations({}, pairs);
  expect(annotationPairs(again)).toEqual(pairs);
  expect(annotationPairs(given, ['index'])).toEqual([
    ['index:c', 'commit'],
    ['index:k', 'v'],
  ]);
});
