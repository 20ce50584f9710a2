import * as v from 'valibot';

/**
 * Grype's built-in ignore rules, which it always applies (cmd/grype/cli/commands/root.go): packages of kernel headers
 * match every advisory about the kernel they were built from, but do not contain that kernel.
 */
const KERNEL_HEADERS = new Set([
  'rpm kernel-headers kernel',
  'deb linux(-.*)?-headers-.* linux.*',
  'deb linux-libc-dev linux',
  'deb linux-kbuild-.* linux.*',
]);

const Ignored = v.looseObject({
  appliedIgnoreRules: v.pipe(
    v.array(
      // Strict: a rule with additional fields, such as an advisory, is not one of Grype's own.
      v.strictObject({
        namespace: v.optional(v.literal('')),
        package: v.strictObject({
          name: v.string(),
          language: v.optional(v.literal('')),
          type: v.string(),
          'upstream-name': v.string(),
        }),
        'match-type': v.literal('exact-indirect-match'),
      }),
    ),
    v.minLength(1),
  ),
});

/**
 * @returns number of Grype's `ignoredMatches` that were ignored for another reason than Grype's own kernel-header rules
 */
export function suppressedBy(ignoredMatches: readonly unknown[]): number {
  return ignoredMatches.filter((match) => !isKernelHeaders(match)).length;
}

function isKernelHeaders(match: unknown): boolean {
  const result = v.safeParse(Ignored, match);
  return (
    result.success &&
    result.output.appliedIgnoreRules.every(({ package: { type, name, 'upstream-name': upstream } }) =>
      KERNEL_HEADERS.has(`${type} ${name} ${upstream}`),
    )
  );
}
