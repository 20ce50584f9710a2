import { badInput } from '@tidegate/core';
import type { InputSpec } from '@tidegate/runner';

export const keepScansInput = {
  'keep-scans': {
    type: 'string',
    default: '10',
    description:
      'Number of scans and verdicts by this signer to keep on each manifest. Older ones are removed where the registry allows it. `0`: keep all.',
  },
} as const satisfies Record<string, InputSpec>;

/** @throws TidegateError `bad-input` */
export function keepScansOf(inputs: { readonly 'keep-scans': string }): number {
  const text = inputs['keep-scans'];
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw badInput(
    'input-format-wrong',
    'keep-scans',
    text,
    'a whole number from 0 to 9999',
    'Write for example 10, or 0 to keep all.',
  );
}
