import { badInput } from '@tidegate/core';

/**
 * Keyless signatures are verified before any tag is set, and only the public good instance's root is built in.
 * @throws TidegateError `bad-input`
 */
export function assertRootGiven(inputs: { readonly 'signing-config': string; readonly 'trusted-root': string }): void {
  const { 'signing-config': config, 'trusted-root': root } = inputs;
  if (config === 'public-good' || root !== '') return;
  throw badInput(
    'trusted-root-unusable',
    'trusted-root',
    root,
    `the trusted root of signing-config ${config}`,
    'Write the path or https URL of its trusted_root.json: signatures are verified before any tag is set.',
  );
}
