import { expect, test } from '@jest/globals';
import { type CertifiedIdentity, exactIdentity, identityProblems } from '@tidegate/core';
import { ofEarlierRuns, ofSameRef } from './baseline.ts';

const WORKFLOW = 'https://github.com/acme/app/.github/workflows/release.yml';
const at = (ref: string, sourceDigest: string): CertifiedIdentity => ({
  issuer: 'https://token.actions.githubusercontent.com',
  subject: `${WORKFLOW}@${ref}`,
  sourceRepository: 'https://github.com/acme/app',
  sourceRepositoryId: '1',
  sourceRef: ref,
  sourceDigest,
  runnerEnvironment: 'github-hosted',
  buildTrigger: 'push',
});
const now = at('refs/tags/v1.0', 'a'.repeat(40));

test.each([
  ['an earlier run for the same tag', at('refs/tags/v1.0', 'b'.repeat(40)), [true, true]],
  ['a run for a tag that anyone may push', at('refs/tags/x', 'b'.repeat(40)), [true, false]],
  ['a run for a branch', at('refs/heads/main', 'b'.repeat(40)), [false, false]],
])('%s: trusted for a comparison, trusted for its evidence', (_, earlier, expected) => {
  const trust = { publicKeys: [], identities: [exactIdentity(now)] };
  const trusted = [ofEarlierRuns(trust), ofSameRef(trust)].map(({ identities = [] }) =>
    identities.some((identity) => identityProblems(identity, earlier).length === 0),
  );
  expect(trusted).toEqual(expected);
});
