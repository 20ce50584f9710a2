import { expect, test } from '@jest/globals';
import { sameNameInGo } from './go-names.ts';

// Each was tested with encoding/json of Go 1.26.
test.each([
  ['layers', 'layers', true],
  ['layers', 'LAYERS', true],
  ['layers', 'layer\u017f', true],
  ['kind', '\u212aind', true],
  ['mediaType', 'mediatype', true],
  ['layers', 'layer', false],
  ['layers', 'layers ', false],
  ['i', '\u0131', false],
])('%j and %j: %s', (one, other, same) => {
  expect(sameNameInGo(one, other)).toBe(same);
});
