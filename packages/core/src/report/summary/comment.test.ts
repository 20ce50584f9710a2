import { describe, expect, test } from '@jest/globals';
import { finding } from '../../gate/sound.fixture.ts';
import { commentMarkdown, failureComment } from './comment.ts';
import { REALISTIC } from './realistic.fixture.ts';
import { fold, outsideFolds, shown, wordsOutsideFolds } from './words.fixture.ts';

const RUN = { commit: '0123456789abcdef', url: 'https://github.com/acme/app/actions/runs/7' };
const MOST_WORDS = 149;

describe.each(Object.entries(REALISTIC))('the comment on an image: %s', (_, facts) => {
  const text = commentMarkdown(facts, RUN);

  test('has under 150 words before the folds', () => {
    expect(wordsOutsideFolds(text)).toBeLessThanOrEqual(MOST_WORDS);
    expect(wordsOutsideFolds(text)).toBeGreaterThan(15);
  });

  test('has the verdict first, and names commit and run last', () => {
    expect(text).toMatch(/^### [✅❌] /u);
    expect(shown(text)).toMatch(
      /<sub>Commit <code>0123456789ab<\/code> · \[job summary\]\(https:\/\/github\.com\/acme\/app\/actions\/runs\/7\)<\/sub>\n$/,
    );
  });
});

test('a comment says what the change adds and removes', () => {
  const text = commentMarkdown(REALISTIC['a pull request'], RUN);
  expect(shown(outsideFolds(text))).toContain(
    'Compared with the live tag <code>main</code>: 3 findings fixed, 1 new (CVE-2026-20000), 1 package changed, 2 MiB larger',
  );
  expect(fold(text, 'Changes from <code>main</code>')).toContain('| new | high | CVE-2026-20000 |');
});

test('a fold that GitHub would cut is left out, and the rest stays whole', () => {
  const long = Array.from({ length: 50 }, (_, at) =>
    finding({ id: `CVE-${at}`, url: `https://e.example/${'x'.repeat(2000)}${at}` }),
  );
  const { platforms, ...facts } = REALISTIC['a pull request'];
  const huge = platforms.map((one) => ({ ...one, scan: one.scan && { ...one.scan, findings: long } }));
  const text = commentMarkdown({ ...facts, platforms: huge }, RUN);
  expect(text.length).toBeLessThan(65_000);
  expect(text).not.toContain('<summary>Findings');
  expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
  expect(text).toContain('Commit');
});

describe('the comment on a run without a verdict', () => {
  const failure = {
    title: 'A source rule failed',
    message: 'Dockerfile:3 secret-in-env: *AWS_SECRET* is set with ENV, and 2 more findings.\nlines of a log',
    next: 'Pass it with RUN --mount=type=secret.',
  };

  test('says what failed and what to do, in the first line of the message', () => {
    const text = failureComment('ghcr.io/acme/app', failure, { commit: '', url: '' });
    expect(shown(text)).toBe(
      '### ❌ A source rule failed: ghcr.io/acme/app\n\n' +
        'Dockerfile:3 secret-in-env: *AWS_SECRET* is set with ENV, and 2 more findings.\n\n' +
        '→ Pass it with RUN --mount=type=secret.\n\nThe image was not checked.\n',
    );
    expect(text).toContain('\\*AWS\\_SECRET\\*');
  });

  test('says so when only what followed the check failed', () => {
    const text = shown(failureComment('app', { ...failure, isChecked: true }, RUN));
    expect(text).toContain('This failed after the check of the image. The job summary has its verdict.');
    expect(text).not.toContain('not checked');
  });

  test('stays short, whatever a program printed', () => {
    const message = `${'word '.repeat(10_000)}@octocat <img src=x>`;
    const text = failureComment('app', { ...failure, message, next: message }, RUN);
    expect(text.length).toBeLessThan(2000);
    expect(text).not.toContain('<img');
  });
});
