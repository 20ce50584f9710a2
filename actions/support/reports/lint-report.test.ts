import { describe, expect, test } from '@jest/globals';
import type { LintReport } from '@tidegate/pipeline';
import type { Level, SourceFinding } from '@tidegate/source';
import { lintMarkdown } from './lint-report.ts';

/** As a reader sees it. There is one fold, at the end. */
const shown = (markdown: string) =>
  markdown.replace(/\\([!-/:-@[-`{-~])/g, '$1').replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
const outsideFolds = (markdown: string) => shown(markdown.split('<details>')[0] ?? '');
const wordsOutsideFolds = (markdown: string) =>
  outsideFolds(markdown)
    .split(/[\s|]+/)
    .filter((word) => /[a-z0-9]/i.test(word)).length;
const fold = (markdown: string, title: string) => shown(markdown.split(`<summary>${title}`)[1] ?? '');

const found = (level: Level, line: number): SourceFinding => ({
  ...{ rule: 'secret-in-image', level, file: 'services/api/Dockerfile', line },
  message: 'ENV AWS_SECRET_ACCESS_KEY puts a secret into the configuration of the image, where everyone can read it.',
  why: 'Everyone who can pull the image can read it.',
  fix: 'Pass the value with RUN --mount=type=secret,id=aws and set it when the container starts.',
});
const report = (...findings: readonly SourceFinding[]) =>
  ({ findings, dockerfiles: 2, others: 7, ignored: 1 }) as unknown as LintReport;
const [warnings, errors] = [
  Array.from({ length: 30 }, (_, at) => found('warning', at + 1)),
  Array.from({ length: 8 }, (_, at) => found('error', at + 101)),
];

describe('the summary of source rules', () => {
  test('shows an error first, wherever it was found, and folds the warnings', () => {
    const text = lintMarkdown(report(found('warning', 1), found('warning', 2), found('error', 9)), 'error');
    const seen = outsideFolds(text);
    expect(seen).toMatch(/^## ❌ Source rules failed: 1 error\n\n\| Where \| Finding \| Fix \|\n/);
    expect(seen).toContain('<code>services/api/Dockerfile:9</code>');
    expect(seen).not.toContain('Dockerfile:1<');
    expect(fold(text, 'Sources: 1 error, 2 warnings')).toContain('Dockerfile:1<');
  });

  test('has under 300 words before the fold, however many errors there are', () => {
    const text = lintMarkdown(report(...warnings, ...errors), 'error');
    expect(wordsOutsideFolds(text)).toBeLessThan(300);
    expect(text).toContain('\n\n3 more findings below.\n');
    expect(fold(text, 'Sources: 8 errors, 30 warnings')).toContain('Dockerfile:108<');
  });

  test('fails at the level that the run fails at', () => {
    expect(lintMarkdown(report(found('warning', 1)), 'warning')).toMatch(/^## ❌ Source rules failed: 1 warning\n/);
    expect(lintMarkdown(report(found('error', 1)), 'none')).toMatch(/^## ✅ Source rules passed: 1 error\n/);
  });

  test('says nothing twice: errors that are all there is are in one table', () => {
    const text = lintMarkdown(report(found('error', 1)), 'error');
    expect(text.match(/Dockerfile/g)).toHaveLength(1);
    expect(text).not.toContain('<details>');
  });

  test('beside a build has no headline of its own unless it is why the run failed', () => {
    expect(lintMarkdown(report(found('warning', 1)), 'error', false)).toMatch(/^<details><summary>Sources: 1 warning</);
    expect(lintMarkdown(report(), 'error', false)).toBe(
      'Checked 2 Dockerfiles and 7 other files: no finding, 1 suppressed with a reason.\n',
    );
    expect(lintMarkdown(report(found('error', 1)), 'error', false)).toMatch(/^## ❌ /);
  });
});
