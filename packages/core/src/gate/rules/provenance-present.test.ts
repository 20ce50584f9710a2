import { expect, test } from '@jest/globals';
import { failedRules, judge, spoiltOnAmd64 } from '../sound.fixture.ts';

test('provenance that names no builder says nothing', () => {
  const verdict = judge(spoiltOnAmd64('provenance', (each) => ({ ...each, builder: '' })));
  expect(failedRules(verdict)).toEqual(['provenance-present']);
});
