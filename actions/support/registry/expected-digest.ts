import { badInput, isDigest, TidegateError } from '@tidegate/core';
import type { Target } from '@tidegate/pipeline';

/** Hold a layout against a digest that came another way. @throws TidegateError `integrity` when it is another image. */
export function assertExpected(target: Target, expected: string): void {
  if (expected === '') return;
  if (!isDigest(expected)) {
    throw badInput(
      'expected-digest',
      expected,
      'sha256: and 64 hex digits',
      'Pass on the digest output of another job.',
    );
  }
  const { digest } = target.image.root;
  if (digest === expected) return;
  throw new TidegateError('integrity', `${target.layout.name} holds ${digest}, expected ${expected}.`, {
    next: 'The layout is not the one that was built and scanned: find out who changed it on the way.',
  });
}
