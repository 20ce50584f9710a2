import { expect, test } from '@jest/globals';
import { TidegateError } from '../error.ts';
import { judgeLicense, licenseEntry, licenseLists } from './license-expression.ts';

const said = (text: string, allow: readonly (readonly string[])[], deny: readonly string[]) => {
  const judgement = judgeLicense(text, licenseLists(allow, deny));
  return judgement.outcome === 'refused' ? `${judgement.license} ${judgement.why}` : judgement.outcome;
};

test.each([
  ['MIT', [['MIT']], [], 'allowed'],
  ['MIT', [], [], 'allowed'],
  ['MIT', [['Apache-2.0']], [], 'MIT not allowed'],
  ['MIT', [['MIT'], ['Apache-2.0']], [], 'MIT not allowed'],
  ['MIT OR GPL-3.0-only', [['MIT']], [], 'allowed'],
  ['GPL-3.0-only OR MIT', [['MIT']], [], 'allowed'],
  ['MIT AND GPL-3.0-only', [['MIT']], [], 'GPL-3.0-only not allowed'],
  ['(MIT AND ISC) OR AGPL-3.0-only', [], ['MIT', 'AGPL-3.0-only'], 'AGPL-3.0-only denied'],
  ['GPL-2.0', [], ['GPL-2.0-only'], 'GPL-2.0-only denied'],
  ['GPL-2.0+', [], ['GPL-2.0-or-later'], 'GPL-2.0-or-later denied'],
  ['GPL-2.0-or-later', [], ['GPL-2.0-only'], 'allowed'],
  ['AGPL-3.0-or-later', [], ['AGPL-*'], 'AGPL-3.0-or-later denied'],
  ['LGPL-2.1-only', [], ['GPL-*'], 'allowed'],
  ['GPL-2.0-only WITH Classpath-exception-2.0', [['GPL-2.0-only']], [], 'allowed'],
  ['GPL-2.0-only', [['GPL-2.0-only WITH Classpath-exception-2.0']], [], 'GPL-2.0-only not allowed'],
  ['GPL-2.0-only WITH Classpath-exception-2.0', [['GPL-2.0-only WITH Classpath-exception-2.0']], [], 'allowed'],
  ['ISC', [['MIT OR ISC']], [], 'allowed'],
  ['LicenseRef-acme', [['MIT']], [], 'LicenseRef-acme not allowed'],
  ['GPL-2+', [['MIT']], [], 'unknown'],
  // Identifiers are not case-sensitive, on either side.
  ['(mit AND agpl-3.0-only)', [], ['AGPL-*'], 'AGPL-3.0-only denied'],
  ['(mit and agpl-3.0-only)', [], ['agpl-*'], 'AGPL-3.0-only denied'],
  ['apache-2.0', [['Apache-2.0']], [], 'allowed'],
  ['Apache-2.0', [['apache-2.0']], [], 'allowed'],
  ['licenseref-ACME', [['LicenseRef-acme']], [], 'allowed'],
  ['GPL-2.0-ONLY WITH classpath-exception-2.0', [['GPL-2.0-only WITH Classpath-exception-2.0']], [], 'allowed'],
  // `-or-later` and `+` include later versions.
  ['GPL-3.0-only', [], ['GPL-2.0-or-later'], 'GPL-3.0-only denied'],
  ['GPL-2.0-only', [], ['GPL-3.0-or-later'], 'allowed'],
  ['GPL-3.0', [], ['GPL-2.0+'], 'GPL-3.0-only denied'],
  ['GPL-2.0+', [['GPL-2.0-or-later']], [], 'allowed'],
  ['GPL-2.0-or-later', [['GPL-2.0-only']], [], 'allowed'],
  ['GPL-2.0-or-later', [['GPL-3.0-only']], [], 'allowed'],
  ['GPL-3.0-or-later', [['GPL-2.0-only']], [], 'GPL-3.0-or-later not allowed'],
  ['GPL-2.0-or-later', [], ['GPL-3.0-or-later'], 'allowed'],
  ['GPL-2.0-or-later', [['GPL-2.0-only'], ['GPL-3.0-only']], [], 'GPL-2.0-or-later not allowed'],
  ['GPL-2.0-or-later', [['GPL-*']], ['GPL-2.0-only'], 'allowed'],
  ['GPL-2.0-or-later', [], ['GPL-2.0*'], 'GPL-2.0-or-later denied'],
  ['GPL-2.0-or-later', [], ['*-or-later'], 'GPL-2.0-or-later denied'],
  ['Apache-1.1+', [['Apache-2.0']], [], 'allowed'],
  ['Apache-2.0', [], ['Apache-1.1+'], 'Apache-2.0 denied'],
  ['MPL-2.0', [], ['MPL-1.1+'], 'MPL-2.0 denied'],
  ['LGPL-3.0-only', [], ['LGPL-2.1-or-later'], 'LGPL-3.0-only denied'],
  ['CC-BY-SA-4.0', [], ['CC-BY-3.0+'], 'allowed'],
  ['OLDAP-2.2.1', [], ['OLDAP-2.2+'], 'OLDAP-2.2.1 denied'],
  ['MIT+', [['MIT']], [], 'allowed'],
  // The old names of licences that have an exception.
  ['GPL-2.0-with-classpath-exception', [['GPL-2.0-only WITH Classpath-exception-2.0']], [], 'allowed'],
  ['GPL-3.0-with-GCC-exception', [], ['GPL-3.0-only'], 'GPL-3.0-only WITH GCC-exception-3.1 denied'],
  // A custom addition may remove rights: it is allowed only by its own name, and denied with its licence.
  ['Apache-2.0 WITH LLVM-exception', [['Apache-2.0']], [], 'allowed'],
  ['Apache-2.0 WITH AdditionRef-no-sale', [['Apache-2.0']], [], 'Apache-2.0 WITH AdditionRef-no-sale not allowed'],
  ['Apache-2.0 WITH AdditionRef-no-sale', [['Apache-*']], [], 'Apache-2.0 WITH AdditionRef-no-sale not allowed'],
  ['Apache-2.0 WITH AdditionRef-ours', [['Apache-2.0 WITH AdditionRef-ours']], [], 'allowed'],
  [
    'Apache-2.0 WITH DocumentRef-a:AdditionRef-ours',
    [['MIT']],
    ['Apache-2.0'],
    'Apache-2.0 WITH DocumentRef-a:AdditionRef-ours denied',
  ],
  // A text that is not an expression can still name a denied licence.
  ['MIT / AGPL-3.0-only', [], ['AGPL-*'], 'AGPL-3.0-only denied'],
  ['AGPL-3.0-only,', [], ['AGPL-3.0-or-later'], 'AGPL-3.0-only denied'],
  ['MIT / ISC', [], ['AGPL-*'], 'unknown'],
  ['MIT ISC', [['MIT']], [], 'unknown'],
  ['MIT AND', [['MIT']], [], 'unknown'],
  ['(MIT', [['MIT']], [], 'unknown'],
  ['MIT)', [['MIT']], [], 'unknown'],
  ['GPL-2.0-only+', [], [], 'unknown'],
  ['GPL-2.0 +', [], [], 'unknown'],
  ['MIT WITH MIT', [], [], 'unknown'],
  ['NONE', [], [], 'unknown'],
  ['sha256:abc', [], [], 'unknown'],
  ['', [], [], 'unknown'],
])('%j under allow %j, deny %j: %s', (text, allow, deny, expected) => {
  expect(said(text, allow, deny)).toBe(expected);
});

test('an expression of any length and depth is judged or refused, and never a stack too deep', () => {
  const long = Array.from({ length: 5000 }, () => 'MIT').join(' OR ');
  expect(said(long, [['MIT']], [])).toBe('allowed');
  expect(said(`${'('.repeat(90)}MIT${')'.repeat(90)}`, [['MIT']], [])).toBe('allowed');
  expect(said(`${'('.repeat(30_000)}MIT${')'.repeat(30_000)}`, [['MIT']], [])).toBe('unknown');
  expect(said('('.repeat(60_000), [['MIT']], [])).toBe('unknown');
  expect(said('MIT '.repeat(100_000), [['MIT']], [])).toBe('unknown');
});

test.each(['MIT AND ISC', 'GPL 2', '', 'MIT OR', 'Apache-2', 'MIT WITH nothing'])('%j is no entry', (text) => {
  expect(() => licenseEntry(text)).toThrow(TidegateError);
});
