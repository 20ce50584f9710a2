import { describe, expect, test } from '@jest/globals';
import type { Flag } from './flags.ts';
import { parseFlags } from './parse.ts';

const FLAGS: readonly Flag[] = [
  { name: 'image', value: 'ITEM', many: true, description: '' },
  { name: 'file', value: 'TEXT', description: '' },
  { name: 'rootless', description: '' },
  { name: 'key-file', value: 'FILE', input: 'key', isSecretFile: true, description: '' },
];
const parse = (...argv: string[]) => parseFlags(argv, FLAGS, 'ship');

test('values, repeated values, flags without value, arguments', () => {
  const { values, positionals } = parse('a', '--image', 'x', '--image=y', '--rootless', '--file', '-', 'b');
  expect(positionals).toEqual(['a', 'b']);
  expect(Object.fromEntries(values)).toEqual({ image: ['x', 'y'], rootless: ['true'], file: ['-'] });
});

test('--no- sets a flag without value to false', () => {
  expect(parse('--no-rootless').values.get('rootless')).toEqual(['false']);
  expect(() => parse('--no-file')).toThrow('Unknown flag "--no-file"');
});

test('after --, nothing is a flag', () => {
  expect(parse('--', '--image').positionals).toEqual(['--image']);
});

describe('an error says what is wrong', () => {
  test.each([
    [['--imaeg', 'x'], 'Unknown flag "--imaeg".', 'Did you mean --image?'],
    [['-f', 'x'], 'Unknown flag "-f".', 'Run tidegate ship --help'],
    [['--file'], '--file needs a value: TEXT.', 'Run tidegate ship --help'],
    [['--file', '--rootless'], '--file needs a value, and is followed by "--rootless".', '--file=VALUE'],
    [['--rootless=yes'], '--rootless takes no value.', '--no-rootless'],
    [['--file', 'a', '--file', 'b'], '--file is given more than once', 'Give it once.'],
    [['--rootless', '--no-rootless'], '--no-rootless is given more than once', 'Give it once.'],
    [
      ['--key', 'secret'],
      '--key is a secret',
      'Write --key-file FILE, --key-file - for stdin, or set the variable TIDEGATE_KEY.',
    ],
  ])('%j', (argv, message, next) => {
    expect(() => parse(...argv)).toThrow(
      expect.objectContaining({
        id: 'command-line-invalid',
        message: expect.stringContaining(message),
        next: expect.stringContaining(next),
      }),
    );
  });

  test('the value of a secret is not repeated', () => {
    expect(() => parse('--key=hunter22')).toThrow(expect.not.stringContaining('hunter22'));
  });
});

test('a value that begins with a dash is written with =', () => {
  expect(parse('--file=-x').values.get('file')).toEqual(['-x']);
});
