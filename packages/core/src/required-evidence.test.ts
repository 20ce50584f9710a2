import { expect, test } from '@jest/globals';
import { TidegateError } from './error.ts';
import { REQUIRABLE } from './policy.ts';
import { parseRequire, requiredBy } from './required-evidence.ts';

test.each([
  [
    ['scan', ' SBOM '],
    ['sbom', 'scan'],
  ],
  [['signature', 'signature'], ['signature']],
  [['none'], []],
  [[], []],
  [[...REQUIRABLE].toReversed(), [...REQUIRABLE]],
  [
    [' https://Example.com/Review/v1 ', 'scan', 'urn:acme:a', 'urn:acme:a'],
    ['scan', { predicate: 'https://Example.com/Review/v1' }, { predicate: 'urn:acme:a' }],
  ],
])('require %j', (words, kinds) => expect(parseRequire(words)).toEqual(kinds));

test.each([
  ['sbmo'],
  ['https://slsa.dev/provenance/v1'],
  ['https://a b'],
  ['none', 'urn:acme:a'],
  ['none', 'scan'],
  ['scan sbom'],
  ['toString'],
])('require %j is refused', (...words) => {
  expect(() => parseRequire(words)).toThrow(TidegateError);
});

test('kinds and predicate types of one list are apart for the gate, each once', () => {
  const predicate = 'https://example.com/review/v1';
  expect(requiredBy(['sbom', { predicate }, 'sbom', { predicate }])).toEqual({
    require: ['sbom'],
    predicates: [predicate],
  });
  expect(requiredBy(['scan'])).toEqual({ require: ['scan'] });
});
