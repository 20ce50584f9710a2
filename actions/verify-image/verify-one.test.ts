import { expect, test } from '@jest/globals';
import { reasonsOf } from './verify-one.ts';

const fail = (name: string, why: string) => ({ name, outcome: 'fail' as const, why });
const SCAN = fail('scan-present', 'linux/amd64: there is no scan.');

test('without a trusted signature, the reason is the signature, and not what nobody trusted says', () => {
  const identity = fail('identity', 'None of 7 signatures is trusted.');
  expect(reasonsOf({ checks: [identity, SCAN] })).toBe('identity: None of 7 signatures is trusted.');
  const digest = fail('digest', 'It is another.');
  expect(reasonsOf({ checks: [digest, identity, SCAN] })).toContain('digest: It is another. identity: ');
  expect(reasonsOf({ checks: [digest, SCAN] })).toContain('scan-present: ');
});
