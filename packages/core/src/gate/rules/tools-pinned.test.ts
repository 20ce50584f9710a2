import { describe, expect, test } from '@jest/globals';
import type { Evidence, ProgramEvidence } from '../../evidence.ts';
import { digestOf } from '../../image/digest.ts';
import { failedRules, judge, released, resultsOf, soundEvidence } from '../sound.fixture.ts';

const own = (name: string): ProgramEvidence => ({ name, digest: digestOf(`my ${name}`) });

interface Programs {
  readonly provenance?: readonly ProgramEvidence[];
  readonly syft?: ProgramEvidence | 'unsaid';
  readonly grype?: ProgramEvidence | 'unsaid';
}

function evidenceWith({ provenance, syft = released('syft'), grype = released('grype') }: Programs = {}): Evidence[] {
  const said = <E extends { program?: ProgramEvidence | undefined }>(
    { program: _, ...one }: E,
    program: ProgramEvidence | 'unsaid',
  ) => (program === 'unsaid' ? one : { ...one, program });
  return soundEvidence().map((one): Evidence => {
    if (one.kind === 'provenance') return provenance ? { ...one, programs: provenance } : one;
    if (one.kind === 'sbom' && one.format === 'syft') return said(one, syft);
    return one.kind === 'scan' ? said(one, grype) : one;
  });
}

const failing = (programs: Programs, tools: 'pinned' | 'any' = 'pinned') =>
  failedRules(judge(evidenceWith(programs), { tools }));

describe('tools-pinned', () => {
  test('passes where every program is a release that Tidegate pins', () => {
    expect(failing({})).toEqual([]);
    expect(resultsOf(judge(evidenceWith(), { tools: 'pinned' }), 'tools-pinned')[0]?.why).toContain(
      'grype (grype.tar.gz)',
    );
  });

  test.each<[string, Programs, RegExp]>([
    ['a Grype of somebody’s own', { grype: own('grype') }, /grype \(sha256:.*is not a release/],
    ['a Syft of somebody’s own', { syft: own('syft') }, /syft \(sha256:.*is not a release/],
    ['a buildx of somebody’s own', { provenance: [own('buildx'), released('buildkitd')] }, /buildx \(sha256:/],
    ['a daemon of somebody’s own', { provenance: [released('buildx'), own('buildkitd')] }, /buildkitd \(sha256:/],
    ['a builder that was there already', { provenance: [released('buildx')] }, /names no buildkitd release/],
    ['provenance of another build system', { provenance: [] }, /names no buildx release/],
    ['a catalog that does not name its Syft', { syft: 'unsaid' }, /names no syft release/],
    ['a scan that does not name its Grype', { grype: 'unsaid' }, /names no grype release/],
  ])('fails for %s', (_, programs, why) => {
    const verdict = judge(evidenceWith(programs), { tools: 'pinned' });
    expect(failedRules(verdict)).toEqual(['tools-pinned']);
    expect(resultsOf(verdict, 'tools-pinned')[0]?.why).toMatch(why);
  });

  test.each<Programs>([{ grype: own('grype') }, { provenance: [] }, { syft: 'unsaid', grype: 'unsaid' }])(
    'does not apply where the policy accepts any: %j',
    (programs) => {
      expect(failing(programs, 'any')).toEqual([]);
      expect(resultsOf(judge(evidenceWith(programs)), 'tools-pinned')[0]?.outcome).toBe('not-applicable');
    },
  );
});
