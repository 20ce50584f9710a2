import { describe, expect, test } from '@jest/globals';
import type { BaselineEvidence, Evidence, LiveFinding } from '../../evidence.ts';
import type { Finding } from '../../finding.ts';
import { digestOf } from '../../image/digest.ts';
import type { Policy } from '../../policy.ts';
import { blockingFindings } from '../findings.ts';
import {
  AMD64,
  ARM64,
  baseline,
  failedRules,
  finding,
  IMAGE,
  judge,
  resultsOf,
  STRICT,
  soundEvidence,
} from '../sound.fixture.ts';

const RULE = 'live-image-compared';
const NO_WORSE = { alreadyLive: 'report', knownExploited: 'fail' } as const satisfies Partial<Policy>;
const live = (over: Partial<LiveFinding> = {}): LiveFinding => ({
  ...{ id: 'CVE-2026-0001', type: 'npm', name: 'minimist', severity: 'high' },
  ...over,
});

/** Sound evidence with these findings on amd64, compared with those of the live image. */
function evidence(
  findings: readonly Finding[],
  there: readonly LiveFinding[],
  over: Partial<BaselineEvidence> = {},
): readonly Evidence[] {
  return soundEvidence(IMAGE, { ...STRICT, ...NO_WORSE }).map((one) => {
    if (one.subject !== AMD64.descriptor.digest) return one;
    if (one.kind === 'baseline') return { ...one, findings: there, ...over };
    if (one.kind !== 'scan') return one;
    return { ...one, findings, scannerTripped: findings.some(({ severity }) => /high|critical/.test(severity)) };
  });
}
const why = (verdict: ReturnType<typeof judge>, rule: Parameters<typeof resultsOf>[1] = RULE) =>
  resultsOf(verdict, rule).map((result) => result.why);

describe('a finding that the live image has already', () => {
  test('only warns, and the rules say how many', () => {
    const verdict = judge(evidence([finding()], [live()]), NO_WORSE);
    expect(failedRules(verdict)).toEqual([]);
    expect(why(verdict, 'severity-threshold')).toEqual([
      'No finding at or above high. The live image already has 1 more finding.',
    ]);
    expect(why(verdict)[0]).toMatch(
      /^linux\/amd64: ghcr.io\/acme\/app:latest \(sha256:\w+\) already has 1 finding of this image\./,
    );
  });

  test.each<[string, Partial<Finding>, Partial<LiveFinding>]>([
    ['in another version of the package', { package: { name: 'minimist', version: '9', type: 'npm' } }, {}],
    ['with a fix by now', { fix: 'fixed', fixedIn: ['2'] }, {}],
    ['less severe than there', { severity: 'high' }, { severity: 'critical' }],
    ['known to be exploited there too', { knownExploited: true }, { knownExploited: true }],
    ['without a severity, here and there', { severity: 'unknown' }, { severity: 'unknown' }],
  ])('%s only warns', (_, here, there) => {
    expect(failedRules(judge(evidence([finding(here)], [live(there)]), NO_WORSE))).toEqual([]);
  });

  test.each<[string, Partial<Finding>, Partial<LiveFinding>, string]>([
    ['of another advisory', { id: 'CVE-2026-0009' }, {}, 'severity-threshold'],
    ['in another package', { package: { name: 'mini', version: '1', type: 'npm' } }, {}, 'severity-threshold'],
    ['in another kind of package', {}, { type: 'gem' }, 'severity-threshold'],
    ['more severe than there', { severity: 'critical' }, { severity: 'high' }, 'severity-threshold'],
    ['whose severity was not known', {}, { severity: 'unknown' }, 'severity-threshold'],
    ['known to be exploited since', { severity: 'low', knownExploited: true }, { severity: 'low' }, 'known-exploited'],
  ])('but %s is a new one, and fails', (_, here, there, rule) => {
    expect(failedRules(judge(evidence([finding(here)], [live(there)]), NO_WORSE))).toEqual([rule]);
  });

  test('on one platform is a new one on another', () => {
    const both = evidence([finding()], [live()]).map((one) =>
      one.kind === 'scan' ? { ...one, findings: [finding()], scannerTripped: true } : one,
    );
    expect(why(judge(both, NO_WORSE), 'severity-threshold')).toEqual([
      expect.stringMatching(/^linux\/arm64: 1 finding at or above high/),
    ]);
  });

  test.each(['fail', undefined] as const)('fails like any other where the policy says %s', (alreadyLive) => {
    const { alreadyLive: _, ...policy } = NO_WORSE;
    const verdict = judge(evidence([finding()], [live()]), { ...policy, ...(alreadyLive ? { alreadyLive } : {}) });
    expect(failedRules(verdict)).toEqual(['severity-threshold']);
    expect(resultsOf(verdict, RULE)[0]?.outcome).toBe('not-applicable');
  });

  test('must be in every baseline: an additional baseline lets nothing more pass', () => {
    const hidden = baseline(AMD64.descriptor.digest, { findings: [live()] });
    expect(failedRules(judge([...evidence([finding()], []), hidden], NO_WORSE))).toEqual(['severity-threshold']);
    const none = { why: 'No image is live.', findings: [] };
    const { live: _, signer: __, ...bare } = hidden;
    const beside: Evidence = { ...bare, ...none };
    expect(failedRules(judge([...evidence([finding()], [live()]), beside], NO_WORSE))).toEqual(['severity-threshold']);
  });
});

describe('where nothing can be compared', () => {
  test('every finding counts, and the verdict says why', () => {
    const without = soundEvidence(IMAGE, { ...STRICT, ...NO_WORSE }).map((one): Evidence => {
      if (one.kind !== 'baseline') return one;
      const { live: _, signer: __, ...bare } = one;
      return { ...bare, why: 'No tag exists yet.' };
    });
    const verdict = judge(without, NO_WORSE);
    expect(failedRules(verdict)).toEqual([]);
    expect(resultsOf(verdict, RULE)).toEqual([
      {
        rule: RULE,
        outcome: 'not-applicable',
        why: [AMD64, ARM64]
          .map(
            ({ platform: { architecture } }) =>
              `linux/${architecture}: the image was not compared, so every finding counts: No tag exists yet.`,
          )
          .join(' '),
      },
    ]);
  });

  test('every finding counts where no baseline is there at all', () => {
    const without = evidence([finding()], [live()]).filter(({ kind }) => kind !== 'baseline');
    expect(failedRules(judge(without, { ...NO_WORSE, require: [] }))).toEqual(['severity-threshold']);
    expect(why(judge(without, { ...NO_WORSE, require: [] }))[0]).toContain('there is no baseline');
  });
});

describe('the compared images', () => {
  test.each<[string, Partial<BaselineEvidence>, string]>([
    [
      'by another signer',
      { signer: 'key sha256:other' },
      'the live image was verified with the signer key sha256:other',
    ],
    ['and is not signed', { statement: digestOf('another statement') }, 'the baseline is not signed.'],
  ])('%s fails where signatures are required', (_, over, said) => {
    const verdict = judge(evidence([finding()], [live()], over), NO_WORSE);
    expect(failedRules(verdict)).toContain(RULE);
    expect(why(verdict)[0]).toContain(said);
  });

  test('need not be signed before anything is', () => {
    const bare = evidence([finding()], [live()]).filter(({ kind }) => kind !== 'signature');
    expect(failedRules(judge(bare, { ...NO_WORSE, require: ['scan'] }))).toEqual([]);
  });
});

test('blocking findings are those of the policy, whatever is live', () => {
  expect(blockingFindings({ ...STRICT, ...NO_WORSE }, [finding()], new Date())).toHaveLength(1);
});
