/** Policies that are written for clusters, compared with the formats that the clusters' controllers read. */
import { describe, expect, test } from '@jest/globals';
import { type Admission, clusterImagePolicy, kyvernoPolicy, workflowIdentity } from '@tidegate/core';
import { parseYaml } from '@tidegate/testkit';
import { faults, schemaOf } from './support/custom-resource.ts';

const PEM = '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQ==\n-----END PUBLIC KEY-----\n';
const KEYLESS: Admission = {
  repository: 'ghcr.io/acme/app',
  signer: { kind: 'keyless', identity: workflowIdentity({ workflow: 'acme/app/.github/workflows/release.yml' }) },
};
const SOURCE: Admission = {
  repository: 'ghcr.io/acme/app',
  signer: {
    kind: 'keyless',
    identity: workflowIdentity({
      workflow: 'acme/app/.github/workflows/release.yml',
      ...{ repository: 'acme/app', ref: 'refs/tags/v*', commit: 'c'.repeat(40) },
    }),
  },
};
const keyed = (logged: boolean): Admission => ({
  repository: 'ghcr.io/acme/app',
  signer: { kind: 'key', publicKey: PEM, logged },
});

const KYVERNO = {
  module: 'github.com/kyverno/kyverno@v1.19.1',
  sum: 'h1:/MkgFii3/VlQfKR1JpC9tVwNNVNQTt2S4U6qCsafsTU=',
  path: 'config/crds/kyverno/kyverno.io_clusterpolicies.yaml',
};
const POLICY_CONTROLLER = {
  module: 'github.com/sigstore/policy-controller@v0.13.1',
  sum: 'h1:Woy+6bQ7pT/0m3/PSO2RtDxSHKBZ/8iHpCZFcZJThM8=',
  path: 'config/300-clusterimagepolicy.yaml',
};

describe("the controllers' own definitions", () => {
  test.each<[string, Admission]>([
    ['keyless', KEYLESS],
    ['keyless, of one source', SOURCE],
    ['with a key', keyed(false)],
    ['with a key and a log', keyed(true)],
  ])('a Kyverno policy %s has no field that Kyverno does not know', async (_, admission) => {
    const schema = await schemaOf(KYVERNO, 'v1');
    expect(faults(schema, parseYaml(kyvernoPolicy(admission)))).toEqual([]);
  });

  test.each([[undefined], ['loopback']])('a ClusterImagePolicy (trust root: %s) likewise', async (trustRoot) => {
    const schema = await schemaOf(POLICY_CONTROLLER, 'v1beta1');
    expect(faults(schema, parseYaml(clusterImagePolicy(KEYLESS, trustRoot)))).toEqual([]);
  });

  test('tell a word that is misspelt', async () => {
    const schema = await schemaOf(KYVERNO, 'v1');
    const policy = (from: string, to: string) => parseYaml(kyvernoPolicy(KEYLESS).replace(from, to));
    expect(faults(schema, policy('mutateDigest', 'mutatedigest'))).toEqual([
      expect.stringContaining('mutatedigest is not known'),
    ]);
    expect(faults(schema, policy('SigstoreBundle', 'SigstoreBundles'))).toHaveLength(1);
    expect(faults(schema, policy('background: false', 'background: "no"'))).toHaveLength(1);
  });
});
