import { expect, test } from '@jest/globals';
import type { Component } from '../../evidence.ts';
import type { LicensePolicy } from '../../policy.ts';
import { failedRules, judge, resultsOf, spoilt, spoiltOnAmd64 } from '../sound.fixture.ts';

const licensed = (...licenses: readonly string[]): Component => ({
  name: 'tool',
  version: '1.0.0',
  type: 'npm',
  purl: 'pkg:npm/tool@1.0.0',
  licenses,
});
const listing = (components: readonly Component[]) =>
  spoiltOnAmd64('sbom', (sbom) => (sbom.format === 'syft' ? { ...sbom, components } : sbom));
const POLICY: LicensePolicy = { allow: [], deny: ['AGPL-*'], unknown: 'fail', except: [] };

test.each<[string, readonly string[], Partial<LicensePolicy>, string]>([
  ['not denied', ['MIT'], {}, 'pass'],
  ['denied', ['AGPL-3.0-only'], {}, 'linux/amd64: 1 package: tool 1.0.0 (AGPL-3.0-only is denied).'],
  ['one of two denied', ['MIT', 'AGPL-3.0-only'], {}, 'linux/amd64: 1 package: tool 1.0.0 (AGPL-3.0-only is denied).'],
  ['a choice', ['AGPL-3.0-only OR MIT'], {}, 'pass'],
  ['not allowed', ['MIT'], { allow: [['ISC']] }, 'linux/amd64: 1 package: tool 1.0.0 (MIT is not allowed).'],
  ['none', [], {}, 'linux/amd64: 1 package without a readable licence: tool 1.0.0.'],
  ['none, reported only', [], { unknown: 'report' }, 'pass'],
  ['no SPDX expression', ['see file'], {}, 'linux/amd64: 1 package without a readable licence: tool 1.0.0.'],
  ['an exception for the package', ['AGPL-3.0-only'], { except: ['pkg:npm/tool'] }, 'pass'],
  [
    'an exception for another',
    ['AGPL-3.0-only'],
    { except: ['pkg:npm/tools'] },
    'linux/amd64: 1 package: tool 1.0.0 (AGPL-3.0-only is denied).',
  ],
])('%s', (_, licenses, policy, said) => {
  const [result] = resultsOf(
    judge(listing([licensed(...licenses)]), { licenses: { ...POLICY, ...policy } }),
    'licenses-allowed',
  );
  expect(result?.outcome === 'pass' ? 'pass' : result?.why).toBe(said);
});

test('a policy about licences fails without a catalog', () => {
  const bare = spoilt('sbom', ({ components: _, ...sbom }) => sbom);
  expect(failedRules(judge(bare, { licenses: POLICY }))).toEqual(['licenses-allowed']);
});

test('does not apply where the policy says nothing of licences', () => {
  expect(resultsOf(judge(listing([])), 'licenses-allowed')[0]?.outcome).toBe('not-applicable');
});
