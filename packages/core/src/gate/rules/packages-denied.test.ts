import { expect, test } from '@jest/globals';
import { failedRules, judge, resultsOf, soundEvidence, spoilt } from '../sound.fixture.ts';

test.each([
  ['another package', ['pkg:npm/left-pad'], 'pass'],
  ['by name', ['pkg:npm/minimist'], 'linux/amd64: minimist 1.2.3: pkg:npm/minimist is denied.'],
  ['by version', ['pkg:npm/minimist@1.2.3'], 'linux/amd64: minimist 1.2.3: pkg:npm/minimist@1.2.3 is denied.'],
  ['another version', ['pkg:npm/minimist@1.2.4'], 'pass'],
  ['by type', ['pkg:npm/left-pad', 'pkg:deb/**'], 'linux/amd64: libc6 2.36-9: pkg:deb/** is denied.'],
  ['everything', ['pkg:*/**'], 'linux/amd64: minimist 1.2.3 and 1 more: pkg:*/** is denied.'],
])('%s', (_, deniedPackages, said) => {
  const [result] = resultsOf(judge(soundEvidence(), { deniedPackages }), 'packages-denied');
  expect(result?.outcome === 'pass' ? 'pass' : result?.why).toBe(said);
});

test('fails without a catalog, and does not apply without a list', () => {
  const bare = spoilt('sbom', ({ components: _, ...sbom }) => sbom);
  expect(failedRules(judge(bare, { deniedPackages: ['pkg:npm/left-pad'] }))).toEqual(['packages-denied']);
  expect(resultsOf(judge(bare, { deniedPackages: [] }), 'packages-denied')[0]?.outcome).toBe('not-applicable');
});
