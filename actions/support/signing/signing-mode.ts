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
      "Signing mode: `keyless` with the job's identity, `key` with `key`, or `none`. Default: `key` if `key` is set, else `keyless`.",
  },
} as const satisfies Record<string, InputSpec>;

/**
 * How this run signs. The chosen mode must be possible: a secret that does not exist arrives as an empty key.
 * @throws TidegateError `bad-input`
 */
export function signingMode(signing: SigningMode | '', isKeyGiven: boolean): SigningMode {
  if (signing === 'key' && !isKeyGiven) throw keyMissing();
  if (signing !== '' && signing !== 'key' && isKeyGiven) {
    throw badInput(
      'input-conflict',
      'signing',
      signing,
      'key, because a key is set',
      `Set signing: key, or remove the key.`,
    );
  }
  return signing || (isKeyGiven ? 'key' : 'keyless');
}

function keyMissing(): TidegateError {
  return new TidegateError('key-missing', 'Input signing: got "key", but the signing key is empty.', {
    next: 'Check that the secret exists and is passed on, or set signing: keyless and grant `permissions: id-token: write`.',
  });
}

/** @throws TidegateError `bad-input` if the policy requires a signature */
export function assertMayBeUnsigned(mode: SigningMode, required: readonly string[]): void {
  if (mode !== 'none' || !required.includes('signature')) return;
  throw badInput(
    'input-not-in-policy',
    'signing',
    'none',
    'keyless or key, because the policy requires a signature',
    'Sign the image, or remove signature from evidence.require in the policy.',
  );
}
