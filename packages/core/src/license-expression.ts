import picomatch from 'picomatch';
import parse, { type Expression, type License } from 'spdx-expression-parse';
import { TidegateError } from './error.ts';
import type { AllowLists } from './policy.ts';

/** Whether a licence is one that an entry of a policy means. */
type LicenseEntry = (license: License) => boolean;

/**
 * An entry of an allow or deny list: an SPDX licence, with an exception where it is meant (`GPL-2.0-only WITH
 * Classpath-exception-2.0`), several joined by OR, or a pattern of identifiers (`AGPL-*`). An entry without an exception
 * means the licence with any, too.
 * @throws TidegateError `bad-input` for what is none of these.
 */
export function licenseEntry(text: string): LicenseEntry {
  if (/^[A-Za-z0-9.*-]+$/.test(text) && text.includes('*')) {
    const matches = picomatch(text, { dot: true, nocase: true });
    return (license) => matches(identifierOf(license));
  }
  let meant: readonly License[];
  try {
    meant = choicesOf(parse(text));
  } catch (cause) {
    throw new TidegateError('bad-input', `${JSON.stringify(text.slice(0, 80))} is no SPDX licence.`, {
      next: 'Use the identifiers of spdx.org/licenses, such as MIT, Apache-2.0 or LGPL-2.1-or-later.',
      cause,
    });
  }
  return (license) =>
    meant.some(
      (each) =>
        identifierOf(each) === identifierOf(license) &&
        (each.exception === undefined || each.exception === license.exception),
    );
}

function choicesOf(expression: Expression): readonly License[] {
  if (!('conjunction' in expression)) return [expression];
  if (expression.conjunction === 'and') throw new Error('AND joins two licences, and an entry is one');
  return [...choicesOf(expression.left), ...choicesOf(expression.right)];
}

/** One spelling for what SPDX spells in three ways: `GPL-2.0` and `GPL-2.0+` are deprecated since list 3.0. */
function identifierOf({ license, plus }: License): string {
  const gnu = /^(?:A|L)?GPL-[0-9.]+$|^GFDL-[0-9.]+$/.test(license);
  if (plus) return gnu ? `${license}-or-later` : `${license}+`;
  return gnu ? `${license}-only` : license;
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

/** Of `A OR B` one must be allowed, whoever uses it may choose; of `A AND B` both. */
export function judgeLicense(text: string, lists: LicenseLists): LicenseJudgement {
  let expression: Expression;
  try {
    expression = parse(text);
  } catch {
    return { outcome: 'unknown' };
  }
  return judgeExpression(expression, lists);
}

function judgeExpression(expression: Expression, lists: LicenseLists): LicenseJudgement {
  if ('conjunction' in expression) {
    const left = judgeExpression(expression.left, lists);
    if (left.outcome === 'allowed' && expression.conjunction === 'or') return left;
    if (left.outcome !== 'allowed' && expression.conjunction === 'and') return left;
    return judgeExpression(expression.right, lists);
  }
  const license = `${identifierOf(expression)}${expression.exception ? ` WITH ${expression.exception}` : ''}`;
  if (lists.deny.some((entry) => entry(expression))) return { outcome: 'refused', license, why: 'denied' };
  const allowed = lists.allow.every((list) => list.some((entry) => entry(expression)));
  return allowed ? { outcome: 'allowed' } : { outcome: 'refused', license, why: 'not allowed' };
}
