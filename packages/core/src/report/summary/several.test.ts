import { expect, test } from '@jest/globals';
import { TidegateError } from '../../error.ts';
import { type ImageResult, notJudged, severalFailed, severalMarkdown } from './several.ts';

const good: ImageResult = { image: 'a.example/a:1', reference: 'a.example/a@sha256:1', passed: true, details: 'Fine.' };
const bad: ImageResult = { image: 'a.example/b:1', passed: false, details: '<b>|not</b> signed' };
const words = { passed: 'verified', failed: 'must not be deployed' };

test('the verdict comes first, then the images that failed', () => {
  const text = severalMarkdown([good, bad], words);
  expect(text).toMatch(/^## ❌ 1 of 2 images must not be deployed\n/);
  expect(text.indexOf('❌ |')).toBeLessThan(text.indexOf('✅ |'));
  expect(text).not.toContain('<b>');
});

test('images that all passed are one line more', () => {
  expect(severalMarkdown([good, good], words)).toMatch(/^## ✅ 2 images verified\n/);
  const left = { ...good, image: 'values.yaml:3', reference: undefined, isLeft: true };
  const text = severalMarkdown([good, left], words);
  expect(text).toMatch(/^## ✅ 1 image verified, 1 left as it is\n/);
  expect(text).toMatch(/\n\| ⚠️ \|.*values.*\n\| ✅ \|/);
});

test('an error names the images that failed, but not hundreds', () => {
  expect(severalFailed([good, bad], 'failed')).toBe('1 of 2 images failed: a.example/b:1.');
  const many = Array.from({ length: 30 }, (_, at) => ({ ...bad, image: `image ${at}` }));
  expect(severalFailed(many, 'failed')).toMatch(/image 19 and 10 more\.$/);
});

test('without an answer from a registry there is no verdict', () => {
  const refused = new TidegateError('verification-failed', 'Not signed.');
  const silent = new TidegateError('registry-unreachable', 'No connection.', { next: 'Check the network.' });
  const gone = new TidegateError('registry-not-found', 'No such tag.');
  expect(notJudged([silent, silent], 3)).toMatchObject({
    id: 'registry-unreachable',
    message: 'No connection. 2 of 3 images could not be checked.',
    next: 'Check the network.',
  });
  expect(notJudged([silent], 1)?.message).toBe('No connection.');
  for (const causes of [[], [undefined], [silent, undefined], [refused, silent], [gone]]) {
    expect(notJudged(causes, 3)).toBeUndefined();
  }
});
