import { expect, test } from '@jest/globals';
import { TidegateError } from './error.ts';
import { parseRequire, REQUIRABLE } from './policy.ts';

test.each([
  [
    ['scan', ' SBOM '],
    ['sbom', 'scan'],
  ],
  [['signature', 'signature'], ['signature']],
  [['none'], []],
  [[], []],
  [[...REQUIRABLE].toReversed(), [...REQUIRABLE]],
])('require %j', (words, kinds) => expect(parseRequire(words)).toEqual(kinds));

test.each([['sbmo'], ['none', 'scan'], ['scan sbom'], ['toString']])('require %j is refused', (...words) => {
  expect(() => parseRequire(words)).toThrow(TidegateError);
});
