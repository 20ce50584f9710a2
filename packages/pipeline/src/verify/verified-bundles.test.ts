/** A bundle that was verified before counts again only for a trust that asks for nothing more. */
import { expect, test } from '@jest/globals';
import type { Trust } from '@tidegate/attest';
import { type CertifiedIdentity, digestOf, exactIdentity } from '@tidegate/core';
import { ofSameRef } from '../baseline/baseline.ts';
import { VerifiedBundles } from './verified-bundles.ts';

const [IMAGE, OTHER, BUNDLE] = [digestOf('image'), digestOf('other'), digestOf('bundle')];

function identityAt(sourceDigest: string): CertifiedIdentity {
  const sourceRef = 'refs/tags/v1.0';
  return {
    issuer: 'https://token.actions.githubusercontent.com',
    subject: `https://github.com/acme/app/.github/workflows/release.yml@${sourceRef}`,
    ...{ sourceRepository: 'https://github.com/acme/app', sourceRepositoryId: '1', sourceRef, sourceDigest },
    ...{ runnerEnvironment: 'github-hosted', buildTrigger: 'push' },
  };
}

const now: Trust = { publicKeys: [], roots: [], identities: [exactIdentity(identityAt('a'.repeat(40)))] };

function signedAt(commit: string): VerifiedBundles {
  const memory = new VerifiedBundles(ofSameRef(now));
  const signer = { name: 'release.yml', identity: identityAt(commit.repeat(40)), times: [], logEntries: 1 };
  memory.add(IMAGE, BUNDLE, { signer, facts: [], statements: [] });
  return memory;
}

test('a bundle of this very commit counts again', () => {
  expect(signedAt('a').get(IMAGE, BUNDLE, now)).toBeDefined();
});

test.each<[string, VerifiedBundles, Trust]>([
  ['of an earlier commit', signedAt('b'), now],
  ['with other roots', signedAt('a'), { ...now, roots: [] }],
  ['with other keys', signedAt('a'), { ...now, publicKeys: [] }],
  ['that asks for a timestamp', signedAt('a'), { ...now, timestamp: 'required' }],
  ['with a log that is required', signedAt('a'), { ...now, log: 'required' }],
  ['that trusts keys only', signedAt('a'), { publicKeys: now.publicKeys, roots: now.roots }],
])('it does not count for a trust: %s', (_, memory, trust) => {
  expect(memory.get(IMAGE, BUNDLE, trust)).toBeUndefined();
});

test('it says nothing about another image', () => {
  expect(signedAt('a').get(OTHER, BUNDLE, now)).toBeUndefined();
});
