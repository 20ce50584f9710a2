import { TidegateError } from '../error.ts';
import type { AllowLists } from '../policy.ts';
import { glob } from '../text/glob.ts';
import { quoted } from '../text/wording.ts';
import { type License, type LicenseExpression, parseLicenseExpression } from './parse.ts';
import { spelled, versionsOf } from './versions.ts';

/** Whether an entry of a policy matches a licence of one exact version. */
type LicenseEntry = (license: License, asWritten: License) => boolean;

/**
 * An entry of an allow or deny list: an SPDX licence, optionally with an exception (`GPL-2.0-only WITH
 * Classpath-exception-2.0`), several joined by OR, or a pattern of identifiers (`AGPL-*`). An entry without an
 * exception also matches the licence with any exception of the SPDX list. Identifiers are not case-sensitive.
 * @throws TidegateError `bad-input` for anything else.
 */
export function licenseEntry(text: string): LicenseEntry {
  if (/^[A-Za-z0-9.*-]{1,100}$/.test(text) && text.includes('*')) {
    const matches = glob(text.toLowerCase());
    return (license, asWritten) =>
      [license, asWritten].some((each) => matches(spelled({ ...each, exception: undefined }).toLowerCase()));
  }
  const meant = parseLicenseExpression(text);
  const choices = meant && choicesOf(meant);
  if (!choices) {
    throw new TidegateError('policy-invalid', `${quoted(text)} is not an SPDX licence.`, {
      next: 'Use the identifiers of spdx.org/licenses, such as MIT, Apache-2.0 or LGPL-2.1-or-later; combine several with OR.',
    });
  }
  const versions = choices.flatMap((each) => versionsOf(each));
  return (license) =>
    versions.some(
      (each) =>
        isSame(each.id, license.id) && (each.exception === undefined || isSame(each.exception, license.exception)),
    );
}

function isSame(a: string, b: string | undefined): boolean {
  return a.toLowerCase() === b?.toLowerCase();
}

function choicesOf(expression: LicenseExpression): readonly License[] | undefined {
  if (expression.kind === 'license') return [expression.license];
  if (expression.kind === 'all') return undefined;
  const choices = expression.of.map(choicesOf);
  return choices.every((each) => each !== undefined) ? choices.flat() : undefined;
}

export type LicenseJudgement =
  | { readonly outcome: 'allowed' }
  /** The part of the expression that is not allowed. */
  | { readonly outcome: 'refused'; readonly license: string; readonly why: 'denied' | 'not allowed' }
  | { readonly outcome: 'unknown' };

export interface LicenseLists {
  readonly allow: readonly (readonly LicenseEntry[])[];
  readonly deny: readonly LicenseEntry[];
}

export function licenseLists(allow: AllowLists, deny: readonly string[]): LicenseLists {
  return { allow: allow.map((list) => list.map(licenseEntry)), deny: deny.map(licenseEntry) };
}

/**
 * Of `A OR B` one must be allowed, because the user of the package may choose; of `A AND B` both. `GPL-2.0-or-later` is
 * a choice as well: that version or any later one. A text that is not an expression, but names a denied licence, is
 * rejected.
 */
export function judgeLicense(text: string, lists: LicenseLists): LicenseJudgement {
  const expression = parseLicenseExpression(text);
  if (expression) return judgeExpression(expression, lists);
  for (const word of new Set(text.slice(0, 10_000).split(/[^A-Za-z0-9.+-]+/))) {
    const named = parseLicenseExpression(word);
    if (named?.kind === 'license' && isDenied(named.license, lists)) return refused(named.license, 'denied');
  }
  return { outcome: 'unknown' };
}

function judgeExpression(expression: LicenseExpression, lists: LicenseLists): LicenseJudgement {
  if (expression.kind === 'license') return judgeOne(expression.license, lists);
  const enough = expression.kind === 'any' ? 'allowed' : 'refused';
  let last: LicenseJudgement = { outcome: 'unknown' };
  for (const part of expression.of) {
    last = judgeExpression(part, lists);
    if (last.outcome === enough) return last;
  }
  return last;
}

function judgeOne(license: License, lists: LicenseLists): LicenseJudgement {
  if (isDenied(license, lists)) return refused(license, 'denied');
  const allowed = versionsOf(license).some(
    (version) =>
      !lists.deny.some((entry) => entry(version, version)) &&
      lists.allow.every((list) => list.some((entry) => allows(entry, version, license))),
  );
  return allowed ? { outcome: 'allowed' } : refused(license, 'not allowed');
}

/** A pattern that matches the licence as written denies it, whatever versions it includes. */
function isDenied(license: License, { deny }: LicenseLists): boolean {
  return versionsOf(license).every((version) => deny.some((entry) => entry(version, license)));
}

/** A custom addition may remove rights as well as grant them: only an entry that names it allows it. */
function allows(entry: LicenseEntry, version: License, asWritten: License): boolean {
  if (!isOwnAddition(version)) return entry(version, asWritten);
  return entry(version, asWritten) && !entry({ ...version, exception: 'none' }, { ...asWritten, exception: 'none' });
}

function isOwnAddition({ exception }: License): boolean {
  return exception !== undefined && /AdditionRef-/i.test(exception);
}

function refused(license: License, why: 'denied' | 'not allowed'): LicenseJudgement {
  return { outcome: 'refused', license: spelled(license), why };
}
