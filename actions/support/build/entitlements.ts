import { badInput, ENTITLEMENTS, type Entitlement, type SourcePolicy, TidegateError } from '@tidegate/core';

/** `device=NAME` is a part of the privilege `device`. */
function privilegeOf(text: string): Entitlement {
  const known = ENTITLEMENTS.find((one) => text === one || (one === 'device' && text.startsWith('device=')));
  if (known !== undefined) return known;
  throw badInput(
    'input-value-not-allowed',
    'allow',
    text,
    ENTITLEMENTS.join(', '),
    'Write one privilege per line; a single device is device=NAME.',
  );
}

/**
 * A privileged step has root on the runner: it can read the credentials of later steps, and change what they run. So
 * the workflow alone does not grant it; the policy must, which may extend one of the organisation.
 * @throws TidegateError `bad-input` for a privilege that the policy does not list
 */
export function assertEntitled(allow: readonly string[], { entitlements = [] }: SourcePolicy): void {
  for (const text of allow) {
    const privilege = privilegeOf(text);
    if (entitlements.includes(privilege)) continue;
    throw new TidegateError('build-privilege', `Input allow: the policy does not grant ${privilege} to the build.`, {
      next: `Add ${privilege} to build.entitlements in the policy, and in each policy that it extends, or remove it from allow.`,
    });
  }
}

/** The privileges without which our own BuildKit must be started, sorted. */
export function privilegesOf(allow: readonly string[]): readonly Entitlement[] {
  return [...new Set(allow.map(privilegeOf))].toSorted();
}
