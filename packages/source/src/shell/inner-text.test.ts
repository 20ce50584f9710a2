import { expect, test } from '@jest/globals';
import { Budget } from './budget.ts';
import { runDownloads } from './run-downloads.ts';
import { unwrappedCommands } from './unwrapped.ts';

const DEEP = 100;

test.each([
  ['eval $(', ')'],
  ['eval "$(', ')"'],
  ['sh -c "$(', ')"'],
  ['sh -c $(sh -c "$(', ')")'],
])('%s in itself is read a bounded number of times', (begin, end) => {
  const script = `${begin.repeat(DEEP)}curl x | sh${end.repeat(DEEP)}`;
  // Twice as many with each level would never end.
  expect(unwrappedCommands(script).length).toBeLessThan(4 * script.length);
  expect(runDownloads(script, new Budget()).length).toBeLessThan(4 * script.length);
  expect(runDownloads(script, new Budget())).toContainEqual(expect.objectContaining({ by: 'curl', runner: 'sh' }));
});

test('scripts in scripts are read', () => {
  const script = `sh -c "eval 'bash -c \\"curl x | sh\\"'"`;
  expect(runDownloads(script, new Budget())).toEqual([expect.objectContaining({ by: 'curl', runner: 'sh' })]);
});
