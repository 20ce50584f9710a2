import { expect, test } from '@jest/globals';
import { assertEntitled, privilegesOf } from './entitlements.ts';

const NONE = { levels: {} };

test('no privilege is granted by a policy that lists none', () => {
  expect(() => assertEntitled([], NONE)).not.toThrow();
  for (const one of ['security.insecure', 'network.host', 'device', 'device=nvidia.com/gpu=all']) {
    expect(() => assertEntitled([one], NONE)).toThrow(/^Input allow: the policy does not grant /);
  }
});

test('what the policy lists is granted, and nothing else', () => {
  const policy = { ...NONE, entitlements: ['device'] as const };
  expect(() => assertEntitled(['device', 'device=nvidia.com/gpu=all'], policy)).not.toThrow();
  expect(() => assertEntitled(['device', 'security.insecure'], policy)).toThrow(/security\.insecure/);
});

test('a privilege that BuildKit does not have is an error', () => {
  expect(() => assertEntitled(['security.sandbox'], NONE)).toThrow(/^Input allow: got "security\.sandbox"/);
  expect(privilegesOf(['device=a', 'security.insecure', 'device=b'])).toEqual(['device', 'security.insecure']);
});
