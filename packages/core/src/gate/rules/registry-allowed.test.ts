import { expect, test } from '@jest/globals';
import { parseReference } from '../../reference/reference.ts';
import { failedRules, IMAGE, judge, resultsOf, soundEvidence } from '../sound.fixture.ts';

test.each([
  ['ghcr.io/acme/app', [['ghcr.io/acme/*']], true],
  ['ghcr.io/acme/team/app', [['ghcr.io/acme/*']], false],
  ['ghcr.io/acme/team/app', [['ghcr.io/acme/**']], true],
  ['ghcr.io/acme/app', [['ghcr.io/acme/app']], true],
  ['ghcr.io/acme/app', [['ghcr.io/acme/app2']], false],
  ['evil-ghcr.io/acme/app', [['ghcr.io/acme/*']], false],
  ['ghcr.io:444/acme/app', [['ghcr.io/acme/*']], false],
  ['127.0.0.1:5000/app', [['127.0.0.1:5000/**']], true],
  ['acme/app', [['docker.io/acme/*']], true],
  ['index.docker.io/acme/app', [['docker.io/acme/*']], true],
  ['ghcr.io/acme/app', [['ghcr.io/**'], ['ghcr.io/other/*']], false],
  ['ghcr.io/acme/app', [[]], false],
])('%s under %j: %s', (image, registries, holds) => {
  const verdict = judge(soundEvidence(), { registries }, IMAGE, { destinations: [parseReference(image)] });
  expect(failedRules(verdict)).toEqual(holds ? [] : ['registry-allowed']);
});

test('does not apply where nothing is published, or the policy does not say', () => {
  const outcome = (...args: Parameters<typeof judge>) => resultsOf(judge(...args), 'registry-allowed')[0]?.outcome;
  expect(outcome(soundEvidence(), { registries: [['ghcr.io/acme/*']] })).toBe('not-applicable');
  expect(outcome(soundEvidence(), {}, IMAGE, { destinations: [parseReference('a/b')] })).toBe('not-applicable');
});

test('every destination must be allowed, and the one that is not is named', () => {
  const destinations = [parseReference('ghcr.io/acme/app'), parseReference('docker.io/acme/app')];
  const outcome = (registries: string[][]) =>
    resultsOf(judge(soundEvidence(), { registries }, IMAGE, { destinations }), 'registry-allowed');
  expect(outcome([['ghcr.io/**']])).toEqual([
    {
      rule: 'registry-allowed',
      outcome: 'fail',
      why: 'the policy does not allow the destination docker.io/acme/app.',
    },
  ]);
  expect(outcome([['ghcr.io/**', 'docker.io/acme/*']])).toMatchObject([
    { outcome: 'pass', why: 'The destinations are ghcr.io/acme/app, docker.io/acme/app.' },
  ]);
});
