import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '../error.ts';
import { decide } from '../gate/decide.ts';
import { FULL } from '../gate/full-policy.fixture.ts';
import { gateContext, IMAGE, NOW, STRICT, soundEvidence } from '../gate/sound.fixture.ts';
import { digestOf } from '../image/digest.ts';
import type { Policy } from '../policy.ts';
import { policyDocument, readPolicyDocument } from './document.ts';

const effective = (policy: Policy) =>
  ({
    preset: 'strict/1',
    policy,
    database: { fallbackMaxAge: 1 },
    sources: { levels: { 'root-user': 'error' } },
  }) as const;
const written = (policy: Policy) => policyDocument(effective(policy));
const text = (policy: Policy) => Buffer.from(written(policy).bytes).toString();
const read = (content: string | Uint8Array) =>
  readPolicyDocument(typeof content === 'string' ? Buffer.from(content) : content, 'policy.json');

/** FULL has every field that a policy file can set; only code sets these. */
const EVERY: Policy = {
  ...FULL,
  sbomFormats: ['spdx'],
  allowEmptySbom: true,
  allowSuppressed: true,
  failOnByFix: { fixed: 'low', 'wont-fix': 'none' },
  verdictOf: digestOf('a verdict'),
};

test.each([['strict', STRICT] as const, ['full', FULL] as const, ['every', EVERY] as const])(
  'the %s policy is the same after it has been written and read',
  (_, policy) => {
    const { bytes, digest, ...rest } = read(written(policy).bytes);
    expect(rest).toStrictEqual(effective(policy));
    expect(digest).toBe(digestOf(bytes));
    expect(decide(rest.policy, IMAGE, soundEvidence(), NOW, gateContext())).toStrictEqual(
      decide(policy, IMAGE, soundEvidence(), NOW, gateContext()),
    );
  },
);

test('a policy has one document, in whichever order its fields were set', () => {
  const reordered = Object.fromEntries(Object.entries(EVERY).toReversed()) as unknown as Policy;
  expect(written(reordered).digest).toBe(written(EVERY).digest);
});

test('every field is part of the digest', () => {
  for (const name of Object.keys(EVERY) as (keyof Policy)[]) {
    const { [name]: _, ...without } = EVERY;
    const changed = name in STRICT ? { ...EVERY, [name]: CHANGED[name] } : without;
    expect([name, written(changed as Policy).digest]).not.toEqual([name, written(EVERY).digest]);
  }
});
const CHANGED: Partial<Record<keyof Policy, unknown>> = {
  require: ['scan'],
  failOn: 'critical',
  unknownSeverity: 'report',
  onlyFixed: true,
  maxDatabaseAge: 1,
  maxScanAge: 1,
};

describe('is refused', () => {
  test.each<[string, string]>([
    ['text that is not JSON', 'version: 1'],
    ['bytes after the document', `${text(FULL)}\n`],
    ['another format', text(FULL).replace('effective-policy/1', 'effective-policy/2')],
    ['a field that is not known', text(FULL).replace('"policy":{', '"policy":{"also":1,')],
    ['a field that is missing', text(FULL).replace('"maxScanAge":86400000,', '')],
    ['a field of another type', text(FULL).replace('"onlyFixed":false', '"onlyFixed":"false"')],
    ['a word that is not known', text(FULL).replace('"failOn":"high"', '"failOn":"High"')],
    ['a field twice', text(FULL).replace('"onlyFixed":false', '"onlyFixed":true,"onlyFixed":false')],
    ['a number in another spelling', text(FULL).replace('"maxRisk":50', '"maxRisk":5e1')],
    ['a date in another spelling', text(FULL).replace('T12:00:00.000Z', 'T12:00:00Z')],
    ['a date that is none', text(FULL).replace(/"expires":"[^"]+"/, '"expires":"soon"')],
    ['a negative limit', text(FULL).replace('"maxRisk":50', '"maxRisk":-50')],
  ])('%s', (_, content) => {
    expect(content).not.toBe(text(FULL));
    expect(() => read(content)).toThrow(TidegateError);
    expect(() => read(content)).toThrow(/^policy\.json is not a policy document of this version: /);
  });

  test('a byte order mark before it', () => {
    expect(() => read(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), written(FULL).bytes]))).toThrow(TidegateError);
  });
});
