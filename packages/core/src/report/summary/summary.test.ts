import { describe, expect, test } from '@jest/globals';
import { packageKey } from '../../cause/cause.ts';
import type { Finding } from '../../finding.ts';
import { FULL } from '../../gate/full-policy.fixture.ts';
import { DAY, finding, IMAGE, judge, NOW, STRICT, scanned, soundEvidence, spoilt } from '../../gate/sound.fixture.ts';
import type { Policy } from '../../policy.ts';
import type { SummaryFacts } from './facts.ts';
import { summaryMarkdown } from './summary.ts';
import { fold, outsideFolds, shown } from './words.fixture.ts';

const [scan] = soundEvidence().filter((each) => each.kind === 'scan');
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
  publication: { published: true, why: 'Push of tag v1.2.3.' },
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
const folds = (markdown: string) => [...markdown.matchAll(/<summary>(.*)<\/summary>/g)].map(([, title]) => title);

describe('the summary of a published image', () => {
  const text = summaryMarkdown(open);

  test('starts with the verdict, and folds what only explains', () => {
    expect(headings(shown(text))).toEqual(['## ✅ Published ghcr.io/acme/app']);
    expect(folds(text)).toEqual([
      'Findings: none',
      'Platforms: 1',
      'Tags and transfer',
      'Gate: 18 rules passed, 0 failed',
    ]);
    expect(shown(outsideFolds(text))).toContain('\n\nPush of tag v1.2.3.\n\n');
    expect(shown(outsideFolds(text))).toContain('Tags: <code>1.2.3</code>, <code>latest</code>');
  });

  test('has the commands that pull and verify the image', () => {
    expect(text).toContain(
      `\`\`\`sh\ndocker pull ghcr.io/acme/app@${IMAGE.root.digest}\ncosign verify --key cosign.pub ghcr.io/acme/app:1.2.3\n\`\`\``,
    );
  });

  test('names digest, tags, sizes and how to check them', () => {
    for (const part of [
      IMAGE.root.digest,
      'moved from',
      '3.3 MiB',
      'Blobs: 3 uploaded (50 MiB in 3.1 s, 16.1 MiB/s), 1 of them resumed after an interruption, 2 mounted, 10 already present.',
      'grype 0.116.1, database of 2026-11-23',
      'cosign verify --key cosign.pub ghcr.io/acme/app:1.2.3',
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

  test('says so when nothing was found', () => expect(text).toContain('No known vulnerability was found.'));

  test('still says what is worth upgrading', () => {
    const low = summaryMarkdown({ ...open, platforms: [withFindings([finding({ severity: 'low' })])] });
    expect(shown(outsideFolds(low))).toContain(
      '| Recommended change | Where | Removes |\n| --- | --- | --- |\n| Upgrade minimist to 1.2.4 | <code>/app/package-lock.json</code> | **low** CVE-2026-0001 |\n',
    );
    expect(shown(low)).toContain('1 finding does not block: 1 is below high.');
    expect(low).not.toContain('⛔');
  });
});

describe('the summary of a refused image', () => {
  const changesIn = (text: string) =>
    [...shown(outsideFolds(text)).matchAll(/^\| (?!Change |Recommended |---)(.*?) \|/gm)].map(([, change]) => change);

  test('says first that it was not published, why, and what to change', () => {
    const text = summaryMarkdown(shut([finding({ severity: 'critical' }), finding({ id: 'CVE-2026-0002' })]));
    const seen = shown(outsideFolds(text));
    expect(headings(seen)).toEqual(['## ❌ Not published: gate failed for ghcr.io/acme/app']);
    expect(seen).toContain('- **severity-threshold**: linux/amd64: 2 findings at or above high, worst CVE-2026-0001');
    expect(seen).toContain('1 more result below.');
    expect(seen).toContain(
      '| Upgrade minimist to 1.2.4 | <code>/app/package-lock.json</code> | **critical** CVE-2026-0001 +1 |',
    );
    expect(fold(text, 'Findings: 2 (1 critical, 1 high)')).toContain('| **critical** ⛔ |');
  });

  test('names the platform where a rule failed on some only', () => {
    const [one, other] = [finding(), finding({ severity: 'low' })];
    const facts = shut([one], { platforms: [withFindings([one]), withFindings([other], 'linux/arm64')] });
    const why = 'linux/amd64: 1 finding at or above high, worst CVE-2026-0001 in minimist 1.2.3 (fixed in 1.2.4).';
    const rules = [{ rule: 'severity-threshold', outcome: 'fail', why }] as const;
    const text = summaryMarkdown({ ...facts, verdict: { passed: false, rules, decidedOn: NOW } });
    expect(shown(text)).toContain(`- **severity-threshold**: ${why}`);
  });

  test('tells what has no fix apart from what has', () => {
    const open = finding({ fix: 'not-fixed', fixedIn: [] });
    expect(changesIn(summaryMarkdown(shut([open])))).toEqual(['Replace or remove minimist: no fix yet']);
    const never = finding({ fix: 'wont-fix', fixedIn: [] });
    expect(changesIn(summaryMarkdown(shut([never])))).toEqual([
      'Replace or remove minimist: the vendor will not fix it',
    ]);
  });

  test('tells a fix of another release line, and recommends none, where the gate lets it pass and where it does not', () => {
    const other = finding({ fixedIn: ['2.0.0'] });
    expect(changesIn(summaryMarkdown(shut([other])))).toEqual(['Upgrade minimist to 2.0.0 (another major version)']);
    const policy: Policy = { ...STRICT, onlyFixed: true, fixGrace: 7 * DAY };
    const verdict = judge(scanned([other]), { onlyFixed: true, fixGrace: 7 * DAY });
    expect(verdict.passed).toBe(true);
    const text = shown(summaryMarkdown({ ...open, policy, verdict, platforms: [withFindings([other])] }));
    expect(text).toContain('| only in 2.0.0 |');
    expect(text).toContain('1 finding does not block: 1 has no fix.');
    expect(text).not.toContain('Upgrade minimist');
    expect(text).not.toContain('Recommended');
  });

  test('has one row for all that a newer base image fixes', () => {
    const debs = Array.from({ length: 7 }, (_, at) =>
      finding({ id: `CVE-${at}`, package: { name: `lib${at}`, version: '1', type: 'deb' }, fixedIn: ['2'] }),
    );
    const { digest: diffId } = IMAGE.root;
    const causes = {
      origin: { file: 'Dockerfile', layers: [{ kind: 'base' as const, image: 'debian:12', line: 1 }] },
      diffIds: [diffId],
      packages: new Map(debs.map((each) => [packageKey(each.package), diffId])),
    };
    const all = [...debs, finding()];
    const text = summaryMarkdown(shut(all, { platforms: [{ ...withFindings(all), causes }] }));
    expect(changesIn(text)).toEqual(['Update base image debian:12', 'Upgrade minimist to 1.2.4']);
    expect(shown(text)).toContain('| <code>Dockerfile:1</code> | **high** CVE-0 +6 |');
  });

  test('shows ten changes and folds the others', () => {
    const npm = Array.from({ length: 14 }, (_, at) =>
      finding({ package: { name: `p${at}`, version: '1', type: 'npm' } }),
    );
    const text = summaryMarkdown(shut(npm));
    expect(changesIn(text)).toHaveLength(10);
    expect(text).toContain('\n\n4 more changes below.\n');
    expect(fold(text, 'More changes: 4')).toContain('| Upgrade p9 to 1.2.4 |');
  });

  test('says what to do for a rule that no upgrade satisfies', () => {
    const text = summaryMarkdown({ name: 'app', verdict: judge(spoilt('signature', () => undefined)) });
    expect(shown(text)).toMatch(/- \*\*signature-present\*\*: .* → Run sign-image after scan-image/);
    expect(folds(text)).toEqual([expect.stringMatching(/^Gate: /)]);
  });

  test('shows the first sentence of a long next step, and folds the rest', () => {
    const rules = [{ rule: 'contents-secrets', outcome: 'fail', why: '1 secret.' }] as const;
    const text = summaryMarkdown({ name: 'app', verdict: { passed: false, rules, decidedOn: NOW } });
    expect(shown(outsideFolds(text))).toMatch(/1 secret\. → Remove the secret .* in the image\.\n/);
    expect(fold(text, 'Gate:')).toContain('Add a harmless sample to contents.allow.');
  });

  test('names a rule once, and counts failed rules that it does not list', () => {
    const names = ['scan-present', 'sbom-present', 'image-user', 'image-ports', 'image-size', 'image-layers'] as const;
    const rules = [...names, ...names].map((rule) => ({ rule, outcome: 'fail', why: 'x' }) as const);
    const text = summaryMarkdown({ name: 'app', verdict: { passed: false, rules, decidedOn: NOW } });
    expect(outsideFolds(text).match(/scan-present/g)).toHaveLength(1);
    expect(text).toContain('- 2 more failed rules, listed below');
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
    expect(folds(text)[0]).toBe('Findings: 53 (50 high, 3 low)');
    expect(text.match(/CVE\\-2026\\-1\d\d\d/g)?.length).toBeLessThan(60);
  });

  test('carry title, CVSS score and link, and whether the vendor will not fix them', () => {
    const told = finding({
      ...{ id: 'CVE-2026-7', url: 'https://nvd.nist.gov/vuln/detail/CVE-2026-7', title: 'Stack overflow in *parse*' },
      ...{ fix: 'wont-fix', fixedIn: [], cvss: { score: 9.8, vector: 'CVSS:3.1/AV:N', version: '3.1' } },
    });
    expect(shown(summaryMarkdown({ ...open, platforms: [withFindings([told])] }))).toContain(
      '| **high** ⛔ | 9.8 | [CVE-2026-7](https://nvd.nist.gov/vuln/detail/CVE-2026-7) Stack overflow in *parse* | <code>minimist</code> npm | 1.2.3 | vendor will not fix | <code>/app/package-lock.json</code> |',
    );
  });

  test('name the file that declares the package, before the instruction', () => {
    const found = finding();
    const declared = new Map([[packageKey(found.package), { file: 'web/package-lock.json', line: 812 }]]);
    const text = summaryMarkdown(shut([found], { platforms: [{ ...withFindings([found]), declared }] }));
    expect(shown(outsideFolds(text))).toContain('| <code>web/package-lock.json:812</code> | **high** CVE-2026-0001 |');
    expect(fold(text, 'Findings')).toContain(
      '<code>web/package-lock.json:812</code> <code>/app/package-lock.json</code>',
    );
  });

  test('of several platforms are listed once, with their platforms', () => {
    const both = finding({ id: 'CVE-BOTH' });
    const arm = finding({ id: 'CVE-ARM' });
    const platforms = [withFindings([both]), withFindings([both, arm], 'linux/arm64')];
    const lines = shown(summaryMarkdown({ ...open, platforms })).split('\n');
    expect(lines.filter((line) => line.includes('| CVE-BOTH | <code>'))).toEqual([expect.stringMatching(/\| all \|$/)]);
    expect(lines.filter((line) => line.includes('| CVE-ARM | <code>'))).toEqual([
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
  /** In a code block no text is markup. */
  const withoutCode = (markdown: string) => {
    expect(markdown.match(/^`{3,}/gm)).toHaveLength(2);
    return markdown.replace(/^(`{3,})sh\ndocker pull .*\n\1$/m, '');
  };

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

  test.each(hostile)('%j stays text in every position', (text) => {
    const bad = finding({
      ...{ id: text, title: text },
      url: `javascript:${text}`,
      package: { name: text, version: text, type: text },
      fixedIn: [text],
      locations: [text],
    });
    const whole = summaryMarkdown({
      ...shut([bad]),
      name: text,
      publication: { published: false, why: text },
      tags: [{ tag: text, outcome: 'planned', reason: text }],
      references: [text],
      platforms: [{ ...withFindings([bad]), platform: text }],
    });
    const markdown = withoutCode(whole);
    expect(markdown).not.toMatch(/<(img|h1|script|table|\/table)/i);
    expect(markdown).not.toMatch(/\]\((javascript|https:\/\/evil)/i);
    expect(markdown).not.toMatch(/^## injected/m);
    expect(markdown).not.toContain('\u202e');
    expect(markdown.match(/<\/details>/g)).toHaveLength(4);
    expect(folds(markdown)).toEqual([
      'Findings: 1 (1 high)',
      'Platforms: 1',
      'Planned tags',
      expect.stringMatching(/^Gate: /),
    ]);
    expect(markdown).not.toContain('@octocat');
    const tables = markdown.split('\n').filter((line) => line.startsWith('| '));
    const columns = (line: string) => line.replace(/\\\|/g, '').split('|').length;
    expect(new Set(tables.map(columns)).size).toBeLessThanOrEqual(5);
  });
});

test('the build says how many of its steps a cache saved; one without steps says nothing', () => {
  const of = (steps: number, cached: number) => shown(summaryMarkdown({ ...open, build: { steps, cached } }));
  expect(of(7, 3)).toContain('Build: cached 3 of 7 steps.');
  expect(of(1, 0)).toContain('Build: cached 0 of 1 step.');
  expect(of(0, 0)).not.toContain('Build:');
});

test('an image whose evidence is that of an earlier run says from when it is', () => {
  const text = shown(summaryMarkdown({ ...open, reusedFrom: new Date('2026-11-20T23:30:00Z') }));
  expect(text).toContain('the verdict on its layers are those of 2026-11-20. Only the scan is new.');
  expect(shown(summaryMarkdown(open))).not.toContain('Same image as before');
});

test('unknown facts are not in the summary', () => {
  expect(summaryMarkdown({ name: 'app' })).toBe('## app\n');
});

describe('findings suppressed by policy or VEX', () => {
  const ignored = finding({ id: 'CVE-2026-7' });
  const [entry] = FULL.ignore ?? [];
  const policy = { ...STRICT, ignore: entry ? [{ ...entry, id: 'CVE-2026-7', reason: 'No *input* reaches it.' }] : [] };
  const facts = (findings: readonly Finding[]): SummaryFacts => {
    const evidence = spoilt('scan', (each) => ({ ...each, findings, scannerTripped: true }));
    const [amd64] = evidence.filter((each) => each.kind === 'scan');
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
    expect(text).toContain('## ✅ Gate passed: app');
    expect(text).toContain('1 finding does not block: 1 is suppressed by the policy.');
    expect(text).toContain('high 🔇');
    expect(text).toContain('- CVE-2026-7 in <code>minimist</code>: No *input* reaches it. (tidegate.yml:3)');
    expect(text).not.toContain('⛔');
    expect(text).not.toContain('Upgrade');
  });

  test('does not hide what still counts', () => {
    const text = shown(summaryMarkdown(facts([ignored, finding({ id: 'CVE-2026-8' })])));
    expect(text).toContain('**high** ⛔');
    expect(text).toContain('high 🔇');
    expect(text).toMatch(/\| Upgrade minimist to 1\.2\.4 \| .* \| \*\*high\*\* CVE-2026-8 \|/);
  });
});

describe('the summary of an image that was scanned again where it is published', () => {
  const since = (before: readonly Finding[], now: readonly Finding[]): NonNullable<SummaryFacts['rescan']> => ({
    attached: 5,
    since: [{ platform: 'linux/amd64', on: NOW, before, now }],
  });

  test('says that it still passes, and what was attached', () => {
    const text = shown(summaryMarkdown({ ...open, rescan: since([], []) }));
    expect(headings(text)[0]).toBe('## ✅ Still passes the gate: ghcr.io/acme/app');
    expect(text).toContain('5 evidence items were attached to the image.');
    expect(text).toContain('Since the scan of 2026-11-24: the same findings.');
    expect(text).not.toContain('docker pull');
    expect(text).not.toContain('Push of tag');
  });

  test('says that it does not, that its tags stay, and which advisories are new', () => {
    const found = finding({ id: 'CVE-2026-0007', severity: 'critical' });
    const text = shown(summaryMarkdown(shut([found], { rescan: since([finding()], [finding(), found]) })));
    expect(headings(text)[0]).toBe('## ❌ No longer passes the gate: ghcr.io/acme/app');
    expect(text).toContain('From now on, verification of the image fails.');
    expect(text).toContain('Since the scan of 2026-11-24: 0 findings gone, 1 new (CVE-2026-0007).');
    expect(text).not.toContain('Not published');
  });

  test('of a date that is none, is not lost', () => {
    const facts = { attached: 0, since: [{ platform: 'p', on: new Date(Number.NaN), before: [], now: [] }] };
    expect(summaryMarkdown({ ...open, rescan: facts })).toContain('an unknown date');
  });
});
