import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { inputLines, inputRecords, outputLines, UnreadableLine } from './input-lines.ts';

const texts = (text: string) => inputLines(text).map((line) => line.text);

function complaint(read: () => unknown): UnreadableLine {
  try {
    read();
  } catch (error) {
    if (error instanceof UnreadableLine) return error;
    throw error;
  }
  throw new Error('it was read');
}

test.each([
  ['one a line', 'A=1\nB=2\n', ['A=1', 'B=2']],
  ['with Windows line ends', 'A=1\r\nB=2\r\n', ['A=1', 'B=2']],
  ['between blank lines', '\n\nA=1\n  \nB=2', ['A=1', 'B=2']],
  ['with commas', 'A=1,2,3,\nB=,', ['A=1,2,3,', 'B=,']],
  ['with quotes inside', 'A="x" and "y"\nB={"a":"b","c":"d"}', ['A="x" and "y"', 'B={"a":"b","c":"d"}']],
  ['quoted, with line ends', '"A=1\n2\n"\nB=3', ['A=1\n2\n', 'B=3']],
  ['quoted, with Windows line ends', '"A=1\r\n2"\r\nB=3', ['A=1\r\n2', 'B=3']],
  ['quoted, with quotes inside', '"A=say ""hi"", then\ngo"', ['A=say "hi", then\ngo']],
  ['quoted, with an equals sign behind a line end', '"A=1\nB=2"', ['A=1\nB=2']],
  ['with blanks at the end', 'A=1  \n', ['A=1  ']],
])('items %s', (_, text, items) => {
  expect(texts(text)).toEqual(items);
});

test('each item knows the line it begins in', () => {
  expect(inputLines('A=1\n\n"B=1\n2"\nC=1').map(({ line }) => line)).toEqual([1, 3, 5]);
});

test.each([
  ['a quote that is not closed', 'A=1\n"B=2\nC=3', undefined, 'a quote is not closed'],
  ['text behind a closing quote', 'A=1\n"B=2"x', 2, 'text follows a closing quote'],
  ['a blank behind a closing quote', '"B=2" ', 1, 'text follows a closing quote'],
  ['two quoted parts', '"A=1","B=2"', 1, 'text follows a closing quote'],
  ['a part in quotes behind a comma', 'A=["a","b","c"]', 1, 'a quote follows a comma'],
  ['a quote behind a comma that takes in the next line', 'A=x,"y\nB=z"', 1, 'a quote follows a comma'],
])('refuses %s, and shows nothing of it', (_, text, line, why) => {
  expect(complaint(() => inputLines(text))).toMatchObject({ line, message: why });
});

describe("docker's actions read the same", () => {
  /** docker/actions-toolkit, src/util.ts: getList with ignoreComma and without trimming, as `secrets` are read. */
  function dockers(text: string): readonly string[] | undefined {
    const options = { columns: false, relaxQuotes: true, relaxColumnCount: true, skipEmptyLines: true } as const;
    try {
      const records = parse(text, options) as string[][];
      return records.map((record) => record.join(',')).filter((item) => item.trim() !== '');
    } catch {
      return undefined;
    }
  }

  /** Pseudo-random numbers, the same each time (mulberry32). */
  function numbers(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
    };
  }

  test('or ours is refused: 3,000 texts made of what matters', () => {
    const pieces = ['"', '""', ',', '\n', 'A=', 'b', '=', ' ', 'x', '"A=1\n2"', '\n"', '"\n'];
    const below = numbers(1);
    const others: unknown[] = [];
    let read = 0;
    for (let at = 0; at < 3000; at += 1) {
      const text = Array.from({ length: below(9) + 1 }, () => pieces[below(pieces.length)]).join('');
      let ours: readonly string[];
      try {
        ours = texts(text);
      } catch {
        continue;
      }
      read += 1;
      if (JSON.stringify(ours) !== JSON.stringify(dockers(text))) others.push({ text, ours });
    }
    expect(others).toEqual([]);
    expect(read).toBeGreaterThan(1000);
  });
});

test('written values are read back unchanged', () => {
  const pairs = {
    a: 'b',
    'two lines': '1\n2',
    quotes: '["a","b"]',
    'quote first': '"x"',
    crlf: 'a\r\nb',
    commas: 'a,b',
  };
  const read = texts(outputLines(Object.entries(pairs))).map((text) => text.split(/=(.*)/s).slice(0, 2));
  expect(Object.fromEntries(read)).toEqual(pairs);
  expect(
    outputLines([
      ['a', 'b'],
      ['c', 'd,e'],
    ]),
  ).toBe('a=b\nc=d,e');
});

describe('records', () => {
  const fields = (text: string) => inputRecords(text).map((record) => record.fields);
  test.each([
    ['three fields', 'a,b,c', [['a', 'b', 'c']]],
    [
      'blanks around fields',
      ' a , b , c \n\n d,e',
      [
        ['a', 'b', 'c'],
        ['d', 'e'],
      ],
    ],
    ['a quoted field with commas, quotes and blanks', 'a,b, " c,""d"" " ', [['a', 'b', ' c,"d" ']]],
    ['a quote inside a field', 'a,b"c', [['a', 'b"c']]],
  ])('%s', (_, text, records) => {
    expect(fields(text)).toEqual(records);
  });
  test.each(['a,"b"c', 'a,"b'])('refuses %s', (text) => {
    expect(complaint(() => inputRecords(text))).toBeDefined();
  });
});
