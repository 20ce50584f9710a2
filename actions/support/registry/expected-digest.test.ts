import { expect, test } from '@jest/globals';
import type { Target } from '@tidegate/pipeline';
import { assertExpected } from './expected-digest.ts';

const [digest, other] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];
const target = { layout: { name: '/tmp/layout' }, image: { root: { digest } } } as unknown as Target;

test('the image that another job built is accepted', () => {
  expect(() => assertExpected(target, digest)).not.toThrow();
  expect(() => assertExpected(target, '')).not.toThrow();
});

test('another image is refused', () => {
  expect(() => assertExpected(target, other)).toThrow(
    expect.objectContaining({
      id: 'layout-of-other-image',
      message: `/tmp/layout contains ${digest}, expected ${other}.`,
    }),
  );
});

test('a value that is not a digest is an input error', () => {
  expect(() => assertExpected(target, 'latest')).toThrow(expect.objectContaining({ id: 'input-format-wrong' }));
});
