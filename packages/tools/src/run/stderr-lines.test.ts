import { expect, test } from '@jest/globals';
import { lastLines, StderrLines } from './stderr-lines.ts';

function linesOf(...chunks: readonly string[]): readonly string[] {
  const lines: string[] = [];
  const said = new StderrLines((line) => lines.push(line));
  for (const chunk of chunks) said.write(Buffer.from(chunk));
  said.end();
  return lines;
}

test('lines arrive whole, however they are written', () => {
  expect(linesOf('one\r\ntw', 'o\n\nthree')).toEqual(['one', 'two', '', 'three']);
});

test('no part of a long line looks like the beginning of one', () => {
  const long = 'x'.repeat(16 * 1024);
  expect(linesOf(`${long}#6 DONE 0.1s`, '\n#7 next\n')).toEqual([long, '… #6 DONE 0.1s', '#7 next']);
  expect(linesOf(`${long}${long}y`)).toEqual([long, `… ${long}`, '… y']);
});

test.each([
  ['a blank', ' '],
  ['a quotation mark, in JSON without blanks', '"'],
])('a long line is cut after %s, so that no secret is cut in two', (_, separator) => {
  const secret = 's3cr3t'.repeat(20);
  const before = `${'x'.repeat(16 * 1024 - 50)}${separator}`;
  const lines = linesOf(`${before}${secret}${separator}${'y'.repeat(100)}`);
  expect(lines).toEqual([before, `… ${secret}${separator}${'y'.repeat(100)}`]);
});

const tailOf = (text: string) => {
  const said = new StderrLines();
  said.write(Buffer.from(text));
  return said.tail;
};

test('the tail has whole lines: a part of a secret would not be recognized', () => {
  const secret = `token ${'s'.repeat(60)}\n`;
  const tail = tailOf(secret.repeat(5000));
  expect(tail.length).toBeLessThanOrEqual(64 * 1024);
  expect(tail.startsWith('token ')).toBe(true);
  // A progress bar begins again without a line end.
  expect(tailOf('token 10 %\r'.repeat(10_000))).toMatch(/^token 10 %\rtoken/);
  expect(tailOf('short')).toBe('short');
  expect(tailOf(`${'s'.repeat(100_000)}\n`)).toBe('(one line of more than 64 KiB)');
});

test('of many long lines, the last whole ones are kept', () => {
  const line = (at: number) => `${at} ${'s'.repeat(998)}`;
  const text = Array.from({ length: 20 }, (_, at) => line(at)).join('\n');
  expect(lastLines(text)).toBe([17, 18, 19].map(line).join('\n'));
  expect(lastLines(`first\n${'s'.repeat(5000)}\n`)).toBe('s'.repeat(5000));
  expect(lastLines('a\r\nb\rc\n\n')).toBe('a\nb\nc');
});
