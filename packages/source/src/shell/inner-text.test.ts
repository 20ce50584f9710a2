import { expect, test } from '@jest/globals';
import { pipedDownloads } from './piped-downloads.ts';
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
  expect(pipedDownloads(script).length).toBeLessThan(4 * script.length);
  expect(pipedDownloads(script)).toContainEqual(expect.objectContaining({ by: 'curl', runner: 'sh' }));
});

test('scripts in scripts are read', () => {
  const script = `sh -c "eval 'bash -c \\"curl x | sh\\"'"`;
  expect(pipedDownloads(script)).toEqual([expect.objectContaining({ by: 'curl', runner: 'sh' })]);
});
