import { describe, expect, test } from '@jest/globals';
import { reportHtml } from '../report/html/page.ts';
import { sarifLog, sourceRun } from '../report/sarif.ts';
import { codeBlock, escapeMarkdown, inlineCode, link, table } from '../text/markdown.ts';
import { harmlessLines, visibleLine } from '../text/terminal.ts';
import { FORMS, SECRETS } from './forms.fixture.ts';
import { createRedactor, REDACTED, type Redactor } from './redactor.ts';

function redactorOf(...secrets: readonly string[]): Redactor {
  const redactor = createRedactor();
  for (const secret of secrets) redactor.add(secret);
  return redactor;
}

const source = (text: string) => ({
  ...{ rule: 'root-user', level: 'error' as const, line: 3 },
  ...{ file: text, message: `m ${text} m`, why: text, fix: text },
});
const page = (text: string) => ({
  ...{ name: text, digest: `sha256:${'0'.repeat(64)}`, platforms: [] },
  rules: [{ rule: 'scan-recent' as const, outcome: 'fail' as const, why: text, next: text }],
});

/** Every output path of the product: the text with the secret is redacted, escaped, and sometimes redacted again. */
const WAYS: Readonly<Record<string, (text: string, redactor: Redactor, redacted?: string) => string>> = {
  'a line of the log': (text, { redact }) => harmlessLines(redact(text)).map(redact).join('\n'),
  'an annotation': (text, { redact }) => redact(visibleLine(redact(text))),
  'the summary': (secret, { redact }, text = redact(secret)) =>
    redact(
      [
        escapeMarkdown(text),
        inlineCode(text),
        codeBlock(text),
        table(['h'], [[escapeMarkdown(text)]]),
        link(text, 'https://a.test'),
      ].join('\n\n'),
    ),
  SARIF: (text, { redactAll }) => JSON.stringify(sarifLog([sourceRun([redactAll(source(text))])])),
  HTML: (text, { redactAll }) => reportHtml(redactAll(page(text))),
  JSON: (text, { redactAll }) => JSON.stringify(redactAll({ [text]: [text, { text }], of: source(text) }), null, 2),
};

/** The parts of a secret that a text must not contain: any form of it, or of one of its lines. */
function survivors(output: string, secret: string): string[] {
  const lines = secret.split('\n').filter((line) => line.length >= 6);
  return [secret, ...lines].flatMap((part) =>
    Object.entries(FORMS).flatMap(([name, form]) => {
      const written = form(part);
      return written.length >= 6 && output.includes(written) ? [`${name}: ${JSON.stringify(written)}`] : [];
    }),
  );
}

describe.each(Object.entries(WAYS))('%s', (_, out) => {
  test.each(Object.entries(FORMS))('holds no secret that was written %s', (_name, form) => {
    for (const secret of SECRETS) {
      const redactor = redactorOf(secret);
      for (const text of [form(secret), `x${form(secret)}y`, `error: "${form(secret)}" (${form(secret)})\n next`]) {
        const output = out(text, redactor);
        expect({ secret, text, survivors: survivors(output, secret) }).toEqual({ secret, text, survivors: [] });
        expect(output).toContain(REDACTED);
      }
    }
  });
});

describe('secrets that overlap', () => {
  test.each([
    [['abcdefgh', 'efghijkl'], 'x abcdefghijkl y', 'x *** y'],
    [['abcdefgh', 'cdefgh'], 'abcdefgh', '***'],
    [['aaaaaa'], 'b aaaaaaaaa b', 'b *** b'],
    [['abcabcab'], 'abcabcabcabcab', '***'],
    [['abcdef', 'ghijkl'], 'abcdefghijkl', '***'],
    [['abcdef', 'p@ss/w'], 'abcdefp%40ss%2Fw', '***'],
  ])('%j in %j leave nothing of one another', (secrets, text, expected) => {
    expect(redactorOf(...secrets).redact(text)).toBe(expected);
    expect(redactorOf(...secrets.toReversed()).redact(text)).toBe(expected);
  });
});

test('a text without secrets stays what it is', () => {
  const redactor = redactorOf('hunter2-Tr0ub4dor', 'x+y z\n\n%41');
  for (const text of ['', 'a  b\r\n%41 \\n &amp; +', JSON.stringify({ a: '\\' }), '\ud800', '100%']) {
    expect(redactor.redact(text)).toBe(text);
  }
  expect(createRedactor().redact('anything')).toBe('anything');
});

test('values keep their form: numbers, dates, maps, and what is not there', () => {
  const redactor = redactorOf('hunter2-Tr0ub4dor');
  const on = new Date(0);
  const value = { n: 1, on, none: undefined, nil: null, yes: true, map: new Map([['a', ['hunter2-Tr0ub4dor']]]) };
  expect(redactor.redactAll(value)).toEqual({ ...value, map: new Map([['a', ['***']]]) });
});

test('a short secret is taken out as it is, and hides no form of itself', () => {
  const redactor = redactorOf('a&b');
  expect(redactor.redact('a&b a%26b')).toBe('*** a%26b');
});
