import { describe, expect, test } from '@jest/globals';
import { type Check, expressionsIn, judge, type Verdicts } from './expressions.ts';

const KNOWN: Verdicts = { linear: ['/a/'], reviewed: {}, built: {} };
const slow: Check = (source) => (source.includes('*') ? 'takes quadratic time.' : undefined);

describe('the check of regular expressions', () => {
  test('finds literals and what builds one, with their lines', () => {
    const text = "const a = /x\\/y/gi;\nnew RegExp(source);\nRegExp('b');\nconst c = 4 / 2 / 1;\n// /no/\n";
    expect(expressionsIn('a.ts', text)).toEqual([
      { path: 'a.ts', line: 1, literal: '/x\\/y/gi' },
      { path: 'a.ts', line: 2, literal: undefined },
      { path: 'a.ts', line: 3, literal: undefined },
    ]);
  });

  test('asks about what is new alone', () => {
    const asked: string[] = [];
    const check: Check = (source, flags) => {
      asked.push(`${source} ${flags}`);
      return undefined;
    };
    const { complaints } = judge(
      expressionsIn('a.ts', '/a/; /b/g; /b/g'),
      { ...KNOWN, linear: ['/a/', '/b/g'] },
      check,
    );
    expect(complaints).toEqual([]);
    expect(judge(expressionsIn('a.ts', '/a/; /b/g'), KNOWN, check).verdicts.linear).toEqual(['/a/', '/b/g']);
    expect(asked).toEqual(['b g']);
  });

  test('asks about everything that it is not to believe, and complains of nothing that passes', () => {
    const asked: string[] = [];
    const check: Check = (source) => {
      asked.push(source);
      return undefined;
    };
    const known = { ...KNOWN, linear: ['/a/', '/b/g'] };
    expect(judge(expressionsIn('a.ts', '/a/; /b/g'), known, check, [])).toEqual({ complaints: [], verdicts: known });
    expect(asked).toEqual(['a', 'b']);
  });

  test('names a slow one, and keeps no verdict of it', () => {
    const { complaints, verdicts } = judge(expressionsIn('a.ts', '/a/;\n/b*$/;'), KNOWN, slow);
    expect(complaints).toEqual(['a.ts:2 /b*$/ takes quadratic time.']);
    expect(verdicts.linear).toEqual(['/a/']);
  });

  test('does not ask about what is reviewed, and forgets it when it is gone', () => {
    const known = { ...KNOWN, reviewed: { '/b*$/': 'Of a path.' } };
    const { complaints, verdicts } = judge(expressionsIn('a.ts', '/a/; /b*$/'), known, slow);
    expect(complaints).toEqual([]);
    expect(verdicts).toMatchObject({ linear: ['/a/'], reviewed: { '/b*$/': 'Of a path.' } });
    expect(judge(expressionsIn('a.ts', '/a/'), known, slow).complaints).toHaveLength(1);
  });

  test('refuses an expression that is built and not explained, and verdicts that nothing uses', () => {
    const built = expressionsIn('a.ts', '/a/; new RegExp(x)');
    expect(judge(built, KNOWN, slow).complaints).toEqual([
      'a.ts:1 builds 1 expressions, and expressions.json explains 0.',
    ]);
    const explained = { ...KNOWN, built: { 'a.ts': { count: 1, why: 'A word.' } } };
    expect(judge(built, explained, slow).complaints).toEqual([]);
    expect(judge(expressionsIn('a.ts', '/a/'), explained, slow).complaints).toHaveLength(1);
    expect(judge([], KNOWN, slow).complaints).toHaveLength(1);
  });
});
