import { describe, expect, test } from '@jest/globals';
import {
  digestOf,
  type Evidence,
  effectivePolicy,
  type Image,
  MediaType,
  type Policy,
  parsePlatform,
  type VerifiedFact,
} from '@tidegate/core';
import { earlierOf, explained, judgedBy, notJudged } from './earlier.ts';

const REVIEW = 'https://example.com/review/v1';
const digests = { index: digestOf('index'), amd64: digestOf('amd64') };
const IMAGE: Image = {
  root: { mediaType: MediaType.index, digest: digests.index, size: 1 },
  platforms: [
    {
      platform: parsePlatform('linux/amd64'),
      descriptor: { mediaType: MediaType.manifest, digest: digests.amd64, size: 1 },
    },
  ],
};
const HERE = { registry: 'ghcr.io', repository: 'acme/app' };
const POLICY: Policy = {
  ...effectivePolicy({ version: 1, evidence: { require: ['scan', { predicate: REVIEW }] } }).policy,
};
const policyDigest = digestOf('policy');

const fact = (evidence: Evidence): VerifiedFact => ({
  ...{ subject: evidence.subject, predicateType: 'any', signer: 'key', evidence },
});
const review = (name: keyof typeof digests): VerifiedFact =>
  fact({ kind: 'predicate', subject: digests[name], predicateType: REVIEW, statement: digestOf(name) });
const verdict: VerifiedFact = fact({
  ...({ kind: 'verdict', subject: digests.index, passed: true, policy: policyDigest } as const),
  ...{ destination: 'ghcr.io/acme/app', decidedOn: new Date() },
});
const of = (...facts: readonly VerifiedFact[]) =>
  earlierOf(facts, IMAGE, HERE, { policy: POLICY, policyDigest }, new Date());

test('rules about layers that were not judged again say so, and rules that the policy does not ask for do not', () => {
  const policy: Policy = { ...POLICY, contents: { traces: { secret: 'fail', shell: 'report' } } };
  const rules = (['contents-secrets', 'contents-shells', 'verdict-present'] as const).map((rule) => ({
    ...({ rule, outcome: 'not-applicable', why: 'own words' } as const),
  }));
  const asked: Policy = { ...policy, require: ['verdict'] };
  expect(explained(rules, asked, IMAGE, { missing: [] }, ['contents']).map(({ why }) => why)).toEqual([
    'Not judged again: it passed in an earlier verdict of a trusted signer under the same policy.',
    'own words',
    'Not judged here: this check makes the new verdict.',
  ]);
});

describe('a rescan cannot make evidence of a user', () => {
  test('it judges what a trusted signer has published on every manifest', () => {
    const earlier = of(review('index'), review('amd64'));
    expect(earlier).toMatchObject({ missing: [], policyDigest });
    expect(judgedBy(POLICY, earlier, false).predicates).toEqual([REVIEW]);
    expect(notJudged(POLICY, earlier, false)).toEqual([]);
  });

  test('if one manifest lacks it, the verdict does not name the full policy', () => {
    const earlier = of(review('index'));
    expect(earlier.missing).toEqual([REVIEW]);
    expect(earlier.policyDigest).not.toBe(policyDigest);
    expect(judgedBy(POLICY, earlier, false).predicates).toEqual([]);
    const omitted = notJudged(POLICY, earlier, false);
    expect(omitted).toEqual([REVIEW]);
    const rules = [{ rule: 'predicates-present', outcome: 'not-applicable', why: '' }] as const;
    const [rule] = explained(rules, POLICY, IMAGE, earlier, omitted);
    expect(rule?.why).toContain(`no trusted signer has published the ${REVIEW} of this image`);
  });

  test('it does not judge it again for an image that was admitted under the same policy', () => {
    const earlier = of(verdict);
    expect(earlier).toMatchObject({ isAdmitted: true, missing: [] });
    expect(judgedBy(POLICY, earlier, true)).not.toHaveProperty('predicates');
    expect(notJudged(POLICY, earlier, false)).toEqual(expect.arrayContaining([REVIEW]));
  });
});
