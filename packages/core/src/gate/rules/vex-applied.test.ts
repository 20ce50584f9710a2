import { expect, test } from '@jest/globals';
import { hexOf } from '../../image/digest.ts';
import { readPurl } from '../../purl/purl.ts';
import type { VexProduct, VexStatement } from '../../vex/statement.ts';
import {
  AMD64,
  ARM64,
  ago,
  DAY,
  failedRules,
  finding,
  HOUR,
  IMAGE,
  judge,
  resultsOf,
  scanned,
} from '../sound.fixture.ts';

const found = finding({
  id: 'GHSA-aaaa-bbbb-cccc',
  aliases: ['CVE-2026-0001'],
  package: { name: 'minimist', version: '1.2.3', type: 'npm', purl: 'pkg:npm/minimist@1.2.3' },
});
const product = (purl: string, image?: string): VexProduct => {
  const named = readPurl(purl);
  return { name: purl, ...(named ? { package: named } : {}), ...(image ? { image } : {}) };
};
const MINIMIST = product('pkg:npm/minimist@1.2.3');
const hex = (digest: (typeof AMD64)['descriptor']['digest']) => hexOf(digest);
const statement = (over: Partial<VexStatement> = {}): VexStatement => ({
  from: 'app.vex.json, statement 1',
  ids: ['CVE-2026-0001'],
  products: [MINIMIST],
  status: 'not_affected',
  justification: 'vulnerable_code_not_in_execute_path',
  at: ago(DAY),
  ...over,
});
const silent = (...vex: readonly VexStatement[]) =>
  !failedRules(judge(scanned([found]), { vex })).includes('severity-threshold');

test.each<[string, boolean, readonly VexStatement[]]>([
  ['not affected, by an alias', true, [statement()]],
  ['not affected, by its own id', true, [statement({ ids: ['GHSA-aaaa-bbbb-cccc'] })]],
  ['fixed', true, [statement({ status: 'fixed' })]],
  ['affected', false, [statement({ status: 'affected' })]],
  ['under investigation', false, [statement({ status: 'under_investigation' })]],
  ['another vulnerability', false, [statement({ ids: ['CVE-2026-0002'] })]],
  ['another version', false, [statement({ products: [product('pkg:npm/minimist@1.2.4')] })]],
  ['no version', false, [statement({ products: [product('pkg:npm/minimist')] })]],
  ['another type', false, [statement({ products: [product('pkg:pypi/minimist@1.2.3')] })]],
  [
    'a qualifier the package does not have',
    false,
    [statement({ products: [product('pkg:npm/minimist@1.2.3?arch=amd64')] })],
  ],
  ['no package', false, [statement({ products: [{ name: 'an image', image: hex(AMD64.descriptor.digest) }] })]],
  ['this image', true, [statement({ products: [product('pkg:npm/minimist@1.2.3', hex(AMD64.descriptor.digest))] })]],
  [
    'the index it belongs to',
    true,
    [statement({ products: [product('pkg:npm/minimist@1.2.3', hex(IMAGE.root.digest))] })],
  ],
  [
    'another platform of it',
    false,
    [statement({ products: [product('pkg:npm/minimist@1.2.3', hex(ARM64.descriptor.digest))] })],
  ],
  ['another image', false, [statement({ products: [product('pkg:npm/minimist@1.2.3', 'ab'.repeat(32))] })]],
  ['without a justification', false, [statement({ justification: undefined } as unknown as VexStatement)]],
  ['from a clock half an hour ahead', true, [statement({ at: ago(-HOUR / 2) })]],
  ['from tomorrow', false, [statement({ at: ago(-DAY) })]],
  ['without a time', false, [statement({ at: new Date(Number.NaN) })]],
  ['not affected, and from tomorrow affected', false, [statement(), statement({ status: 'affected', at: ago(-DAY) })]],
  ['affected, and later not', true, [statement({ status: 'affected', at: ago(2 * DAY) }), statement()]],
  ['not affected, and later affected', false, [statement(), statement({ status: 'affected', at: ago(HOUR) })]],
  ['both at one time', false, [statement({ status: 'affected' }), statement()]],
  ['both at one time, the other way round', false, [statement(), statement({ status: 'affected' })]],
])('a statement suppresses a finding: %s: %s', (_, suppresses, vex) => expect(silent(...vex)).toBe(suppresses));

test('a package without a package URL is suppressed by no statement', () => {
  const { purl: _, ...nameless } = found.package;
  const verdict = judge(scanned([{ ...found, package: nameless }]), { vex: [statement()] });
  expect(failedRules(verdict)).toEqual(['severity-threshold']);
});

test('the verdict names the statement that suppressed a finding', () => {
  expect(resultsOf(judge(scanned([found]), { vex: [statement()] }), 'vex-applied')).toEqual([
    {
      rule: 'vex-applied',
      outcome: 'pass',
      why: '1 finding suppressed: GHSA-aaaa-bbbb-cccc in minimist 1.2.3 (not_affected: vulnerable_code_not_in_execute_path; app.vex.json, statement 1).',
    },
  ]);
});

test.each(['pkg:npm/minimist', 'pkg:oci/app'])('a statement about %s would suppress nothing, and says so', (purl) => {
  const verdict = judge(scanned([]), { vex: [statement({ products: [product(purl)] })] });
  expect(failedRules(verdict)).toEqual(['vex-applied']);
  expect(resultsOf(verdict, 'vex-applied')[0]?.why).toContain('app.vex.json, statement 1 (CVE-2026-0001)');
});

test('a statement that cannot be read is reported, and fails nothing', () => {
  const unusableVex = [{ from: 'app.vex.json, statement 2', why: 'VEX app.vex.json, statement 2: status is missing.' }];
  const [result] = resultsOf(judge(scanned([]), { vex: [statement()], unusableVex }), 'vex-applied');
  expect(result?.outcome).toBe('pass');
  expect(result?.why).toBe(
    '1 statement, none about a finding of this image. 1 statement not used: VEX app.vex.json, statement 2: status is missing.',
  );
});

test('statements about nothing that was found pass, and no document does not apply', () => {
  expect(resultsOf(judge(scanned([]), { vex: [statement()] }), 'vex-applied')[0]?.why).toBe(
    '1 statement, none about a finding of this image.',
  );
  expect(resultsOf(judge(scanned([])), 'vex-applied')[0]?.outcome).toBe('not-applicable');
});
