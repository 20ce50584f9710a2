import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../finding.ts';
import { DAY, finding, IMAGE, judge, NOW, STRICT, spoilt } from '../../gate/sound.fixture.ts';
import { suppress } from '../../gate/suppressed.ts';
import type { Policy } from '../../policy.ts';
import { effectivePolicy } from '../../policy-file/effective.ts';
import { readPolicyFile } from '../../policy-file/read.ts';
import type { SummaryFacts } from './facts.ts';
import { summaryMarkdown } from './summary.ts';
import { fold } from './words.fixture.ts';

const TITLE = 'To accept a finding for a time';

function refused(findings: readonly Finding[], policy: Policy = STRICT): string {
  const evidence = spoilt('scan', (each) => ({ ...each, findings, scannerTripped: true }));
  const platforms = evidence.flatMap((each) =>
    each.kind === 'scan' ? [{ platform: 'linux/amd64', scan: { ...each, findings } }] : [],
  );
  const facts: SummaryFacts = { name: 'ghcr.io/acme/app', image: IMAGE, verdict: judge(evidence), policy, platforms };
  return summaryMarkdown(facts);
}

const entriesIn = (summary: string, title = TITLE) =>
  /```yaml\n(ignore:\n[\s\S]*?)\n```/.exec(fold(summary, title))?.[1];

const PACKAGE = {
  name: 'openssl',
  version: '3.0.11-1~deb12u2',
  type: 'deb',
  purl: 'pkg:deb/debian/openssl@3.0.11-1~deb12u2?arch=amd64&distro=debian-12',
};
const critical = (over: Partial<Finding> = {}) => finding({ severity: 'critical', package: PACKAGE, ...over });
const openssl = critical({ id: 'CVE-2026-1' });

describe('the entries that a refused image offers', () => {
  test('are read by the policy file, and suppress the finding', async () => {
    const offered = String(entriesIn(refused([openssl]))).replace('reason: ""', 'reason: Not reachable.');
    const { policy } = await readEntries(`version: 1\n${offered}\n`);
    const { counted, suppressed } = suppress(policy, IMAGE, IMAGE.root.digest, [openssl], NOW);
    expect([counted, suppressed.map(({ reason }) => reason)]).toEqual([[], ['Not reachable.']]);
  });

  test('are no entries before a reason is written', async () => {
    await expect(readEntries(`version: 1\n${entriesIn(refused([openssl]))}\n`)).rejects.toThrow(/reason/);
  });

  test('expire after a month, or as early as the policy demands', () => {
    const days = (text: string) => /expires: (\S+)/.exec(text)?.[1];
    const after = (count: number) => new Date(NOW.getTime() + count * DAY).toISOString().slice(0, 10);
    expect(days(refused([openssl]))).toBe(after(30));
    expect(days(refused([openssl], { ...STRICT, maxIgnoreTime: 7 * DAY }))).toBe(after(7));
  });

  test('are five at most, and the title says how many there would be', () => {
    const many = Array.from({ length: 8 }, (_, at) => critical({ id: `CVE-2026-${at}` }));
    expect(entriesIn(refused(many), `${TITLE} (5 of 8)`)?.match(/- id:/g)).toHaveLength(5);
  });

  test.each([
    ['a name with line breaks and fences', 'CVE-1\n```\n# heading'],
    ['a quote', 'CVE-"1'],
  ])('hold %s on its line', (_, id) => {
    const offered = entriesIn(refused([critical({ id })]));
    expect(offered?.split('\n')).toHaveLength(5);
  });

  test.each([
    ['whose version is a wildcard', 'pkg:npm/lodash@%2A'],
    ['whose name is a wildcard', 'pkg:npm/%2A%2A@4.17.20'],
    ['whose type is a wildcard', 'pkg:*/lodash@4.17.20'],
    ['without a version', 'pkg:npm/lodash'],
    ['whose version is behind the beginning of its qualifiers', 'pkg:npm/lodash?x@4.17.20'],
  ])('are none that accept more than the finding: for a package URL %s', (_, purl) => {
    expect(refused([critical({ package: { name: 'lodash', version: '4.17.20', type: 'npm', purl } })])).not.toContain(
      TITLE,
    );
  });

  test('are not offered without findings that fail the gate, nor for a package without a package URL', () => {
    expect(refused([])).not.toContain(TITLE);
    const nameless = critical({ package: { ...PACKAGE, purl: undefined } });
    expect(refused([nameless])).not.toContain(TITLE);
  });
});

async function readEntries(text: string) {
  const file = await readPolicyFile(Buffer.from(text), '.github/tidegate.yml');
  return effectivePolicy(file);
}
