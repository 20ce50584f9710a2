import { describe, expect, test } from '@jest/globals';
import { packageKey } from '../cause/cause.ts';
import { DAY, finding, NOW } from '../gate/sound.fixture.ts';
import { type Digest, digestOf } from '../image/digest.ts';
import { parseReference } from '../reference/reference.ts';
import type { SummaryFacts } from './summary/facts.ts';
import { REALISTIC } from './summary/realistic.fixture.ts';
import { shown } from './summary/words.fixture.ts';
import { trackedName, trackingIssue } from './tracking-issue.ts';

const IMAGE = 'ghcr.io/acme/app:1';
const RUN = { commit: '', url: 'https://github.com/acme/app/actions/runs/7' };
const passing: SummaryFacts = { ...REALISTIC['a rescan that passes'], platforms: [] };
const fixable: SummaryFacts = REALISTIC['a rescan that passes'];
const failing = REALISTIC['a rescan that fails'];
const issueOf = (facts: SummaryFacts | readonly SummaryFacts[], reasons: 'failed' | 'fixes' = 'failed') =>
  trackingIssue(IMAGE, [facts].flat() as readonly SummaryFacts[], reasons, RUN);
const soon = (days: number) => new Date(NOW.getTime() + days * DAY);
const ignoring = (id: string, expires: Date): SummaryFacts => ({
  ...passing,
  policy: {
    ...failing.policy,
    ignore: [{ id, package: 'pkg:npm/a', reason: 'r', expires, from: 'policy.yml:3' }],
  },
});
const moved = (image: string, digest: Digest, isPinned = false): SummaryFacts => ({
  ...passing,
  rescan: { attached: 0, since: [], movedBases: [{ image, digest, isPinned }] },
});

/** On no platform. */
function withoutFirst(facts: typeof failing): SummaryFacts {
  const platforms = facts.platforms.map((one) => ({
    ...one,
    scan: one.scan && { ...one.scan, findings: one.scan.findings.slice(1) },
  }));
  return { ...facts, platforms };
}

describe('the issue of an image', () => {
  test.each<[string, SummaryFacts, 'failed' | 'fixes', boolean, string]>([
    ['that fails the gate', failing, 'failed', true, `${IMAGE}: no longer passes the gate`],
    ['that passes', passing, 'failed', false, `${IMAGE}: passes the gate`],
    ['that passes with fixes, if only failures are wanted', fixable, 'failed', false, `${IMAGE}: passes the gate`],
    ['that passes with fixes', fixable, 'fixes', true, `${IMAGE}: 30 fixes available`],
    ['whose policy has an exception that ends', ignoring('CVE-1', soon(3)), 'failed', true, `${IMAGE}: exceptions of`],
    ['whose base moved', moved('debian:12', digestOf('new')), 'fixes', true, `${IMAGE}: a base image has moved`],
    ['whose base moved, if only failures are wanted', moved('debian:12', digestOf('new')), 'failed', false, IMAGE],
  ])('%s', (_, facts, reasons, isOpen, title) => {
    const issue = issueOf(facts, reasons);
    expect(issue.isOpen).toBe(isOpen);
    expect(issue.title).toContain(title);
  });

  test('follows a tag, whatever digest it has', () => {
    const digest = digestOf('x');
    expect(trackedName(parseReference(`ghcr.io/acme/app:1@${digest}`))).toBe('ghcr.io/acme/app:1');
    expect(trackedName(parseReference(`ghcr.io/acme/app@${digest}`))).toBe('ghcr.io/acme/app');
  });

  test('says what to change, and that it is kept up to date', () => {
    const { body, closing } = issueOf(failing);
    expect(shown(body)).toContain('❌ No longer passes the gate');
    expect(shown(body)).toContain('| Change | Where | Removes |');
    expect(shown(body)).not.toContain('Commit <code>');
    expect(body).toContain('Tidegate updates this description');
    expect(shown(closing)).toBe(
      'The image passes the gate now. See [the run](https://github.com/acme/app/actions/runs/7).',
    );
  });

  test('of several digests shows those with work, each in its part of the space', () => {
    const many = Array.from({ length: 40 }, () => failing);
    const { body } = issueOf([passing, ...many], 'fixes');
    expect(body.match(/No longer passes/g)).toHaveLength(10);
    expect(body).toContain('30 more digests of this image');
    expect(body.length).toBeLessThan(65_000);
  });

  test('is open if one of several digests fails', () => {
    expect(issueOf([passing, failing]).isOpen).toBe(true);
  });
});

