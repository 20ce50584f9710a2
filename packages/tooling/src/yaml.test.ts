import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { writeYaml } from './yaml.ts';

const STRINGS = [
  'plain words',
  'true',
  'No',
  'null',
  '~',
  '',
  '1.0',
  '0x1f',
  '1e3',
  '2026-11-24',
  '5d',
  ' leading and trailing ',
  'a: b',
  'a #b',
  '- a',
  '? a',
  '[a]',
  '{a}',
  '*a',
  '&a',
  '!a',
  '%a',
  '@a',
  '`a`',
  '| a',
  '> a',
  '"quoted"',
  "it's",
  'back\\slash',
  'two\nlines\n',
  'tab\there',
  'größe 😀',
  '\u0000\u0085\u2028\ufeff\u007f',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in action.yml
  '${{ github.token }}',
  '...',
  '---',
  '=',
  '<<',
  'a,b',
];

test.each(STRINGS)('%j comes back as it was written, in YAML 1.1 and 1.2', (text) => {
  for (const version of ['1.1', '1.2'] as const) {
    expect(parse(writeYaml({ key: text, [text]: 'value' }), { version })).toEqual({ key: text, [text]: 'value' });
  }
});

test('maps keep their order and nest', () => {
  const map = { b: { y: '1', x: { deep: 'a' } }, a: {} };
  expect(writeYaml(map)).toBe("b:\n  'y': '1'\n  x:\n    deep: a\na: {}\n");
});
