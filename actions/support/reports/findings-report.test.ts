import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createRedactor, digestOf, MediaType, type Verdict } from '@tidegate/core';
import type { Target } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { htmlPath, jsonPath, reportFindings, sarifPath } from './findings-report.ts';

/** JSON, HTML and Markdown each escape it in another way. */
const SECRET = 'Tr0ub"4d<or&\\3_x';
const WRITTEN = [
  SECRET,
  JSON.stringify(SECRET).slice(1, -1),
  'Tr0ub&quot;4d&lt;or&amp;\\3_x',
  'Tr0ub"4d\\u003cor\\u0026',
];

test('SARIF, HTML, JSON and the comment hold no secret, however they escape it', async () => {
  const reportDir = await mkdtemp(join(tmpdir(), 'tidegate-report-'));
  try {
    const redactor = createRedactor();
    redactor.add(SECRET);
    const digest = digestOf('an image');
    const image = { root: { mediaType: MediaType.manifest, digest, size: 1 }, platforms: [] };
    const verdict: Verdict = {
      passed: false,
      decidedOn: new Date('2026-11-24T12:00:00Z'),
      rules: [{ rule: 'scan-present', outcome: 'fail', why: `Why: ${SECRET}.` }],
    };
    const source = [
      {
        rule: 'root-user',
        level: 'error',
        file: `${SECRET}/Dockerfile`,
        line: 3,
        message: SECRET,
        why: SECRET,
        fix: SECRET,
      },
    ] as const;
    const job = { env: {}, redacted: redactor.redactAll } as unknown as Job;
    const report = {
      ...{ image: `a ${SECRET}`, views: [], source, verdict, reportDir, markdown: '', token: '' },
      facts: { name: SECRET, image, verdict },
      target: { image } as unknown as Target,
    };
    await reportFindings(report, { 'upload-sarif': false, comment: false }, job);
    const comment = join(reportDir, 'comment.md');
    expect(await readFile(comment, 'utf8')).toMatch(/^<!-- tidegate: a%20.* -->\n### ❌ /);
    for (const path of [sarifPath(reportDir), htmlPath(reportDir), jsonPath(reportDir), comment]) {
      const text = await readFile(path, 'utf8');
      expect(text).toContain('***');
      expect({ path, held: WRITTEN.filter((form) => text.includes(form)) }).toEqual({ path, held: [] });
      expect(text).not.toContain('Tr0ub');
    }
  } finally {
    await rm(reportDir, { recursive: true, force: true });
  }
});
