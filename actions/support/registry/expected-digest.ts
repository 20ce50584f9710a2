import { badInput, isDigest, TidegateError } from '@tidegate/core';
import type { Target } from '@tidegate/pipeline';
import type { InputSpec } from '@tidegate/runner';

export const expectedLayoutInput = {
  'expected-layout-digest': {
    type: 'string',
    description:
      'Digest of the layout with its evidence, from the output `layout-digest` of `scan-image` in a trusted job.',
  },
} as const satisfies Record<string, InputSpec>;

/** Compare a layout with a digest from a trusted job. @throws TidegateError `integrity` if it is another image. */
export function assertExpected(target: Target, expected: string, input = 'expected-digest'): void {
  if (expected === '') return;
  assertDigest(input, expected);
  const { digest } = target.image.root;
  if (digest === expected) return;
  throw changed(`${target.layout.name} contains ${digest}, expected ${expected}.`);
}

/**
 * Compare a layout and all evidence in it with a digest from a trusted job.
 * @throws TidegateError `integrity` if anything was added, removed or replaced
 */
export async function assertExpectedLayout({ layout }: Target, expected: string): Promise<void> {
  if (expected === '') return;
  assertDigest('expected-layout-digest', expected);
  const digest = await layout.digest();
  if (digest !== expected) throw changed(`The layout ${layout.name} has the digest ${digest}, expected ${expected}.`);
}

function assertDigest(input: string, text: string): void {
  if (isDigest(text)) return;
  const next = 'Pass on the output of another job.';
  throw badInput('input-format-wrong', input, text, 'sha256: and 64 hex digits', next);
}

function changed(message: string): TidegateError {
  return new TidegateError('layout-of-other-image', message, {
    next: 'Find the job that changed the layout: it is not the one that was built and scanned.',
  });
}
