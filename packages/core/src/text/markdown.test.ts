import { describe, expect, test } from '@jest/globals';
import { codeBlock, escapeMarkdown, inlineCode, link, table } from './markdown.ts';

describe('text from outside', () => {
  test.each([
    ['HTML', '</details><img src=x onerror=alert(1)>'],
    ['a link', '[click](javascript:alert(1))'],
    ['an image', '![x](https://evil.example/pixel)'],
    ['a table cell', 'a | b'],
    ['code', '`a`'],
    ['emphasis', '**a** __b__ ~~c~~'],
    ['a heading on a new line', 'a\n# b'],
    ['a mention', '@octocat'],
    ['an autolink', 'https://evil.example'],
    ['an autolink without a scheme', 'www.evil.example'],
    ['a footnote', '[^1]'],
    ['maths', '$x$'],
    ['an entity', '&lt;script&gt;'],
    ['an emoji code', ':tada:'],
  ])('%s does not become markup', (_, text) => {
    const escaped = escapeMarkdown(text).replaceAll('<!-- -->', '');
    // Every special character is escaped, and every angle bracket and ampersand belongs to an entity of ours.
    expect(escaped).not.toMatch(/(?<!\\)[`*_{}[\]()#!|~$^:@.]|[<>\n]|&(?!(amp|lt|gt);)/);
  });

  test('reads as it was written', () => {
    expect(escapeMarkdown('a<b> & c|d')).toBe('a&lt;b&gt; &amp; c\\|d');
  });
});

/** The pieces of text in the finished page, which GitHub searches. */
const pieces = (markdown: string) => markdown.replace(/\\([!-/:-@[-`{-~])/g, '$1').split('<!-- -->');
const LINKED = /@[a-z0-9]|#\d|\bgh-\d/i;

test.each([
  ...['@octocat', '@types/node', 'acme/app#7', '#7', 'GH-7', 'gh-7', 'acme/app@0123456789abcdef', 'a@evil.example'],
  ...['@@octocat', '@octocat @octocat', '##7', 'x-GH-7', '**@octocat**', '`@octocat`', '@', '#', 'GH-'],
])('%s is neither a mention nor a reference in the finished page', (text) => {
  for (const markdown of [escapeMarkdown(text), link(text, 'https://a.test')]) {
    expect(pieces(markdown).filter((piece) => LINKED.test(piece))).toEqual([]);
    expect(pieces(markdown).join('')).toContain(text);
  }
  // The text that follows directly must not complete one.
  expect(LINKED.test(pieces(`${escapeMarkdown(text)}1`).at(-1) ?? '')).toBe(false);
  expect(table(['a'], [[escapeMarkdown(text)]]).split('|')).toHaveLength(7);
});

test('headings and package versions are not split for nothing', () => {
  expect(escapeMarkdown('# Title, C# and CVE-2026-1')).toBe('\\# Title, C\\# and CVE\\-2026\\-1');
});

test('inline code survives a table, backticks and HTML', () => {
  expect(inlineCode('a|b`c`<i>')).toBe('<code>a&#124;b&#96;c&#96;&#60;i&#62;</code>');
  expect(inlineCode('lib/x, 50%; é')).toBe('<code>lib/x, 50%; é</code>');
});

describe('links', () => {
  test.each([
    ['https://example.com/a_(b)', '[x](https://example.com/a%5F%28b%29)'],
    ['https://example.com/?a=<b>|c', '[x](https://example.com/?a=%3Cb%3E%7Cc)'],
    ['javascript:alert(1)', 'x'],
    ['data:text/html,x', 'x'],
    ['//evil.example', 'x'],
    ['../../etc', 'x'],
    ['not an address', 'x'],
  ])('%s', (address, markdown) => {
    expect(link('x', address)).toBe(markdown);
  });
});

test('tables have a line a row', () => {
  expect(table(['a', 'b'], [['1', '2']])).toBe('| a | b |\n| --- | --- |\n| 1 | 2 |');
});

test('a code block cannot be closed from inside', () => {
  expect(codeBlock('a\n````\n<b>', 'json')).toBe('`````json\na\n````\n<b>\n`````');
});