describe('the fingerprint', () => {
  const { fingerprint } = issueOf(failing, 'fixes');

  test('is the same in the next night', () => {
    const { verdict } = failing;
    const later = {
      ...verdict,
      decidedOn: soon(1),
      rules: verdict.rules.map((rule) => ({ ...rule, why: `${rule.why} 3 d 4 h ago.` })),
    };
    expect(issueOf({ ...failing, verdict: later }, 'fixes').fingerprint).toBe(fingerprint);
  });

  test.each<[string, SummaryFacts]>([
    ['one finding less', withoutFirst(failing)],
    ['another rule', { ...failing, verdict: REALISTIC['refused by findings and other rules'].verdict }],
    ['a pass', passing],
  ])('changes with %s', (_, facts) => expect(issueOf(facts, 'fixes').fingerprint).not.toBe(fingerprint));

  test('changes with the digest of a base, and with an exception', () => {
    const of = (facts: SummaryFacts) => issueOf(facts, 'fixes').fingerprint;
    expect(of(moved('debian:12', digestOf('a')))).not.toBe(of(moved('debian:12', digestOf('b'))));
    expect(of(ignoring('CVE-1', soon(3)))).not.toBe(of(ignoring('CVE-2', soon(3))));
    expect(of(ignoring('CVE-1', soon(3)))).not.toBe(of(passing));
  });
});

test('a text from outside mentions nobody and opens no markup', () => {
  const text = '@octocat ![x](https://evil.example/pixel) <img src=x> #7';
  const bad = finding({ id: text, package: { name: text, version: text, type: 'npm' }, fixedIn: [text] });
  const facts: SummaryFacts = {
    ...ignoring(text, soon(2)),
    ...{ name: text, verdict: failing.verdict },
    rescan: { attached: 0, since: [], movedBases: [{ image: text, digest: digestOf('a'), isPinned: true }] },
  };
  const platforms = failing.platforms
    .slice(0, 1)
    .map((one) => ({ ...one, scan: one.scan && { ...one.scan, findings: [bad] } }));
  const body = issueOf({ ...facts, platforms }, 'fixes').body.replace(/<code>.*?<\/code>/g, '');
  // In the entry that would accept the finding, which is code.
  const outside = body.replace(/```[\s\S]*?```/g, '');
  expect(outside).not.toMatch(/@(?!<!-- -->)octocat/);
  expect(outside).not.toMatch(/<img|!\[x\]\(/);
  expect(outside).not.toMatch(/#(?!<!-- -->)7/);
});

test('a base that moved says what it can fix, and how to move to it', () => {
  const diffId = digestOf('layer');
  const own = finding({ id: 'CVE-2026-9', package: { name: 'libc6', version: '1', type: 'deb' }, fixedIn: ['2'] });
  const { platforms: [first] = [] } = failing;
  const origin = { kind: 'base', image: 'docker.io/library/debian:12', line: 1 } as const;
  const causes = {
    origin: { file: 'Dockerfile', layers: [origin] },
    ...{ diffIds: [diffId], packages: new Map([[packageKey(own.package), diffId]]) },
  };
  const scan = first?.scan && { ...first.scan, findings: [own] };
  const facts = {
    ...moved('docker.io/library/debian:12', digestOf('new')),
    platforms: [{ ...first, platform: 'linux/amd64', scan, causes }],
  };
  const text = shown(issueOf(facts as unknown as SummaryFacts, 'fixes').body);
  expect(text).toContain(
    `Base image <code>debian:12</code> has moved to <code>${digestOf('new').slice(0, 19)}</code> and can fix up to 1 finding: rebuild the image.`,
  );
  const pinned = shown(issueOf(moved('docker.io/library/debian:12', digestOf('new'), true), 'fixes').body);
  expect(pinned).toContain('update its digest (tidegate pin --bases) and rebuild.');
});
