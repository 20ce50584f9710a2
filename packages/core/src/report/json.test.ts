import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { CONTENTS, finding, IMAGE, judge, NOW, soundEvidence } from '../gate/sound.fixture.ts';
import { changesBetween } from './changes.ts';
import type { HtmlReport } from './html/reported.ts';
import { reportJson } from './json.ts';
import type { SummaryFacts } from './summary/facts.ts';

const schema = new URL('../../../../schema/tidegate-report.schema.json', import.meta.url);
const ajv = formats.default(new Ajv({ allErrors: true }));
const validate = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')));
const { digest } = IMAGE.root;
const [scan] = soundEvidence().filter((one) => one.kind === 'scan');
const found = finding({
  ...{ knownExploited: true, epss: 0.5, risk: 12, title: 'Prototype pollution', fixDates: { '1.2.4': NOW } },
  cvss: { score: 7.5, vector: 'CVSS:3.1/AV:N', version: '3.1', source: 'nvd@nist.gov' },
});

const page: HtmlReport = {
  name: 'ghcr.io/acme/app',
  digest,
  passed: true,
  rules: [],
  platforms: [
    {
      ...{ platform: 'linux/amd64', digest, layers: [{ digest, size: 3, made: 'COPY app /', place: 'Dockerfile:3' }] },
      packages: [{ name: 'a', version: '1', type: 'npm', purl: 'pkg:npm/a@1', licenses: ['MIT'] }],
      findings: [
        { ...found, blocking: true, remedy: 'fixed by upgrading', place: 'Dockerfile:3' },
        { ...found, blocking: false, suppressed: 'app.vex.json' },
      ],
    },
  ],
};
/** All possible results of a run. */
const facts: SummaryFacts = {
  ...{ name: page.name, image: IMAGE, verdict: judge(soundEvidence()) },
  platforms: [{ platform: 'linux/amd64', ...(scan ? { scan } : {}), contents: CONTENTS, size: 1234 }],
  publication: { published: true, why: 'Push of tag v1.' },
  tags: [{ tag: '1', outcome: 'moved', from: digest, reason: 'version 1' }],
  references: [`ghcr.io/acme/app@${digest}`],
  changes: [
    {
      ...{ tag: '1', digest, platform: 'linux/amd64' },
      changes: changesBetween(
        { components: [{ name: 'a', version: '1', type: 'npm', licenses: [] }], findings: [found], size: 1 },
        {
          components: [{ name: 'b', version: '1', type: 'npm', licenses: [] }],
          findings: [finding({ id: 'X' })],
          size: 2,
        },
      ),
    },
  ],
  rescan: { attached: 5, since: [{ platform: 'linux/amd64', on: NOW, before: [found], now: [] }] },
};
const source = [
  { rule: 'root-user', level: 'error', file: 'Dockerfile', line: 3, message: 'm', why: 'w', fix: 'f' },
] as const;

test('all that a run can know is what the schema says', () => {
  const report = JSON.parse(reportJson(page, facts, source));
  validate(report);
  expect(validate.errors ?? []).toEqual([]);
  expect(report.platforms[0]).toMatchObject({
    size: 1234,
    findings: [{ blocking: true }, { suppressed: 'app.vex.json' }],
  });
  expect(report.platforms[0].scan.finishedOn).toBe(scan?.finishedOn.toISOString());
  expect(report.source).toEqual(source);
});

test('findings are grouped by the change that fixes them, as in the summary', () => {
  const [platform] = facts.platforms ?? [];
  if (!scan || !platform) throw new Error('no scan');
  const second = finding({ id: 'CVE-2026-0002', severity: 'low' });
  const placed = { ...platform, scan: { ...scan, findings: [found, second] } };
  const report = JSON.parse(reportJson(page, { ...facts, platforms: [placed] }));
  validate(report);
  expect(validate.errors ?? []).toEqual([]);
  expect(report.fixes).toEqual([
    expect.objectContaining({
      ...{ kind: 'package', name: found.package.name, platforms: ['linux/amd64'], blocking: false },
      removes: expect.objectContaining({
        advisories: [expect.objectContaining({ id: found.id }), expect.objectContaining({ id: 'CVE-2026-0002' })],
      }),
    }),
  ]);
});

test('a layer has the bytes that later layers delete or overwrite', () => {
  const [platform] = facts.platforms ?? [];
  const layer = { digest, diffId: digest, size: 3, unpacked: 9, entries: 1, wasted: [{ by: 1, bytes: 7 }] };
  const read = { ...CONTENTS, layers: [layer] };
  const report = JSON.parse(
    reportJson(page, { ...facts, platforms: platform ? [{ ...platform, contents: read }] : [] }),
  );
  validate(report);
  expect(validate.errors ?? []).toEqual([]);
  expect(report.platforms[0].layers).toEqual([expect.objectContaining({ size: 3, wasted: [{ by: 1, bytes: 7 }] })]);
});

test('so is the little that one knows that came to nothing', () => {
  const { verdict } = facts;
  const report = JSON.parse(
    reportJson({ ...page, platforms: [] }, { name: page.name, ...(verdict ? { verdict } : {}) }),
  );
  validate(report);
  expect(validate.errors ?? []).toEqual([]);
});

test('unpaired surrogates, which many JSON readers reject, are replaced', () => {
  expect(reportJson({ ...page, name: '\ud800' }, facts)).toContain('"\ufffd"');
});
