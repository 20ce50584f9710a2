import { expect, test } from '@jest/globals';
import * as yaml from 'yaml';
import { documentsIn } from './yaml-documents.ts';

/** Counts the tokens that are composed and the errors that are reported, which cost a stack trace each. */
function counted() {
  const count = { tokens: 0, errors: 0 };
  class Composer extends yaml.Composer {
    constructor(options?: ConstructorParameters<typeof yaml.Composer>[0]) {
      super(options);
      let report = Reflect.get(this, 'onError') as (...args: unknown[]) => void;
      Object.defineProperty(this, 'onError', {
        get:
          () =>
          (...args: unknown[]) => {
            count.errors += 1;
            report(...args);
          },
        set: (own: typeof report) => {
          report = own;
        },
      });
    }
    override *next(token: yaml.CST.Token) {
      count.tokens += 1;
      yield* super.next(token);
    }
  }
  return { count, parser: { ...yaml, Composer } as typeof yaml };
}

test.each<[what: string, part: string, line: number]>([
  ['closing braces', '}', 1],
  ['closing braces, one on a line', '}\n', 1],
  ['closing braces as values', 'a: }\n', 1],
  ['commas in a list', '[,,]\n', 1],
  ['keys as values', 'a: b: ', 1],
  ['anchors', '&a ', 1],
  ['escapes that do not exist', 'a: "\\q"\n', 1],
  ['wrong headers of blocks', 'a: |x\n', 1],
  ['directives', '%YAML 9\n', 1],
])('the first error of many ends the reading: %s', (_, part, line) => {
  const { count, parser } = counted();
  const lines = new yaml.LineCounter();
  let thrown: unknown;
  try {
    Array.from(documentsIn(parser, part.repeat(2_000), lines));
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(yaml.YAMLParseError);
  expect(thrown instanceof yaml.YAMLParseError && lines.linePos(thrown.pos[0]).line).toBe(line);
  expect(count.errors).toBeLessThan(4);
  expect(count.tokens).toBeLessThan(4);
});

test('the documents before an error are not lost, and an error outside of documents is one', () => {
  const read = (text: string) => Array.from(documentsIn(yaml, text, new yaml.LineCounter()));
  expect(read('a: 1\n---\nb: 2\n')).toHaveLength(2);
  expect(read('# nothing\n')).toEqual([]);
  expect(() => read('a: 1\n---\n}\n')).toThrow('Unexpected flow-map-end');
  expect(() => read('}')).toThrow('Unexpected flow-map-end');
});
