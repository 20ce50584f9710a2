import { expect, test } from '@jest/globals';
import { badInput, hasKind, messageOf, TidegateError } from './error.ts';

test('an error says what happened, what to do next, and keeps its cause', () => {
  const cause = new Error('ECONNRESET');
  const error = new TidegateError('registry-unreachable', 'The registry went away.', { next: 'Run again.', cause });
  expect(error).toMatchObject({ kind: 'network', message: 'The registry went away.', next: 'Run again.', cause });
  expect(error).toBeInstanceOf(Error);
  expect(String(error)).toBe('TidegateError: The registry went away.');
});

test('an error without a cause has none', () => {
  expect(new TidegateError('gate-failed', 'Shut.')).not.toHaveProperty('cause');
});

test('a complaint about an input quotes it, cuts it short and keeps it in one line', () => {
  expect(badInput('input-value-not-allowed', 'tags', 'a\n::error::b', 'a tag', 'Write a tag.')).toMatchObject({
    kind: 'bad-input',
    message: 'Input tags: got "a\\n::error::b", expected a tag.',
    next: 'Write a tag.',
  });
  expect(badInput('input-value-not-allowed', 'tags', 'x'.repeat(200), 'a tag', 'Write a tag.').message).toHaveLength(
    'Input tags: got "", expected a tag.'.length + 80,
  );
});

test('a code is compared by name, for any thrown value', () => {
  const error = new TidegateError('registry-not-found', 'Gone.');
  expect(hasKind(error, 'registry', 'not-found')).toBe(true);
  expect(hasKind(error, 'registry')).toBe(false);
  expect(hasKind({ kind: 'not-found' }, 'not-found')).toBe(false);
});

test.each([
  [new Error('x'), 'x'],
  ['text', 'text'],
  [undefined, 'undefined'],
])('the message of %p', (thrown, message) => expect(messageOf(thrown)).toBe(message));

test('of a failure that is several, and has no word of its own, the first speaks', () => {
  expect(messageOf(new AggregateError([new Error('connect ECONNREFUSED ::1:80'), new Error('other')]))).toBe(
    'connect ECONNREFUSED ::1:80',
  );
  expect(messageOf(new AggregateError([], 'All of them.'))).toBe('All of them.');
});
