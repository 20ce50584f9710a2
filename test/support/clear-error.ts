import { expect } from '@jest/globals';
import type { BundleResult } from '@tidegate/testkit';

/**
 * Requirements for a failed step: exit code 1, one error annotation that states the problem and, after a dash, what to
 * do; the same sentences in the job summary, under its only headline; and no stack trace anywhere.
 * @returns the message
 */
export function expectOneClearError(result: BundleResult): string {
  const errors = result.annotations.filter(({ level }) => level === 'error');
  expect(errors.map(({ message }) => message)).toEqual([expect.stringMatching(/\S.* — \S.*/s)]);
  const [{ message, title = '' } = { message: '' }] = errors;
  expect(message).not.toContain('This is a bug');
  expect(result.raw).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
  expect(result.raw).not.toMatch(/node:internal|\bundefined\b|\[object Object\]/);
  expect({ exitCode: result.exitCode, signal: result.signal }).toEqual({ exitCode: 1, signal: null });
  expectSummaryOf(result.summary, message, title);
  return message;
}

/** A failed verdict is reported under the name of the image, and anything else under the action's. */
const VERDICT = /^## ❌ .*: (gate failed|published, but no longer passes)$/;

function expectSummaryOf(summary: string, message: string, actionTitle: string): void {
  const [headline = '', sentence = '', step = ''] = plainMarkdown(summary).split('\n\n');
  expect(unfolded(summary).match(/^#{1,2} .*❌/gm)).toHaveLength(1);
  if (VERDICT.test(headline)) return;
  expect(headline).toMatch(/^## ❌ .+: \S/);
  expect(headline.startsWith(`## ❌ ${actionTitle}: `)).toBe(true);
  // A very long sentence is cut in the summary, and ends with an ellipsis.
  const begins = sentence.replace(/…$/, '');
  expect(message.slice(0, begins.length)).toBe(begins);
  expect(step).toMatch(/^\*\*What to do:\*\* \S/);
  expect(message).toContain(` — ${step.trim().replace('**What to do:** ', '').replace(/…$/, '')}`);
}

/** What is visible before a reader opens a fold. */
function unfolded(markdown: string): string {
  return markdown.replace(/<details>.*<\/details>/s, '');
}

/** The text that a reader sees, with code in backticks. */
function plainMarkdown(markdown: string): string {
  return markdown
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/<\/?code>/g, '`')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
