import { describe, expect, test } from '@jest/globals';
import { credentialsIn } from './find.ts';
import { FORMS } from './forms.ts';

// Assembled here, so that no scanner of the repository finds a token in this file.
const rnd = 'q8Zt3LmW9xVb2KcRf7YdHs5JpAe4NgUu6TnE'.repeat(10);

describe.each(FORMS)('$what ($begins.0…)', ({ begins, body }) => {
  test('has a longest length', () => {
    const classes = body.source.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'x');
    expect(classes).not.toMatch(/[*+]|\{\d+,\}/);
    expect(body.flags).toBe('y');
  });

  test('is looked for once at each of its beginnings, however many there are', () => {
    let tried = 0;
    const [begin = ''] = begins;
    const { exec } = body;
    body.exec = (text) => {
      tried += 1;
      return exec.call(body, text);
    };
    try {
      credentialsIn(begin.repeat(1000), 'configuration');
    } finally {
      body.exec = exec;
    }
    expect(tried).toBeLessThanOrEqual(1000);
  });
});

describe('a search goes on behind what it has found', () => {
  test('a token in a token is a part of it', () => {
    const token = `glpat-${'aB3dE5gH7jK9'.repeat(3)}-glpat-${rnd.slice(0, 20)}`;
    expect(credentialsIn(token, 'file')).toEqual([{ what: 'GitLab token', at: 0, length: token.length }]);
  });
  test('a token behind another is another', () => {
    const one = `npm_${rnd.slice(0, 36)}`;
    expect(credentialsIn(`${one} ${one}\n${one}`, 'file').map(({ at }) => at)).toEqual([0, 41, 82]);
  });
  test('a text of a thousand tokens is read once', () => {
    expect(credentialsIn('glpat-'.repeat(10_000), 'file').length).toBeLessThan(400);
  });
});

describe('forms that count in a configuration only', () => {
  const jwt = `eyJ${rnd.slice(0, 20)}.eyJ${rnd.slice(0, 40)}.${rnd.slice(0, 43)}`;
  test.each([
    ['JSON web token', jwt],
    ['Google API key', `AIza${rnd.slice(0, 35)}`],
    ['password in an address', 'https://app:hunter2@example.org/'],
  ])('%s', (what, text) => {
    expect(credentialsIn(` ${text} `, 'configuration').map((one) => one.what)).toEqual([what]);
    expect(credentialsIn(` ${text} `, 'file')).toEqual([]);
  });

  test.each([
    ['a user alone', 'https://app@example.org/'],
    ['a port', 'https://example.org:8080/a@b'],
    ['a variable', `https://app:\${PW}@example.org`],
    ['a shell variable', 'https://app:$PW@example.org'],
    ['a placeholder', 'https://app:<password>@example.org'],
    ['a mask', 'https://app:****@example.org'],
    ['an address in an address', 'https://example.org/https://other@x'],
    ['a pattern of Python', 'postgres://{user}:{password}@{host}'],
  ])('a password in an address is not %s', (_, text) => expect(credentialsIn(text, 'configuration')).toEqual([]));
});
