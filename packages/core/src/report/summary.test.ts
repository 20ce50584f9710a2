import { describe, expect, test } from '@jest/globals';
import { packageKey } from '../cause/cause.ts';
import type { Finding, ScanEvidence } from '../evidence.ts';
import { FULL } from '../gate/full-policy.fixture.ts';
import { DAY, finding, IMAGE, judge, NOW, STRICT, scanned, soundEvidence, spoilt } from '../gate/sound.fixture.ts';
import type { Policy } from '../policy.ts';
import { type SummaryFacts, summaryMarkdown } from './summary.ts';

const [scan] = soundEvidence().filter((each): each is ScanEvidence => each.kind === 'scan');
if (!scan) throw new Error('the fixture has no scan');

const withFindings = (findings: readonly Finding[], platform = 'linux/amd64') => ({
  platform,
  scan: { ...scan, findings },
});
const many = (count: number, over: Partial<Finding> = {}) =>
  Array.from({ length: count }, (_, at) => finding({ id: `CVE-2026-${1000 + at}`, ...over }));

const open: SummaryFacts = {
  name: 'ghcr.io/acme/app',
  image: IMAGE,
  verdict: judge(soundEvidence()),
  policy: STRICT,
  platforms: [{ ...withFindings([]), packages: 120, size: 3_500_000, layers: 4 }],
  publication: { published: true, why: 'Published: push of tag v1.2.3.' },
  tags: [
    { tag: '1.2.3', outcome: 'set', reason: 'version 1.2.3' },
    { tag: 'latest', outcome: 'moved', from: IMAGE.root.digest, reason: 'newest stable version' },
  ],
  references: [`ghcr.io/acme/app@${IMAGE.root.digest}`],
  transfer: {
    sent: 3,
    mounted: 2,
    skipped: 10,
    resumed: 1,
    bytes: 52_428_800,
    milliseconds: 3_100,
    bytesPerSecond: 16_912_516,
  },
  verifyCommands: ['cosign verify --key cosign.pub ghcr.io/acme/app:1.2.3'],
};

function shut(findings: readonly Finding[], over: Partial<SummaryFacts> = {}): SummaryFacts {
  const evidence = spoilt('scan', (each) => ({ ...each, findings, scannerTripped: true }));
  return {
    name: 'ghcr.io/acme/app',
    verdict: judge(evidence),
    policy: STRICT,
    platforms: [withFindings(findings)],
    ...over,
  };
}

