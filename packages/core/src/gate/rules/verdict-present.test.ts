import { expect, test } from '@jest/globals';
import { digestOf } from '../../image/digest.ts';
import { parseReference } from '../../reference/reference.ts';
import {
  ago,
  digestOfPolicy,
  failedRules,
  HOUR,
  IMAGE,
  judge,
  resultsOf,
  STRICT,
  soundEvidence,
  spoiltOnAmd64,
} from '../sound.fixture.ts';

test('a verdict that is not exactly true is no pass', () => {
  for (const passed of [false, 'true', 1, undefined]) {
    const verdict = judge(spoiltOnAmd64('verdict', (each) => ({ ...each, passed: passed as boolean })));
    expect(failedRules(verdict)).toEqual(['verdict-present']);
  }
});

test('a verdict is held to the policy that was named, and to none where none was', () => {
  const other = spoiltOnAmd64('verdict', (each) => ({ ...each, policy: digestOf('a laxer policy') }));
  expect(failedRules(judge(other, { verdictOf: digestOfPolicy(STRICT) }))).toEqual(['verdict-present']);
  expect(judge(other).passed).toBe(true);
  expect(judge(soundEvidence(), { verdictOf: digestOfPolicy(STRICT) }).passed).toBe(true);
});

test('a verdict opens the gate for the repository that it names, and for no other', () => {
  // A registry client can be a destination, too, and has a method with the name of a reference's field.
  const destination = { registry: 'ghcr.io', repository: 'acme/app', tag: () => 'a method' };
  const strict = (named: string) =>
    resultsOf(
      judge(
        spoiltOnAmd64('verdict', (each) => ({ ...each, destination: named })),
        {},
        IMAGE,
        { destinations: [destination] },
      ),
      'verdict-present',
    );
  expect(strict('ghcr.io/acme/app')).toMatchObject([{ outcome: 'pass' }]);
  for (const resource of [
    'ghcr.io/acme/sandbox',
    'ghcr.io/acme/app2',
    'GHCR.io/acme/app',
    'pkg:oci/image@sha256%3Aa',
    '',
  ]) {
    expect(strict(resource)).toMatchObject([
      { outcome: 'fail', why: expect.stringContaining('not for ghcr.io/acme/app') },
    ]);
  }
});

test('with several destinations, each needs its own verdict, and none of another repository counts', () => {
  const [here, there] = ['ghcr.io/acme/app', 'docker.io/acme/app'] as const;
  const destinations = [here, there].map((name) => parseReference(name));
  const outcome = (...named: readonly (string | undefined)[]) => {
    const verdicts = named.map((destination) =>
      soundEvidence().flatMap((each) => (each.kind === 'verdict' ? [{ ...each, destination }] : [])),
    );
    const others = soundEvidence().filter(({ kind }) => kind !== 'verdict');
    return resultsOf(judge([...others, ...verdicts.flat()], {}, IMAGE, { destinations }), 'verdict-present');
  };
  const failure = (why: string) =>
    expect.arrayContaining([expect.objectContaining({ outcome: 'fail', why: expect.stringContaining(why) })]);
  expect(outcome(here, there)).toMatchObject([{ outcome: 'pass' }]);
  expect(outcome(undefined)).toMatchObject([{ outcome: 'pass' }]);
  expect(outcome(here)).toEqual(failure('there is no verdict for docker.io/acme/app.'));
  expect(outcome(here, there, 'quay.io/acme/app')).toEqual(
    failure('the verdict is for quay.io/acme/app, not for ghcr.io/acme/app or docker.io/acme/app.'),
  );
});

test.each([
  ['of a later time', ago(-2 * HOUR), 'is dated 2026-11-24T14:00Z, after the time of this one (2026-11-24T12:00Z)'],
  ['without a date', new Date(Number.NaN), 'undated'],
])('a verdict %s does not count', (_, decidedOn, said) => {
  const verdict = judge(spoiltOnAmd64('verdict', (each) => ({ ...each, decidedOn })));
  expect(resultsOf(verdict, 'verdict-present')[0]).toMatchObject({
    outcome: 'fail',
    why: expect.stringContaining(said),
  });
});
