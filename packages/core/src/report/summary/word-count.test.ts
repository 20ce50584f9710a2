import { describe, expect, test } from '@jest/globals';
import { REALISTIC } from './realistic.fixture.ts';
import { summaryMarkdown } from './summary.ts';
import { fold, outsideFolds, shown, wordsOutsideFolds } from './words.fixture.ts';

const MOST_WORDS = 299;

describe.each(Object.entries(REALISTIC))('the summary of an image: %s', (_, facts) => {
  const text = summaryMarkdown(facts);

  test('has under 300 words before the folds', () => {
    expect(wordsOutsideFolds(text)).toBeLessThanOrEqual(MOST_WORDS);
    expect(wordsOutsideFolds(text)).toBeGreaterThan(20);
  });

  test('has the verdict first, and one headline', () => {
    expect(text).toMatch(/^## [✅❌] /u);
    expect(outsideFolds(text).match(/^##+ /gm)).toHaveLength(1);
  });

  test('says nothing twice: no line outside of tables and code repeats', () => {
    const lines = shown(text)
      .split('\n')
      .filter((line) => line !== '' && !/^[|`<#]/.test(line));
    expect(lines.filter((line, at) => lines.indexOf(line) !== at)).toEqual([]);
  });

  test('keeps every finding and every rule', () => {
    expect(fold(text, 'Findings')).toContain('grype');
    for (const { rule } of facts.verdict.rules) expect(fold(text, 'Gate:')).toContain(rule);
  });
});
