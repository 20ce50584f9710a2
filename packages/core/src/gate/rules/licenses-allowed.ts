import type { Component } from '../../evidence.ts';
import type { RuleResult } from '../../policy.ts';
import { purlPattern } from '../../purl/pattern.ts';
import { judgeLicense, licenseLists } from '../../spdx/license-expression.ts';
import { clipped, counted, listed } from '../../text/wording.ts';
import { ofComponents } from '../components.ts';
import { notApplicable, type RuleContext } from '../context.ts';

const MOST = 5;

/** The policy allows the licence of every package, and denies none of them. */
export function licensesAllowed(context: RuleContext): readonly RuleResult[] {
  const { licenses } = context.policy;
  if (!licenses) return notApplicable('licenses-allowed', 'The policy does not restrict licences.');
  const lists = licenseLists(licenses.allow, licenses.deny);
  const exceptions = licenses.except.map(purlPattern);
  const unknown = new Set<string>();
  return ofComponents(
    context,
    'licenses-allowed',
    (components) => {
      const refused: string[] = [];
      const unread: string[] = [];
      for (const component of components) {
        if (exceptions.some((matches) => matches(component))) continue;
        const judgements = component.licenses.map((text) => judgeLicense(text, lists));
        const no = judgements.find((each) => each.outcome === 'refused');
        if (no?.outcome === 'refused') refused.push(`${nameOf(component)} (${clipped(no.license)} is ${no.why})`);
        // A package whose licence is missing or unreadable may be under any licence.
        else if (judgements.length === 0 || judgements.some(({ outcome }) => outcome === 'unknown')) {
          unread.push(nameOf(component));
        }
      }
      for (const name of unread) unknown.add(name);
      return [
        ...(refused.length > 0 ? [`${counted(refused.length, 'package')}: ${listed(refused, MOST)}.`] : []),
        ...(unread.length > 0 && licenses.unknown === 'fail'
          ? [`${counted(unread.length, 'package')} without a readable licence: ${listed(unread, MOST)}.`]
          : []),
      ];
    },
    (count) => {
      const rest = unknown.size > 0 ? `; ${counted(unknown.size, 'package')} without a readable licence` : '';
      return `The licences of ${counted(count, 'package')} are allowed${rest}.`;
    },
  );
}

function nameOf({ name, version }: Component): string {
  return `${clipped(name)} ${clipped(version)}`;
}