const headings = (markdown: string) => markdown.split('\n').filter((line) => /^#{2,3} /.test(line));
/** Escaped text as a reader sees it. */
const shown = (markdown: string) =>
  markdown.replace(/\\([!-/:-@[-`{-~])/g, '$1').replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));

describe('the summary of a published image', () => {
  const text = summaryMarkdown(open);

  test('starts with the verdict, and goes from what matters to what explains', () => {
    expect(headings(shown(text))).toEqual([
      '## ✅ ghcr.io/acme/app: published',
      '### Findings',
      '### Platforms',
      '### Tags',
      '### Verify it yourself',
    ]);
  });

  test('names digest, tags, sizes and how to check them', () => {
    for (const part of [
      IMAGE.root.digest,
      'moved from',
      '3.3 MiB',
      'Blobs: 3 uploaded (50 MiB in 3.1 s, 16.1 MiB/s), 1 of them resumed after an interruption, 2 mounted, 10 already present.',
      'grype 0.116.1, database of 2026-11-23',
      'cosign verify --key cosign.pub ghcr.io/acme/app:1.2.3',
      'Gate: 16 rules passed, 0 failed',
    ]) {
      expect(shown(text)).toContain(part);
    }
  });

  test('says of a push that moved nothing that all was there', () => {
    const nothing = { sent: 0, mounted: 0, skipped: 5, resumed: 0, bytes: 0, milliseconds: 80 };
    expect(summaryMarkdown({ ...open, transfer: nothing })).toContain(
      'Blobs: 0 uploaded, 0 mounted, 5 already present.',
    );
  });

  test('says so when nothing was found', () =>
    expect(text).toContain('None: the scanner found no known vulnerability'));

  test('still says what is worth upgrading', () => {
    const low = summaryMarkdown({ ...open, platforms: [withFindings([finding({ severity: 'low' })])] });
    expect(headings(low)).toContain('### Recommended upgrades');
    expect(shown(low)).toContain('1. Upgrade <code>minimist</code> 1.2.3 to **1.2.4**');
    expect(low).not.toContain('⛔');
  });
});

describe('the summary of a refused image', () => {
  test('says first that no tag was set, why, and what to do', () => {
    const text = shown(summaryMarkdown(shut([finding({ severity: 'critical' }), finding({ id: 'CVE-2026-0002' })])));
    expect(headings(text).slice(0, 3)).toEqual([
      '## ❌ ghcr.io/acme/app: gate failed',
      '### What to do',
      '### Findings',
    ]);
    expect(text).toContain('No tag was set:');
    expect(text).toContain('**severity-threshold**: linux/amd64: 2 findings at or above high');
    expect(text).toContain(
      '1. Upgrade <code>minimist</code> 1.2.3 to **1.2.4** (critical: CVE-2026-0001 and 1 more), in <code>/app/package-lock.json</code>.',
    );
    expect(text).toContain('| **critical** ⛔ |');
  });

  test('tells what has no fix apart from what has', () => {
    const text = shown(summaryMarkdown(shut([finding({ fix: 'not-fixed', fixedIn: [] })])));
    expect(text).toContain('<code>minimist</code> 1.2.3 has no fix yet (high: CVE-2026-0001)');
  });

  test('tells a fix of another release line, and recommends none, where the gate lets it pass and where it does not', () => {
    const other = finding({ fixedIn: ['2.0.0'] });
    const only = '<code>minimist</code> 1.2.3 is fixed only in **2.0.0**, another release line (high: CVE-2026-0001)';
    expect(shown(summaryMarkdown(shut([other])))).toContain(only);
    const policy: Policy = { ...STRICT, onlyFixed: true, fixGrace: 7 * DAY };
    const verdict = judge(scanned([other]), { onlyFixed: true, fixGrace: 7 * DAY });
    expect(verdict.passed).toBe(true);
    const text = shown(summaryMarkdown({ ...open, policy, verdict, platforms: [withFindings([other])] }));
    expect(text).toContain('| only in 2.0.0 |');
    expect(text).not.toContain('Upgrade <code>minimist');
    expect(text).not.toContain('Recommended upgrades');
  });

  test('points at the base image for a package of the distribution', () => {
    const deb = finding({ package: { name: 'openssl', version: '3.0.1', type: 'deb' }, fixedIn: ['3.0.2'] });
    expect(shown(summaryMarkdown(shut([deb])))).toContain('to **3.0.2**, with a newer base image');
  });

  test('has one line for all that a newer base image fixes', () => {
    const debs = Array.from({ length: 7 }, (_, at) =>
      finding({ id: `CVE-${at}`, package: { name: `lib${at}`, version: '1', type: 'deb' }, fixedIn: ['2'] }),
    );
    const [diffId] = [IMAGE.root.digest];
    const causes = {
      origin: { file: 'Dockerfile', layers: [{ kind: 'base' as const, image: 'debian:12', line: 1 }] },
      diffIds: [diffId],
      packages: new Map(debs.map((each) => [packageKey(each.package), diffId])),
    };
    const all = [...debs, finding()];
    const text = shown(summaryMarkdown(shut(all, { platforms: [{ ...withFindings(all), causes }] })));
    expect(text).toContain('Take a newer base image than <code>debian:12</code> (<code>Dockerfile:1</code>)');
    expect(text).toContain('(high: CVE-0 and 6 more): it fixes <code>lib0</code>, ');
    expect(text).toContain('<code>lib4</code> and 2 more packages.');
    expect(text).not.toContain('Upgrade <code>lib');
  });

  test('names the lowest version that fixes all', () => {
    const lines = shown(summaryMarkdown(shut([finding({ fixedIn: ['1.2.4', '2.0.1'] })])));
    expect(lines).toContain('to **1.2.4** (');
    const newest = shown(summaryMarkdown(shut([finding({ id: 'a' }), finding({ id: 'b', fixedIn: ['1.3.0'] })])));
    expect(newest).toContain('to **1.3.0** (');
    const unclear = [finding({ id: 'a' }), finding({ id: 'b', fixedIn: ['1.2.4-beta'] })];
    expect(shown(summaryMarkdown(shut(unclear)))).toContain('to the newest of **1.2.4**, **1.2.4-beta**');
  });

  test('counts the packages that it does not name', () => {
    const npm = Array.from({ length: 14 }, (_, at) =>
      finding({ package: { name: `p${at}`, version: '1', type: 'npm' } }),
    );
    expect(summaryMarkdown(shut(npm))).toContain('11. 4 more changes not shown.');
  });

  test('says what to do for a rule that no upgrade mends', () => {
    const verdict = judge(spoilt('signature', () => undefined));
    const text = shown(summaryMarkdown({ name: 'app', verdict }));
    expect(text).toContain('1. Run sign-image after scan-image');
    expect(text).not.toContain('### Findings');
  });

  test('counts failures that it does not list', () => {
    const rules = Array.from({ length: 30 }, () => ({ rule: 'scan-present', outcome: 'fail', why: 'x' }) as const);
    const text = summaryMarkdown({ name: 'app', verdict: { passed: false, rules, decidedOn: NOW } });
    expect(text).toContain('- 10 more failures are listed below');
  });
});

describe('findings', () => {
  test('beyond fifty are counted by severity', () => {
    const text = summaryMarkdown({
      ...open,
      platforms: [
        withFindings([
          ...many(50),
          ...many(3, { severity: 'low', package: { name: 'left-pad', version: '1.0.0', type: 'npm' } }),
        ]),
      ],
    });
    expect(text).toContain('3 more findings not shown: 3 low.');
    expect(text.match(/CVE\\-2026\\-1\d\d\d/g)?.length).toBeLessThan(60);
  });

  test('of several platforms are told once, with where they are', () => {
    const both = finding({ id: 'CVE-BOTH' });
    const arm = finding({ id: 'CVE-ARM' });
    const platforms = [withFindings([both]), withFindings([both, arm], 'linux/arm64')];
    const lines = shown(summaryMarkdown({ ...open, platforms })).split('\n');
    expect(lines.filter((line) => line.includes('| CVE-BOTH |'))).toEqual([expect.stringMatching(/\| all \|$/)]);
    expect(lines.filter((line) => line.includes('| CVE-ARM |'))).toEqual([
      expect.stringMatching(/\| linux\/arm64 \|$/),
    ]);
  });

  test('a summary stays far below the 1 MiB that GitHub shows', () => {
    const long = 'x'.repeat(100_000);
    const huge = many(5000, {
      package: { name: long, version: long, type: 'npm' },
      fixedIn: [long],
      locations: [long],
    });
    expect(summaryMarkdown(shut(huge)).length).toBeLessThan(200_000);
  });
});

describe('text from outside', () => {
  const hostile = [
    '<img src=x onerror=alert(1)>',
    '</details></table><h1>safe</h1>',
    '| a | b |\n| - | - |',
    '[click](javascript:alert(1))',
    '![x](https://evil.example/pixel)',
    '```\n## injected',
    '@octocat',
    '\u202etxet',
    '::error::x',
    '\n\n## injected',
  ];

  test.each(hostile)('%j stays text, wherever it stands', (text) => {
    const bad = finding({
      id: text,
      url: `javascript:${text}`,
      package: { name: text, version: text, type: text },
      fixedIn: [text],
      locations: [text],
    });
    const markdown = summaryMarkdown({
      ...shut([bad]),
      name: text,
      publication: { published: false, why: text },
      tags: [{ tag: text, outcome: 'planned', reason: text }],
      references: [text],
      platforms: [{ ...withFindings([bad]), platform: text }],
    });
    expect(markdown).not.toMatch(/<(img|h1|script|table|\/table)/i);
    expect(markdown).not.toMatch(/\]\((javascript|https:\/\/evil)/i);
    expect(markdown).not.toMatch(/^## injected/m);
    expect(markdown).not.toContain('\u202e');
    expect(markdown.match(/<\/details>/g)).toHaveLength(1);
    expect(markdown).not.toMatch(/(^|[^\\#;a-z0-9])@octocat/);
    const tables = markdown.split('\n').filter((line) => line.startsWith('| '));
    const columns = (line: string) => line.replace(/\\\|/g, '').split('|').length;
    expect(new Set(tables.map(columns)).size).toBeLessThanOrEqual(5);
  });
});

test('what is not known is not spoken of', () => {
  expect(summaryMarkdown({ name: 'app' })).toBe('## app\n');
});

describe('what policy or VEX suppress', () => {
  const ignored = finding({ id: 'CVE-2026-7' });
  const [entry] = FULL.ignore ?? [];
  const policy = { ...STRICT, ignore: entry ? [{ ...entry, id: 'CVE-2026-7', reason: 'No *input* reaches it.' }] : [] };
  const facts = (findings: readonly Finding[]): SummaryFacts => {
    const evidence = spoilt('scan', (each) => ({ ...each, findings, scannerTripped: true }));
    const [amd64] = evidence.filter((each): each is ScanEvidence => each.kind === 'scan');
    const verdict = judge(evidence, policy);
    return {
      name: 'app',
      image: IMAGE,
      verdict,
      policy,
      platforms: amd64 ? [{ platform: 'linux/amd64', scan: amd64 }] : [],
    };
  };

  test('is listed with who says so and why, and nothing is advised about it', () => {
    const text = shown(summaryMarkdown(facts([ignored])));
    expect(text).toContain('## ✅ app: gate passed');
    expect(text).toContain('high 🔇');
    expect(text).toContain('- CVE-2026-7 in <code>minimist</code>: No *input* reaches it. (tidegate.yml:3)');
    expect(text).not.toContain('⛔');
    expect(text).not.toContain('Upgrade');
  });

  test('does not hide what still counts', () => {
    const text = shown(summaryMarkdown(facts([ignored, finding({ id: 'CVE-2026-8' })])));
    expect(text).toContain('**high** ⛔');
    expect(text).toContain('high 🔇');
    expect(text).toMatch(/Upgrade <code>minimist<\/code> 1\.2\.3 to \*\*1\.2\.4\*\* \(high: CVE-2026-8\)/);
  });
});

describe('the summary of an image that was scanned again where it is published', () => {
  const since = (before: readonly Finding[], now: readonly Finding[]): NonNullable<SummaryFacts['rescan']> => ({
    attached: 5,
    since: [{ platform: 'linux/amd64', on: NOW, before, now }],
  });

  test('says that it still passes, and what was attached', () => {
    const text = shown(summaryMarkdown({ ...open, rescan: since([], []) }));
    expect(headings(text)[0]).toBe('## ✅ ghcr.io/acme/app: published, and still passes');
    expect(text).toContain('5 evidence items were attached to the image.');
    expect(text).toContain('compared with the scan of 2026-11-24: Findings: none new; none gone.');
    expect(headings(text)).not.toContain('### Tags');
  });

  test('says that it does not, that its tags stay, and which advisories are new', () => {
    const found = finding({ id: 'CVE-2026-0007', severity: 'critical' });
    const text = shown(summaryMarkdown(shut([found], { rescan: since([finding()], [finding(), found]) })));
    expect(headings(text)[0]).toBe('## ❌ ghcr.io/acme/app: published, but no longer passes');
    expect(text).toContain('Its tags were not changed:');
    expect(text).toContain('From now on, verification of the image fails.');
    expect(text).toContain('Findings: 1 new (1 critical): CVE-2026-0007; none gone.');
    expect(text).not.toContain('No tag was set');
  });

  test('of a date that is none, is not lost', () => {
    const facts = { attached: 0, since: [{ platform: 'p', on: new Date(Number.NaN), before: [], now: [] }] };
    expect(summaryMarkdown({ ...open, rescan: facts })).toContain('an unknown date');
  });
});
