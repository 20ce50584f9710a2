import { badInput, isDigest, TidegateError } from '@tidegate/core';
import type { Target } from '@tidegate/pipeline';

/** Compare a layout with a digest from a trusted job. @throws TidegateError `integrity` if it is another image. */
export function assertExpected(target: Target, expected: string): void {
  if (expected === '') return;
  if (!isDigest(expected)) {
    throw badInput(
      'input-format-wrong',
      'expected-digest',
      expected,
      'sha256: and 64 hex digits',
      'Pass on the digest output of another job.',
    );
  }
  const { digest } = target.image.root;
  if (digest === expected) return;
  throw new TidegateError('layout-of-other-image', `${target.layout.name} contains ${digest}, expected ${expected}.`, {
    next: 'Find the job that changed the layout: it is not the one that was built and scanned.',
  });
}
