import { expect, test } from '@jest/globals';
import { ago, DAY, failedRules, judge, spoiltOnAmd64 } from '../sound.fixture.ts';

test('an old scan beside a new one fails: the gate does not choose between reports', () => {
  const both = spoiltOnAmd64('scan', (scan) => [scan, { ...scan, finishedOn: ago(30 * DAY) }]);
  expect(failedRules(judge(both))).toContain('scan-recent');
});
