import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { parsePublicKey, type Trust } from '@tidegate/attest';
import { workflowIdentity } from '@tidegate/core';
import type { PushReport } from '@tidegate/pipeline';
import { clusterSection } from './cluster.ts';

const PUSHED = { digest: `sha256:${'a'.repeat(64)}` } as PushReport;
const identity = workflowIdentity({ workflow: 'acme/app/.github/workflows/release.yml' });

test('a push tells what a cluster needs: of the identity that signed, or of the key', () => {
  const keyless: Trust = { publicKeys: [], identities: [identity] };
  const text = clusterSection('acme/app', PUSHED, keyless);
  for (const part of [
    'ClusterPolicy',
    'ClusterImagePolicy',
    'docker.io/acme/app:*',
    `docker.io/acme/app@${PUSHED.digest}`,
  ]) {
    expect(text).toContain(part);
  }
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const keyed = clusterSection('ghcr.io/acme/app', PUSHED, { publicKeys: [parsePublicKey(pem)] });
  expect(keyed).toContain(pem.split('\n')[1]);
  expect(keyed).not.toContain('ClusterImagePolicy');
});

test('of a workflow that other repositories call too there are commands, and no policy that would admit their images', () => {
  const shared = workflowIdentity({
    workflow: 'tidegate/tidegate/.github/workflows/commit-to-registry.yml@refs/tags/v1',
    repository: 'acme/app',
  });
  const text = clusterSection('ghcr.io/acme/app', PUSHED, { publicKeys: [], identities: [shared] });
  expect(text).toContain('gh attestation verify');
  expect(text).toContain('No cluster policy is written');
  expect(text).not.toContain('apiVersion');
});

test('nothing without a signature or without a push', () => {
  expect(clusterSection('ghcr.io/acme/app', PUSHED, { publicKeys: [] })).toBe('');
  expect(clusterSection('ghcr.io/acme/app', undefined, { publicKeys: [], identities: [identity] })).toBe('');
});
