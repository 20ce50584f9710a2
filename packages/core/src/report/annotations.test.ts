import { describe, expect, test } from '@jest/globals';
import { type CauseMap, packageKey } from '../cause/cause.ts';
import type { DeclaredIn } from '../declared-in/declared-in.ts';
import type { Finding } from '../finding.ts';
import { finding } from '../gate/sound.fixture.ts';
import { digestOf } from '../image/digest.ts';
import { type AnnotatedPlatform, annotationsFor } from './annotations.ts';

const diffId = digestOf('a layer');
const causes = (findings: readonly Finding[]): CauseMap => ({
  origin: { file: 'Dockerfile', layers: [{ kind: 'instruction', line: 4, endLine: 5, text: 'RUN npm ci' }] },
  diffIds: [diffId],
  packages: new Map(findings.map((each) => [packageKey(each.package), diffId])),
});
const on = (findings: readonly Finding[], more: Partial<AnnotatedPlatform> = {}): AnnotatedPlatform => ({
  ...{ platform: 'linux/amd64', findings, blocking: [], suppressed: new Map(), causes: causes(findings) },
  ...more,
});
const declared = (each: Finding, place: DeclaredIn) => ({ declared: new Map([[packageKey(each.package), place]]) });
const many = (count: number, over: Partial<Finding> = {}) =>
  Array.from({ length: count }, (_, at) =>
    finding({ ...over, package: { name: `${over.severity ?? 'p'}${at}`, version: '1.0.0', type: 'npm' } }),
  );

test('one annotation for a change, on the line of the lock file, with the title of the worst advisory', () => {
  const found = [
    finding({ id: 'CVE-1', severity: 'critical', title: 'Prototype pollution' }),
    ...['2', '3', '4', '5'].map((id) => finding({ id: `CVE-${id}` })),
  ];
  const [one] = found as [Finding];
  const place = { file: 'web/package-lock.json', line: 812, direct: false, via: 'mkdirp' };
  expect(annotationsFor([on(found, { blocking: found.slice(1), ...declared(one, place) })])).toEqual([
    {
      ...{ level: 'error', title: 'Fails the gate', place: { file: 'web/package-lock.json', line: 812 } },
      message:
        'Upgrade minimist to 1.2.4 (required by mkdirp): CVE-1 (critical), Prototype pollution; CVE-2 (high); CVE-3 (high); and 2 more advisories.',
    },
  ]);
});

test('stays short, whatever lock file and scanner say', () => {
  const one = finding({ id: 'x'.repeat(100_000), title: 'x'.repeat(100_000) });
  const place = { file: 'package-lock.json', line: 1, direct: false, via: 'x'.repeat(1_000_000) };
  const [annotation] = annotationsFor([on([one], declared(one, place))]);
  expect(annotation?.message.length).toBeLessThan(600);
});

test('without a lock file, the line is that of the instruction; without both there is no line to annotate', () => {
  expect(annotationsFor([on([finding()])])).toMatchObject([
    { level: 'warning', place: { file: 'Dockerfile', line: 4 } },
  ]);
  expect(annotationsFor([on([finding()], { causes: undefined })])).toEqual([]);
});

describe('at most nine annotations, as GitHub drops the eleventh and the step has its own', () => {
  test('errors come first, and the last one counts the rest', () => {
    const [bad, other] = [many(8, { severity: 'low' }), many(30, { severity: 'critical' })];
    const annotations = annotationsFor([on([...other, ...bad], { blocking: bad })]);
    expect(annotations.map(({ level }) => level)).toEqual([...Array(8).fill('error'), 'warning']);
    expect(annotations.at(-1)?.message).toMatch(/\. 29 more changes are in the job summary\.$/);
    expect(annotations[0]?.message).not.toContain('job summary');
  });

  test('says how many of the rest the gate requires', () => {
    const bad = many(12);
    const annotations = annotationsFor([on(bad, { blocking: bad })]);
    expect(annotations).toHaveLength(9);
    expect(annotations.at(-1)?.message).toContain('3 more changes, 3 of them required by the gate, are in the job');
  });
});

test('suppressed and unfixable findings are not annotated unless the gate requires it', () => {
  const [hidden, open] = [finding({ id: 'CVE-HIDDEN' }), finding({ ...many(1)[0], fix: 'wont-fix', fixedIn: [] })];
  expect(annotationsFor([on([hidden, open], { suppressed: new Map([[hidden, 'why']]) })])).toEqual([]);
  expect(annotationsFor([on([hidden, open], { blocking: [open] })])).toMatchObject([
    { level: 'error', message: expect.stringContaining('the vendor will not fix it') },
    { level: 'warning', message: expect.stringContaining('CVE-HIDDEN') },
  ]);
});

test('a finding of several platforms is annotated once, and one of a single platform names it', () => {
  const [both, arm] = [finding(), ...many(1)] as [Finding, Finding];
  const annotations = annotationsFor([
    on([both], { blocking: [both] }),
    on([both, arm], { platform: 'linux/arm64', blocking: [both] }),
  ]);
  expect(annotations.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    'error: Upgrade minimist to 1.2.4: CVE-2026-0001 (high).',
    'warning: Upgrade p0 to 1.2.4: CVE-2026-0001 (high) on linux/arm64.',
  ]);
});
