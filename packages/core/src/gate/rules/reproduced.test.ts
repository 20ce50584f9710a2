import { expect, test } from '@jest/globals';
import type { ReproducedEvidence } from '../../evidence.ts';
import { judge, spoiltOnAmd64 } from '../sound.fixture.ts';

const why = (evidence: Parameters<typeof judge>[0]) =>
  judge(evidence)
    .rules.filter(({ rule, outcome }) => rule === 'reproduced' && outcome === 'fail')
    .map((result) => result.why);

test('a platform that was not built twice with the same result fails', () => {
  expect(why(spoiltOnAmd64('reproduced', () => []))).toEqual(['linux/amd64: no second build gave the same digest.']);
  expect(why(spoiltOnAmd64('reproduced', (rebuild) => [rebuild]))).toEqual([]);
});

test('an independent rebuild is one on another runner, with a BuildKit of its own', () => {
  const policy = { independentRebuild: true };
  const problems = (change: Partial<ReproducedEvidence>) =>
    judge(
      spoiltOnAmd64('reproduced', (rebuild) => [{ ...rebuild, ...change }]),
      policy,
    )
      .rules.filter(({ rule, outcome }) => rule === 'reproduced' && outcome === 'fail')
      .map((result) => result.why);
  expect(problems({})).toEqual([]);
  expect(problems({ runners: 1 })).toEqual([
    'linux/amd64: the second build ran on the runner of the first one, and the policy requires an independent second build.',
  ]);
  expect(problems({ buildkit: 'shared' })).toEqual([
    'linux/amd64: the second build used a shared builder, which may have built both times, and the policy requires an independent second build.',
  ]);
});

test('the result says whether another runner built again', () => {
  const passed = (evidence: Parameters<typeof judge>[0]) =>
    judge(evidence).rules.find(({ rule }) => rule === 'reproduced')?.why ?? '';
  expect(passed(spoiltOnAmd64('reproduced', (rebuild) => [rebuild]))).toMatch(/ on another runner gave the same/);
  expect(passed(spoiltOnAmd64('reproduced', (rebuild) => [{ ...rebuild, runners: 1 }]))).not.toMatch(/runner/);
  expect(passed(spoiltOnAmd64('reproduced', (rebuild) => [{ ...rebuild, buildkit: 'shared' }]))).not.toMatch(/runner/);
});
