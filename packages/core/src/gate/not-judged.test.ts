import { expect, test } from '@jest/globals';
import type { Policy, RuleName } from '../policy.ts';
import { decide } from './decide.ts';
import { FULL } from './full-policy.fixture.ts';
import { CONTENTS_RULES, withReasons } from './not-judged.ts';
import { IMAGE, STRICT, soundEvidence } from './sound.fixture.ts';

const notApplicable = (policy: Policy): readonly RuleName[] =>
  decide(policy, IMAGE, soundEvidence(), new Date()).rules.flatMap(({ rule, outcome }) =>
    outcome === 'not-applicable' ? [rule] : [],
  );

test('the rules that read layers are those that do not apply without the key "contents"', () => {
  const { contents: _, ...without } = FULL;
  const known = notApplicable(FULL);
  expect(notApplicable(without).filter((rule) => !known.includes(rule))).toEqual(CONTENTS_RULES);
});

test('a rule of the part that was left out has the reason, and one that the policy does not ask for keeps its own', () => {
  const policy: Policy = { ...STRICT, contents: { traces: { secret: 'fail', shell: 'report' } } };
  const { contents: _, ...part } = policy;
  const { rules } = decide(part, IMAGE, soundEvidence(), new Date());
  const reasons = { 'contents-secrets': 'Not judged here.', 'contents-shells': 'Not judged here.' };
  const said = new Map(withReasons(rules, policy, IMAGE, reasons).map(({ rule, why }) => [rule, why]));
  expect(said.get('contents-secrets')).toBe('Not judged here.');
  expect(said.get('contents-shells')).toBe('The policy allows shells.');
  expect(said.get('contents-history')).toBe('The policy allows git repositories.');
});

test('a result that is not "not applicable" keeps its words', () => {
  const rules = [{ rule: 'contents-secrets', outcome: 'fail', why: 'a key' }] as const;
  expect(withReasons(rules, FULL, IMAGE, { 'contents-secrets': 'Not judged here.' })).toEqual(rules);
});
