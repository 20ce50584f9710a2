import { describe, expect, test } from '@jest/globals';
import { formatBytes, formatDuration, harmlessLines, visible, visibleLine, visibleLines } from './terminal.ts';

describe('visible', () => {
  test.each([
    ['plain text', 'plain text', 'plain text'],
    ['a tab', 'a\tb', 'a\tb'],
    ['letters of any script', 'größe 大小 😀', 'größe 大小 😀'],
    ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
    ['a colour by the one-byte introducer', '\u009b31mred', 'red'],
    ['a terminal title', '\u001b]0;owned\u0007text', 'text'],
    ['a terminal link', '\u001b]8;;https://evil.example\u001b\\text\u001b]8;;\u001b\\', 'text'],
    ['an escape that starts no sequence', 'a\u001b b', 'a\\u{1b} b'],
    ['NUL', 'a\0b', 'a\\u{0}b'],
    ['a right-to-left override', 'user\u202e txt.exe', 'user\\u{202e} txt.exe'],
    ['an isolate', '\u2066x\u2069', '\\u{2066}x\\u{2069}'],
    ['a zero-width space', 'a\u200bb', 'a\\u{200b}b'],
    ['a soft hyphen', 'a\u00adb', 'a\\u{ad}b'],
    ['a tag character', 'a\u{e0041}', 'a\\u{e0041}'],
    ['half a surrogate pair', 'a\ud800', 'a\\u{d800}'],
    ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
  ])('shows %s', (_, text, shown) => {
    expect(visible(text)).toBe(shown);
  });
});

describe('lines', () => {
  test.each([
    ['LF', 'a\nb', ['a', 'b']],
    ['CRLF', 'a\r\nb', ['a', 'b']],
    ['CR alone, as progress bars use it', 'a\rb', ['a', 'b']],
    ['the separators of Unicode', 'a\u2028b\u2029c\u0085d\ve\ff', ['a', 'b', 'c', 'd', 'e', 'f']],
    ['a trailing line break', 'a\n', ['a']],
    ['an empty line between', 'a\n\nb', ['a', '', 'b']],
    ['nothing', '', ['']],
  ])('are split at %s', (_, text, lines) => {
    expect(visibleLines(text)).toEqual(lines);
  });

  test('are joined where only one fits', () => {
    expect(visibleLine('  a\r\n\n  b\u2028c  ')).toBe('a b c');
  });
});

test('lines that look like commands stay readable', () => {
  expect(harmlessLines('::error::x\n  ::add-mask::y\nsee ##[group]z and ###[w]\nstd::string')).toEqual([
    ': :error::x',
    '  : :add-mask::y',
    'see # #[group]z and ## #[w]',
    'std::string',
  ]);
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [126_143_693, '120.3 MiB'],
  [1024 ** 3 - 1, '1 GiB'],
  [-5, '0 B'],
])('%d bytes read as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [850, '850 ms'],
  [999.7, '1 s'],
  [4210, '4.2 s'],
  [59_960, '1 min'],
  [185_000, '3 min 5 s'],
  [3_599_900, '1 h'],
  [7_440_000, '2 h 4 min'],
])('%d ms read as %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});
