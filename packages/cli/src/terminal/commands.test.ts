import { expect, test } from '@jest/globals';
import { TidegateError } from '@tidegate/core';
import { createSafeLog, explain } from '@tidegate/runner';
import { parseCommandLoosely, printedLines } from '@tidegate/testkit';
import { terminalCommands } from './commands.ts';
import { exitCodeOf, showFailure } from './failure.ts';
import { failureInFlags, wordingFor } from './in-flags.ts';
import { recorder } from './recorder.fixture.ts';
import { createTerminal } from './terminal.ts';

function started(isDebug = false) {
  const stream = recorder();
  const terminal = createTerminal(stream, {});
  const outputs: Record<string, string> = {};
  const onOutput = (name: string, value: string) => {
    outputs[name] = value;
  };
  return { stream, terminal, outputs, commands: terminalCommands({ terminal, isDebug, read: () => '', onOutput }) };
}

test('a group is a heading with its lines indented', async () => {
  const { stream, commands } = started();
  const log = createSafeLog(commands);
  await log.group('Build', async (inner) => inner.info('one\ntwo'));
  log.notice('pushed', { title: 'Published' });
  log.warning('old', { file: 'Dockerfile', line: 3, title: 'Base' });
  log.warning('in the table', { file: 'Dockerfile', line: 4, isLogged: true });
  log.debug('hidden');
  expect(stream.text).toBe('Build\n  one\n  two\nPublished: pushed\nwarning: Dockerfile:3: Base: old\n');
});

const HOSTILE =
  '::error::x\n##[error]y\r\u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007\u001b[2J\u009b31m\u202e';

test('neither a workflow command nor an escape of outside text is printed', () => {
  const { stream, terminal, commands } = started(true);
  const log = createSafeLog(commands);
  log.info(HOSTILE);
  log.debug(HOSTILE);
  log.notice(HOSTILE, { title: HOSTILE });
  log.warning(HOSTILE, { file: HOSTILE, line: 1, level: 'error' });
  log.mask('a long secret');
  const error = new TidegateError('gate-failed', HOSTILE, { next: HOSTILE, place: { file: HOSTILE, line: 1 } });
  showFailure(explain(error, { title: 'tidegate' }, {}), terminal);
  expect(printedLines(stream.text).filter((line) => parseCommandLoosely(line))).toEqual([]);
  expect(stream.text).not.toMatch(/[^\P{C}\n]/u);
  expect(stream.text).not.toContain('a long secret');
});

test.each([
  ['gate-failed', 3],
  ['verification-failed', 3],
  ['command-line-invalid', 2],
  ['input-missing', 2],
  ['unexpected', 1],
  ['cancelled', 1],
] as const)('%s exits %i', (id, code) => {
  expect(exitCodeOf(explain(new TidegateError(id, 'x'), { title: 'x' }, {}))).toBe(code);
});

test('a failure names the flag, the next step and the page of its code', () => {
  const { stream, terminal } = started();
  const error = new TidegateError('input-missing', 'Input image: got "", expected a value.', {
    next: 'Set image in the with: block of this step. Description: x.',
  });
  const image = { name: 'image', value: 'TEXT', input: 'image', description: '' };
  showFailure(failureInFlags(explain(error, { title: 'x' }, {}), wordingFor([image])), terminal);
  expect(stream.text.split('\n')).toEqual([
    '✗ A flag is missing',
    '  --image: got "", expected a value.',
    '  → Set --image. Description: x.',
    expect.stringMatching(/^ {2}TG1001 https:.*inputs\.md#tg1001$/),
    '',
  ]);
});

test('a message that names its file and line itself names them once', () => {
  const { stream, terminal } = started();
  const place = { file: '.github/tidegate.yml', line: 3 };
  const message = '.github/tidegate.yml:3:1: levels: got 1, expected a mapping.';
  showFailure(explain(new TidegateError('policy-invalid', message, { place }), { title: 'x' }, {}), terminal);
  showFailure(explain(new TidegateError('policy-invalid', 'No.', { place }), { title: 'x' }, {}), terminal);
  expect(stream.text.match(/tidegate\.yml:3/g)).toHaveLength(2);
});
