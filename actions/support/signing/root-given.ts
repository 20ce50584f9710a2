import { badInput } from '@tidegate/core';

/**
 * Keyless signatures are verified before anything has a tag, and only the public good instance's root is known here.
 * @throws TidegateError `bad-input`
 */
export function assertRootGiven(inputs: { readonly 'signing-config': string; readonly 'trusted-root': string }): void {
  const { 'signing-config': config, 'trusted-root': root } = inputs;
  if (config === 'public-good' || root !== '') return;
  throw badInput(
    'trusted-root',
    root,
    `the trusted root that belongs to signing-config ${config}`,
    'Give the path or https URL of its trusted_root.json: what is signed is verified before anything has a tag.',
  );
}
