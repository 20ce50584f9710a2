import { expect, test } from '@jest/globals';
import { TidegateError } from './error.ts';
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
  ['sha256:abc', [], [], 'unknown'],
  ['', [], [], 'unknown'],
])('%j under allow %j, deny %j: %s', (text, allow, deny, expected) => {
  expect(said(text, allow, deny)).toBe(expected);
});

test.each(['mit', 'MIT AND ISC', 'GPL 2', '', 'MIT OR', 'Apache-2', 'MIT WITH nothing'])('%j is no entry', (text) => {
  expect(() => licenseEntry(text)).toThrow(TidegateError);
});
