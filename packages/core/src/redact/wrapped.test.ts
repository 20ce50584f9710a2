/** Secrets that a program writes as base64 in lines, as bytes, or as a dump. */
import { describe, expect, test } from '@jest/globals';
import { createRedactor, REDACTED } from './redactor.ts';
import { WRAPPED } from './wrapped.fixture.ts';

const KEY_LINES = Array.from({ length: 12 }, (_, at) =>
  Buffer.from(Array.from({ length: 48 }, (_none, by) => (at * 89 + by * by * 7 + by * 31 + 5) % 256)).toString(
    'base64',
  ),
);
const PEM = ['-----BEGIN PRIVATE KEY-----', ...KEY_LINES, '-----END PRIVATE KEY-----'].join('\n');
const SECRETS: Readonly<Record<string, string>> = {
  short: 'hunter2-Tr0ub4dor',
  'of 93 characters': `github_pat_11ABCDEFG0aBcDeFgHiJkL_${'q8Zt3LmW9xVb2KcRf7YdHs5JpAe4NgUu'.repeat(2).slice(0, 59)}`,
  'a private key': PEM,
  'a JSON file': JSON.stringify({ type: 'service_account', private_key: PEM, client_email: 'a@b.test' }),
};

const redactorOf = (secret: string) => {
  const redactor = createRedactor();
  redactor.add(secret);
  return redactor;
};

/** Lines of the output that are still readable. */
function shownOf(secret: string, output: string, form: (secret: string) => string): string[] {
  return form(secret)
    .split('\n')
    .filter((line) => line.trim().length > 24 && output.includes(line.trim()));
}

/** Here a log adds its own prefix to every line: one number per line is not a list. */
const ONE_NUMBER_A_LINE = 'bytes in JSON, indented';

describe.each(Object.entries(WRAPPED))('%s', (name, form) => {
  test.each(Object.entries(SECRETS))('shows no secret that is %s', (_, secret) => {
    const { redact } = redactorOf(secret);
    const text = form(secret);
    const output = redact(`before\n${text}\nafter`);
    expect(shownOf(secret, output, form)).toEqual([]);
    expect(output).toContain(REDACTED);
    // The rest: braces, a user, the last offset, half a group of base64 at each end.
    expect(output.replaceAll(REDACTED, '').length).toBeLessThan(Math.min(130, text.length));
    expect(output.startsWith('before\n') && output.endsWith('after')).toBe(true);
  });
  if (name === ONE_NUMBER_A_LINE || name === 'quoted-printable') return;

  test('shows no line of a long secret in the log of BuildKit', () => {
    const { redact } = redactorOf(PEM);
    const text = form(PEM)
      .split(/\r?\n/)
      .map((line, at) => `#12 ${at}.345 ${line}`);
    expect(shownOf(PEM, redact(text.join('\n')), form)).toEqual([]);
  });
});

test.each(['base64 of 76 columns', 'base64 of 76 columns, behind a user', 'xxd -p', 'xxd', 'hexdump -C'])(
  '%s of a long secret is taken out when each line is printed by itself',
  (name) => {
    const form = WRAPPED[name] ?? String;
    const { redact } = redactorOf(PEM);
    const lines = form(PEM).split('\n');
    // The first line after a user contains other text as well, and the last line may be short.
    for (const line of lines.slice(1, -1))
      expect({ line, output: redact(line).includes(REDACTED) }).toEqual({ line, output: true });
  },
);

test('lines of a key within a JSON secret are taken out one by one', () => {
  const { redact } = redactorOf(SECRETS['a JSON file'] ?? '');
  for (const line of KEY_LINES) expect(redact(`#9 0.1 ${line}`)).toBe('#9 0.1 ***');
});

test.each([
  ["+ echo 'it'\\''s \"so\" secret'", "+ echo '***'"],
  [`'it'"'"'s "so" secret'`, "'***'"],
  ["key: 'it''s \"so\" secret'", "key: '***'"],
  ['"it\'s ""so"" secret",2', '"***",2'],
])('a secret with quotes, quoted by a shell, YAML or CSV: %s', (text, expected) => {
  expect(redactorOf('it\'s "so" secret').redact(text)).toBe(expected);
});

test('lists of numbers, dumps and base64 that hold no secret stay what they are', () => {
  const redactors = [redactorOf(SECRETS['a JSON file'] ?? ''), redactorOf('hunter2-Tr0ub4dor'), redactorOf('master')];
  const other =
    'another text that is public, and rather long so that it takes several lines in any form of these\n'.repeat(3);
  const texts = [
    ...Object.values(WRAPPED).map((form) => form(other)),
    'sizes: 104, 117, 112, 116, 101, 114, 99\n12:34:56 de:ad:be:ef:00:11 550e8400-e29b-41d4-a716-446655440000',
    'a mas\nter\n#1 0.1 mas\n#1 0.2 ter =3D a=2025-01-01',
    Buffer.from('-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n').toString('base64'),
  ];
  for (const { redact } of redactors) for (const text of texts) expect(redact(text)).toBe(text);
});
