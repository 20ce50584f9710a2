import type { Policy } from '../policy.ts';

/** How long before its date an exception is announced. Milliseconds. */
const NOTICE_TIME = 14 * 24 * 60 * 60 * 1000;

/** An exception of the policy that ends soon. Texts of the policy file: escape them for display. */
export interface ExpiringException {
  /** `CVE-2026-0001 in pkg:npm/lodash@4.17.20`, `setuid /usr/bin/su`. */
  readonly what: string;
  readonly reason: string;
  readonly expires: Date;
  /** Location of the entry, for people: `.github/tidegate.yml:12`. Undefined if unknown. */
  readonly from?: string | undefined;
}

/**
 * Exceptions that still hold and end within NOTICE_TIME, the next one first: ignored findings, which fail the gate from
 * their date on, and allowed files. Announced for every image: an expired entry fails the gate whether or not it matches.
 */
export function expiringExceptions({ contents, ignore = [] }: Policy, now: Date): readonly ExpiringException[] {
  const entries: readonly (Omit<ExpiringException, 'expires'> & { readonly expires?: Date | undefined })[] = [
    ...ignore.map(({ expires, from, id, package: pattern, reason }) => ({
      ...{ what: `${id} in ${pattern}`, reason, expires, from },
    })),
    ...(contents?.allow ?? []).map(({ expires, kind, path, reason }) => ({ what: `${kind} ${path}`, reason, expires })),
  ];
  return entries
    .flatMap((entry) => {
      const ahead = (entry.expires?.getTime() ?? Number.NaN) - now.getTime();
      return entry.expires !== undefined && ahead > 0 && ahead <= NOTICE_TIME
        ? [{ ...entry, expires: entry.expires }]
        : [];
    })
    .toSorted((a, b) => a.expires.getTime() - b.expires.getTime());
}
