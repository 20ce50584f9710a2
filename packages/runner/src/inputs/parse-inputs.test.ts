import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '@tidegate/core';
import { parseInputs } from './parse-inputs.ts';
import { defineAction, type InputSpec } from './schema.ts';

function actionWith(input: InputSpec) {
  return defineAction({
    name: 'x',
    title: 'X',
    description: 'X.',
    branding: { icon: 'box', color: 'blue' },
    inputs: { it: input },
    outputs: {},
  });
}

function parse(input: InputSpec, text: string): unknown {
  return parseInputs(actionWith(input), () => text).it;
}

function complaint(input: InputSpec, text: string): TidegateError {
  try {
    parse(input, text);
  } catch (error) {
    if (error instanceof TidegateError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} was accepted`);
}

const of = (type: Exclude<InputSpec['type'], 'choice' | 'list' | 'records'>): InputSpec => ({
  type,
  description: 'It.',
});
const list: InputSpec = { type: 'list', description: 'It.' };
const commas: InputSpec = { type: 'list', commas: true, description: 'It.' };
const choice: InputSpec = { type: 'choice', choices: ['auto', 'always', 'never'], default: 'auto', description: 'It.' };

test.each<[string, InputSpec, string, unknown]>([
  ['a string', of('string'), ' a b ', 'a b'],
  ['a string that is not given', of('string'), '', ''],
  ['a boolean', of('boolean'), 'true', true],
  ['a boolean as YAML also writes it', of('boolean'), 'FALSE', false],
  ['a boolean that is not given', of('boolean'), '', false],
  ['days', of('duration'), '5d', 432_000_000],
  ['hours', of('duration'), '36h', 129_600_000],
  ['minutes', of('duration'), '90m', 5_400_000],
  ['seconds', of('duration'), '30s', 30_000],
  ['days and hours', of('duration'), '1d12h', 129_600_000],
  ['a duration that is not given', of('duration'), '', undefined],
  ['a list', list, 'a, b\n\n  c  \r\nd', ['a, b', 'c', 'd']],
  ['a list with commas', commas, 'a, b\nc,,', ['a', 'b', 'c']],
  ['an empty list', list, ' \n ', []],
  [
    'pairs',
    of('pairs'),
    'A=1\nB=x=y\nA=2\nC=',
    [
      ['A', '1'],
      ['B', 'x=y'],
      ['A', '2'],
      ['C', ''],
    ],
  ],
  ['a choice', choice, 'never', 'never'],
  ['a choice in another case', choice, 'Always', 'always'],
  ['a choice that is not given', choice, '', 'auto'],
])('%s', (_, input, text, value) => {
  expect(parse(input, text)).toEqual(value);
});

test.each<[string, InputSpec, string, RegExp]>([
  ['a word', of('boolean'), 'yes', /^Input it: got "yes", expected true or false\.$/],
  ['a bare number', of('duration'), '5', /got "5", expected a duration/],
  ['a unit nobody said', of('duration'), '5w', /expected a duration/],
  ['a duration beyond all measure', of('duration'), `${'9'.repeat(20)}d`, /expected a duration/],
  ['a line without =', of('pairs'), 'A=1\nB', /got "B", expected KEY=VALUE/],
  ['a value without a name', of('pairs'), '=1', /got "=1", expected KEY=VALUE/],
  ['none of the choices', choice, 'sometimes', /got "sometimes", expected auto, always or never/],
  ['nothing where something is required', { ...list, required: true }, ' ', /got "", expected a value/],
])('refuses %s', (_, input, text, message) => {
  const error = complaint(input, text);
  expect(error.kind).toBe('bad-input');
  expect(error.message).toMatch(message);
  expect(error.next).toMatch(/^[A-Z].*\.$/);
});

test('a string of two lines is refused, unless it is a key', () => {
  for (const text of ['a\nb', 'a\r\nb', 'a\rb']) {
    expect(complaint(of('string'), text).message).toMatch(/expected one line/);
    expect(parse({ type: 'string', multiline: true, description: 'It.' }, text)).toBe(text);
    expect(parse({ type: 'string', secret: true, description: 'It.' }, text)).toBe(text);
  }
});

describe('defaults', () => {
  test('stand in for a blank value', () => {
    expect(parse({ ...of('duration'), default: '5d' }, ' ')).toBe(432_000_000);
  });
  test('that are expressions are the runner’s to evaluate', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in action.yml
    expect(parse({ ...of('string'), default: '${{ github.token }}' }, '')).toBe('');
  });
});

describe('secrets', () => {
  test('are masked before anything is parsed', () => {
    const action = defineAction({
      ...actionWith(of('string')),
      inputs: { bad: of('duration'), password: { type: 'string', secret: true, description: 'It.' } },
    });
    const masked: string[] = [];
    const source = { read: () => 'hunter2', mask: (secret: string) => masked.push(secret) };
    expect(() => parseInputs(action, source)).toThrow('a duration');
    expect(masked).toEqual(['hunter2']);
  });
  test('are not quoted in a complaint', () => {
    const error = complaint({ ...of('pairs'), secret: true }, 'hunter2');
    expect(`${error.message} ${error.next}`).not.toContain('hunter2');
    expect(error.message).toContain('line 1 is not ID=VALUE');
  });
});

describe('pairs whose values have line ends', () => {
  test('are quoted as docker’s actions take it', () => {
    expect(parse(of('pairs'), 'A=1\n"B=line 1\nline ""2""\n"\nC=3')).toEqual([
      ['A', '1'],
      ['B', 'line 1\nline "2"'],
      ['C', '3'],
    ]);
  });
  test('are two pairs where they are not quoted and both lines read as one', () => {
    expect(parse(of('pairs'), 'CFG=a=1\nb=2')).toEqual([
      ['CFG', 'a=1'],
      ['b', '2'],
    ]);
  });
  test.each([
    ['not closed', '"A=1\n2', /^Input it cannot be parsed, because a quote is not closed\./],
    ['behind a comma', 'A=["x","y","z"]', /line 1 cannot be parsed, because a quote follows a comma/],
    ['behind a blank', 'A=1\n "B=2"', /expected KEY=VALUE/],
  ])('are refused with a quote %s', (_, text, message) => {
    const error = complaint(of('pairs'), text);
    expect(error.message).toMatch(message);
    expect(error.next).toMatch(/quote the whole pair/i);
  });
});

describe('secret pairs', () => {
  const secrets: InputSpec = { type: 'pairs', secret: true, description: 'It.' };
  const MIDDLE = 'c2VjcmV0LXRva2VuLXZhbHVlLTEyMw';

  test('keep the blanks and line ends of a quoted value, and the blanks at the end of any', () => {
    expect(parse(secrets, `TOKEN=abc  \n"NETRC=user ada\n${MIDDLE}==\n"\n`)).toEqual([
      ['TOKEN', 'abc  '],
      ['NETRC', `user ada\n${MIDDLE}==\n`],
    ]);
  });
  test('keep the blanks at the end of the only one', () => {
    expect(parse(secrets, 'TOKEN=abc  ')).toEqual([['TOKEN', 'abc  ']]);
  });
  test('may be empty, as all are in a pull request from a fork', () => {
    expect(parse(secrets, 'A=\nB=')).toEqual([
      ['A', ''],
      ['B', ''],
    ]);
  });

  test.each([
    ['base64 that ends in ==', `${MIDDLE}==`],
    ['base64 that ends in == and blanks', `${MIDDLE}== `],
    ['base64 with a slash', `c2Vj/${MIDDLE.slice(5)}==`],
    ['base64 with a plus', `c2Vj+${MIDDLE.slice(5)}=`],
    ['base64 without padding', `${MIDDLE}12`],
    ['a line of PEM', '-----END PRIVATE KEY-----'],
    ['a line of JSON', '  "key": "hunter2=="'],
    ['a brace', '}'],
    ['a line of an .npmrc', '//npm.example/:_authToken=hunter2'],
    ['a line of an INI file', 'password = hunter2'],
    ['an indented line', '  password=hunter2'],
    ['a URL', 'https://user:hunter2@host/?a=b'],
    ['an ID longer than any', `${'hunter2'.repeat(20)}=x`],
    ['a quote that is not closed', '"hunter2=x'],
    ['text behind a closing quote', '"hunter2=x"y'],
    ['a quote behind a comma', 'hunter2=x,"y"'],
  ])('are refused without a word of them when a line is %s', (_, line) => {
    const error = complaint(secrets, `NETRC=user ada\n${line}`);
    expect(error.kind).toBe('bad-input');
    expect(error.message).toMatch(/^Input it(: line 2 | cannot be parsed, because a quote is not closed)/);
    expect(error.next).toContain('Quote a multi-line value together with its ID');
    const said = `${error.message} ${error.next}`;
    for (const half of ['user ada', 'NETRC', 'hunter2', ...(line.length > 3 ? [line.trim().slice(0, 8)] : [])]) {
      expect(said).not.toContain(half);
    }
  });
});

describe('records', () => {
  const logins: InputSpec = { type: 'records', fields: ['HOST', 'USER', 'PASSWORD'], secret: true, description: 'It.' };
  test('have their fields, and a quoted one its commas', () => {
    expect(parse(logins, 'ghcr.io, ada, "p,w"\n')).toEqual([['ghcr.io', 'ada', 'p,w']]);
  });
  test.each(['ghcr.io,ada', 'ghcr.io,ada,hunter2,hunter2', 'ghcr.io,ada,"hunter2'])('refuse %s', (text) => {
    const error = complaint(logins, text);
    expect(error.message).toMatch(/^Input it(: line 1 | cannot be parsed, because a quote is not closed)/);
    expect(`${error.message} ${error.next}`).not.toMatch(/hunter2|ada/);
    expect(error.next).toContain('HOST,USER,PASSWORD');
  });
});

test('a long value is cut in the complaint', () => {
  expect(complaint(of('duration'), 'x'.repeat(5000)).message.length).toBeLessThan(200);
});
