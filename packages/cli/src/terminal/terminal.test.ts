import { expect, test } from '@jest/globals';
import { recorder } from './recorder.fixture.ts';
import { createTerminal } from './terminal.ts';

test('without a terminal, there are lines and no line of progress', () => {
  const stream = recorder();
  const terminal = createTerminal(stream, {});
  terminal.status('layers 10%');
  terminal.line('done');
  expect(stream.text).toBe('done\n');
  expect(terminal.isInteractive).toBe(false);
});

test('on a terminal, lines push the line of progress down', () => {
  const stream = recorder({ isTTY: true, columns: 30 });
  const terminal = createTerminal(stream, {});
  terminal.status('layers 10%');
  terminal.line('done');
  terminal.status('');
  expect(stream.text).toBe('layers 10%\r\u001b[2Kdone\nlayers 10%\r\u001b[2K');
});

test('a long line of progress is cut, because a wrapped one cannot be erased', () => {
  const stream = recorder({ isTTY: true, columns: 30 });
  createTerminal(stream, {}).status('x'.repeat(100));
  expect(stream.text).toHaveLength(29);
});

test.each([
  [{}, false, false],
  [{}, true, true],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ TERM: 'dumb' }, true, false],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
])('colors with %j, terminal %j: %j', (env, isTTY, colored) => {
  expect(createTerminal(recorder({ isTTY }), env).paint.red('x') === 'x').toBe(!colored);
});
