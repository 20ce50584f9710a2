import { expect, test } from '@jest/globals';
import { ACTION_COMMANDS } from './commands.ts';
import { documentText, jsonText, resultText } from './result.ts';

const SCHEMA = { outputs: { why: { json: false }, checks: { json: true } } };

test('outputs that are declared as JSON are values of the document, and others stay text', () => {
  const checks = '[{"name":"a\\u001b","n":1}]';
  const outputsOf = (outputs: Readonly<Record<string, string>>) =>
    JSON.parse(jsonText({ command: 'doctor', exitCode: 0, outputs }, SCHEMA)).outputs;
  expect(outputsOf({ checks, why: '{}' })).toEqual({ checks: [{ name: 'a\u001b', n: 1 }], why: '{}' });
  expect(outputsOf({ checks: '' })).toEqual({ checks: null });
  expect(outputsOf({ checks: '[***]' })).toEqual({ checks: '[***]' });
  expect(jsonText({ command: 'doctor', exitCode: 0, outputs: { checks } }, SCHEMA)).not.toContain('\u001b');
});

test.each(ACTION_COMMANDS)('$name declares as JSON the outputs that it describes so', async (command) => {
  for (const [name, { description, json }] of Object.entries((await command.schema()).outputs)) {
    expect([name, json === true]).toEqual([name, /\bJSON (?:object|array|for)\b|\bas JSON\b/.test(description)]);
  }
});

test('the JSON document has outputs, verdict and counts of findings', () => {
  const outputs = { verdict: 'fail', critical: '0', high: '2', digest: 'sha256:x' };
  expect(JSON.parse(jsonText({ command: 'scan', exitCode: 3, outputs }, SCHEMA))).toEqual({
    ...{ command: 'scan', exitCode: 3, outputs },
    verdict: 'fail',
    findings: { critical: 0, high: 2 },
  });
});

test('hostile text survives as JSON, and reaches no terminal raw', () => {
  const hostile = '##[error]\u001b[31m\u009b2J\u202e\u2028\n::error::\u{e0001}';
  const text = jsonText({ command: 'plan', exitCode: 0, outputs: { why: hostile } }, SCHEMA);
  expect(text).not.toMatch(/[^\P{C}\n]|##\[/u);
  expect(JSON.parse(text).outputs.why).toBe(hostile);
  expect(resultText({ why: hostile }, ['why'])).not.toMatch(/[^\P{C}\n]|##\[/u);
});

test('outputs for a reader are columns, without empty ones', () => {
  expect(resultText({ verdict: 'pass', tags: 'a\nb', none: '' }, ['verdict', 'none', 'tags'])).toBe(
    'verdict  pass\ntags     a\n         b\n',
  );
  expect(resultText({}, ['verdict'])).toBe('');
});

test('a document keeps its lines and indents, and has nothing that a terminal or a runner obeys', () => {
  expect(documentText('a:\n  - b\n\n  - c\n')).toBe('a:\n  - b\n\n  - c\n');
  const hostile = documentText('reason: \u001b[2Jx\n::set-output name=a::b\n');
  expect(hostile).not.toContain('\u001b');
  expect(hostile).not.toMatch(/^::/m);
});
