import { describe, expect, test } from '@jest/globals';
import { summaryMarkdown } from '@tidegate/core';
import { plainText } from './summary-text.ts';

describe('a job summary as text', () => {
  test.each([
    ['an escaped name', 'golang\\.org/x/\\_net', 'golang.org/x/_net'],
    ['code', '<code>a&#46;b</code> and **bold**', 'a.b and bold'],
    ['a link', '[GO\\-2025\\-3553](https://pkg.go.dev/vuln/GO-2025-3553)', 'GO-2025-3553'],
    ['an entity that spells a tag', '&lt;b&gt; &amp;lt;', '<b> &lt;'],
    ['a code block, letter for letter', '```sh\na \\. | b\n```', 'a \\. | b'],
    ['one blank line for many', 'a\n\n<details>\n\n</details>\n\nb', 'a\n\nb'],
  ])('%s', (_, markdown, text) => {
    expect(plainText(markdown)).toBe(text);
  });

  test('a table has aligned columns, and an escaped bar stays in its cell', () => {
    const table = '| Package | Version |\n| --- | --- |\n| a\\|b | 1\\.0 |\n| longer name | 2 |';
    expect(plainText(table)).toBe('Package      Version\na|b          1.0\nlonger name  2');
  });

  test('nothing that core escapes stays escaped', () => {
    const text = plainText(summaryMarkdown({ name: '127.0.0.1:5000/acme/app_x', references: ['r/a@sha256:0'] }));
    expect(text).toContain('127.0.0.1:5000/acme/app_x');
    expect(text).toContain('docker pull r/a@sha256:0');
  });
});
