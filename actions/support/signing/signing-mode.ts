import { badInput, TidegateError } from '@tidegate/core';
import type { InputSpec } from '@tidegate/runner';

const SIGNING_MODES = ['keyless', 'key', 'none'] as const;
export type SigningMode = (typeof SIGNING_MODES)[number];

export const signingModeInput = {
  signing: {
    type: 'choice',
    optional: true,
    choices: SIGNING_MODES,
    description:
      "How to sign: `keyless` with the job's identity, `key` with `key`, or `none`. Default: `key` when `key` is given, else `keyless`.",
  },
} as const satisfies Record<string, InputSpec>;

/**
 * How this run signs. What is said must be possible: a secret that does not exist arrives as an empty key.
 * @throws TidegateError `bad-input`
 */
export function signingMode(signing: SigningMode | '', isKeyGiven: boolean): SigningMode {
  if (signing === 'key' && !isKeyGiven) throw keyMissing();
  if (signing !== '' && signing !== 'key' && isKeyGiven) {
    throw badInput('signing', signing, 'key, because a key is given', `Write signing: key, or remove the key.`);
  }
  return signing || (isKeyGiven ? 'key' : 'keyless');
}

function keyMissing(): TidegateError {
  return new TidegateError('bad-input', 'Input signing: got "key", but the signing key is empty.', {
    next: 'Check that the secret exists and is passed on, or write signing: keyless and grant `permissions: id-token: write`.',
  });
}

/** @throws TidegateError `bad-input` where the policy wants what `none` leaves out */
export function assertMayBeUnsigned(mode: SigningMode, required: readonly string[]): void {
  if (mode !== 'none' || !required.includes('signature')) return;
  throw badInput(
    'signing',
    'none',
    'keyless or key, because the policy requires a signature',
    'Sign, or leave signature out of evidence.require in the policy.',
  );
}
