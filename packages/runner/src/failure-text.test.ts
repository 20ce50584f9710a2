import { expect, test } from '@jest/globals';
import { errorEntry } from '@tidegate/core';
import { annotationText, summaryText } from './failure-text.ts';
import { createSafeLog, type RunnerCommands } from './log/safe-log.ts';

const LINK = '[TG4001](https://github.com/tidegate/tidegate/blob/main/docs/errors/registry.md#tg4001)';
const log = createSafeLog({ setSecret() {} } as unknown as RunnerCommands);
const entry = errorEntry('registry-denied');
const summary = (message: string, next = 'Run again.') => summaryText({ entry, message, next }, 'Tidegate', log);

test('the annotation is the message, the next step and the code', () => {
  expect(annotationText({ entry, message: 'No tag.', next: 'Set one.' })).toBe('No tag. — Set one. [TG4001]');
});

test('the summary has one headline, one cause and one next step', () => {
  expect(summary('The registry is gone.', 'Run again.')).toBe(
    `## ❌ Tidegate\\: The registry denied access\n\nThe registry is gone\\.\n\n**What to do:** Run again\\. ${LINK}\n`,
  );
});

test('further lines of a message are folded, and of many the last are shown', () => {
  const lines = Array.from({ length: 60 }, (_, at) => `line ${at}`);
  const text = summary(['It failed.', ...lines].join('\n'));
  expect(text).toContain(
    `It failed\\.\n\n**What to do:** Run again\\. ${LINK}\n\n<details><summary>Details</summary>\n\n\`\`\`\n…\nline 10\n`,
  );
  expect(text).toContain('line 59\n```\n\n</details>');
});

test('text from outside becomes no markup, link, mention or command', () => {
  const text = summary('<img src=https://evil.test> @all [x](https://evil.test) | **b** ::error::x', '</details><b>');
  expect(text).not.toMatch(/<(?!\/?(details|summary|code)>|!-- -->)/);
  expect(text.replace(LINK, '')).not.toMatch(/(?<!\\)[@[|]|@(?!<!-- -->)/);
});

test('a line of a message that looks like a fence stays in the fold', () => {
  expect(summary('It failed.\n```\n</details>')).toContain('````\n```\n</details>\n````');
});

test('pairs of backticks are code, a single one is text', () => {
  expect(summary('Grant `id-token: write` now.')).toContain('Grant <code>id&#45;token&#58; write</code> now\\.');
  expect(summary('A ` alone.')).toContain('A \\` alone\\.');
  expect(summary('`a` `<b>`')).toContain('<code>a</code> <code>&#60;b&#62;</code>');
});

test('a secret is removed before the text is escaped or cut', () => {
  log.mask('p*ss_word-hunter2');
  expect(summary('Login with p*ss_word-hunter2 failed.')).toContain('Login with \\*\\*\\* failed\\.');
  expect(summary(`${'x'.repeat(990)} p*ss_word-hunter2`)).not.toContain('p\\*ss');
});

test('a secret that is wrapped over the first lines is removed', () => {
  const secret = 'hunter2-Tr0ub4dor-and-a-battery-staple';
  log.mask(secret);
  const wrapped = Buffer.from(secret).toString('base64').replace(/.{20}/g, '$&\n');
  const text = summary(`It failed: ${wrapped}`);
  for (const line of wrapped.split('\n')) expect(text).not.toContain(line);
  expect(text).toContain('It failed\\: \\*\\*\\*');
});

test('a message of any length is cut', () => {
  expect(summary('x'.repeat(100_000), 'y'.repeat(100_000)).length).toBeLessThan(5000);
});
