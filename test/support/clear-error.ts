import { expect } from '@jest/globals';
import type { BundleResult } from '@tidegate/testkit';

/**
 * Requirements for a failed step: exit code 1, one error annotation of the step, which states the problem and, after a
 * dash, what to do, and its code; the same in the job summary, under its only headline; and no stack trace anywhere.
 * @returns the message without the code
 */
export function expectOneClearError(result: BundleResult): string {
  const errors = ownErrors(result);
  expect(errors.map(({ message }) => message)).toEqual([expect.stringMatching(/^\S.* — \S.* \[TG\d{4}\]$/s)]);
  const [{ message: whole, title = '' } = { message: '' }] = errors;
  const [, message = '', code = ''] = /^(.*) \[(TG\d+)\]$/s.exec(whole) ?? [];
  expect(message).not.toContain('This is a bug');
  expect(result.raw).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
  expect(result.raw).not.toMatch(/node:internal|\bundefined\b|\[object Object\]/);
  expect({ exitCode: result.exitCode, signal: result.signal }).toEqual({ exitCode: 1, signal: null });
  expectSummaryOf(result.summary, { message, title, code });
  return message;
}

/** Errors of the step itself, which end with a code: others are findings, each on the line that has to change. */
export function ownErrors({ annotations }: Pick<BundleResult, 'annotations'>): BundleResult['annotations'] {
  return annotations.filter(({ level, message }) => level === 'error' && /\[TG\d{4}\]$/.test(message));
}

/** A failed verdict is reported under the name of the image, and anything else under the action's. */
const VERDICT = /^## ❌ (?:Not published: gate failed for|No longer passes the gate:|Source rules failed:) /;

interface Annotated {
  readonly message: string;
  readonly title: string;
  readonly code: string;
}

function expectSummaryOf(summary: string, { message, title, code }: Annotated): void {
  const [headline = '', sentence = '', step = ''] = plainMarkdown(summary).split('\n\n');
  expect(summary).toContain(`[${code}](https://github.com/tidegate/tidegate/blob/main/docs/errors/`);
  expect(unfolded(summary).match(/^#{1,2} .*❌/gm)).toHaveLength(1);
  if (VERDICT.test(headline)) return;
  expect(headline).toMatch(/^## ❌ .+: \S/);
  expect(headline.startsWith(`## ❌ ${title}: `)).toBe(true);
  // A very long sentence is cut in the summary, and ends with an ellipsis.
  const begins = sentence.replace(/…$/, '');
  expect(message.slice(0, begins.length)).toBe(begins);
  expect(step).toMatch(/^\*\*What to do:\*\* \S/);
  const [next = ''] = step.replace('**What to do:** ', '').split(` [${code}](`);
  expect(message).toContain(` — ${next.replace(/…$/, '')}`);
}

/** The text that is visible before a reader opens a fold. */
function unfolded(markdown: string): string {
  return markdown.replace(/<details>.*<\/details>/s, '');
}

/** The text that a reader sees, with code in backticks. */
function plainMarkdown(markdown: string): string {
  return (
    markdown
      .replace(/\\([!-/:-@[-`{-~])/g, '$1')
      .replace(/<\/?code>/g, '`')
      // Prevents mentions.
      .replaceAll('<!-- -->', '')
      .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&')
  );
}
