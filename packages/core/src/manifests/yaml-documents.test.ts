import { describe, expect, test } from '@jest/globals';
import * as yaml from 'yaml';
import { documentsIn } from './yaml-documents.ts';

/** Counts the tokens that are composed. */
function counted() {
  const count = { tokens: 0 };
  class Composer extends yaml.Composer {
    override *next(token: yaml.CST.Token) {
      count.tokens += 1;
      yield* super.next(token);
    }
  }
  return { count, parser: { ...yaml, Composer } as typeof yaml };
}

function thrownBy(text: string, parser: typeof yaml = yaml) {
  const lines = new yaml.LineCounter();
  try {
    Array.from(documentsIn(parser, text, lines));
  } catch (error) {
    if (error instanceof yaml.YAMLParseError) return { error, line: lines.linePos(error.pos[0]).line };
    throw error;
  }
  throw new Error('no error');
}

describe.each<[what: string, part: string]>([
  ['closing braces', '}'],
  ['closing braces, one on a line', '}\n'],
  ['closing braces as values', 'a: }\n'],
  ['commas in lists', '[,,]\n'],
  ['keys as values', 'a: b: '],
  ['anchors', '&a '],
  ['escapes that do not exist', 'a: "\\q"\n'],
  ['wrong headers of blocks', 'a: |x\n'],
  ['directives', '%YAML 9\n'],
])('of many errors, the first one is thrown: %s', (_, part) => {
  test('without reading on', () => {
    const { count, parser } = counted();
    expect(thrownBy(part.repeat(2_000), parser).line).toBe(1);
    expect(count.tokens).toBeLessThan(4);
  });

  test('without stack traces, each of which takes longer than the error', () => {
    const limit = Error.stackTraceLimit;
    const { stack = '' } = thrownBy(`a: 1\n---\n${part.repeat(10)}`).error;
    expect(stack.split('\n').filter((line) => line.includes('/compose/'))).toEqual([]);
    expect(Error.stackTraceLimit).toBe(limit);
  });
});

test('4 MB of closing braces take no time', () => {
  const began = performance.now();
  expect(thrownBy('}'.repeat(4 * 1024 * 1024)).error.message).toContain('Unexpected flow-map-end token in YAML');
  expect(performance.now() - began).toBeLessThan(2_000);
});

test.each(['a: b\n', '- a\n', ': : :\n', 'a: "\\q"\n', '- {a: b c: d}\n', '- - - -\n'])(
  '4 MB of %j are refused before they take a gigabyte',
  (part) => {
    const { error, line } = thrownBy(part.repeat(Math.floor((4 * 1024 * 1024) / part.length)));
    expect(error.message).toBe('More than 1000000 keys, values and marks');
    expect(line).toBeGreaterThan(60_000);
  },
);

test('the documents before an error are not lost, and an error outside of documents is one', () => {
  const read = (text: string) => Array.from(documentsIn(yaml, text, new yaml.LineCounter()));
  expect(read('a: 1\n---\nb: 2\n')).toHaveLength(2);
  expect(read('# nothing\n')).toEqual([]);
  expect(() => read('a: 1\n---\n}\n')).toThrow('Unexpected flow-map-end');
  expect(() => read('}')).toThrow('Unexpected flow-map-end');
});
