import { expect, test } from '@jest/globals';
import { PredicateType } from '@tidegate/core';
import { IMAGE, parsed, recorded } from '../sound.fixture.ts';
import type { CertificateIdentity } from '../verify/certificate.ts';
import { BUILD_TYPE, certifiedProvenance } from './certified-provenance.ts';
import { provenanceStatement, readProvenance } from './provenance.ts';

const COMMIT = '9f1c0de2b5a64c1d8f6e3a7b2c4d5e6f70819203';
const CERTIFIED: CertificateIdentity = {
  identity: { subject: '', issuer: '' },
  subject: 'https://github.com/tidegate/tidegate/.github/workflows/commit-to-registry.yml@refs/tags/v1',
  issuer: 'https://token.actions.githubusercontent.com',
  text: '',
  claims: {
    buildSignerUri: 'https://github.com/tidegate/tidegate/.github/workflows/commit-to-registry.yml@refs/tags/v1',
    buildSignerDigest: '1'.repeat(40),
    runnerEnvironment: 'github-hosted',
    sourceRepository: 'https://github.com/acme/app',
    sourceDigest: COMMIT,
    sourceRef: 'refs/heads/main',
    sourceId: '12',
    ownerUri: 'https://github.com/acme',
    ownerId: '34',
    buildConfigUri: 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main',
    buildConfigDigest: COMMIT,
    buildTrigger: 'push',
    invocationUri: 'https://github.com/acme/app/actions/runs/5/attempts/2',
    visibility: 'public',
  },
};

const BASE = { uri: 'pkg:docker/debian@12?platform=linux%2Famd64', digest: { sha256: '0'.repeat(64) } };

function provenance(commit = COMMIT, uri = 'https://github.com/acme/app', ref = 'refs/heads/main') {
  return provenanceStatement(
    [{ digest: IMAGE }],
    { ...recorded('buildkit-max'), materials: [BASE] },
    {
      builderId: 'https://github.com/somebody/said/so',
      invocationId: 'https://somebody.example/said/so',
      source: { uri, commit, ref },
      parameters: { buildArgs: { VERSION: '1' }, secrets: ['token'] },
    },
  );
}

test("certified values replace those of the run's environment, and all parameters stay", () => {
  const joined = certifiedProvenance(provenance().bytes, CERTIFIED);
  const { predicate, predicateType, subject } = parsed(joined?.bytes ?? new Uint8Array());
  expect(predicateType).toBe(PredicateType.provenance);
  expect(subject).toEqual([{ digest: { sha256: IMAGE.slice(7) } }]);
  const { buildDefinition, runDetails } = predicate;
  expect(buildDefinition.buildType).toBe(BUILD_TYPE);
  expect(buildDefinition.externalParameters).toMatchObject({
    workflow: {
      ref: 'refs/heads/main',
      repository: 'https://github.com/acme/app',
      path: '.github/workflows/release.yml',
    },
    parameters: { buildArgs: { VERSION: '1' }, secrets: ['token'] },
    request: { frontend: expect.any(String) },
  });
  expect(buildDefinition.internalParameters.github).toEqual({
    event_name: 'push',
    repository_id: '12',
    repository_owner_id: '34',
    repository_visibility: 'public',
    runner_environment: 'github-hosted',
    workflow_sha: COMMIT,
    job_workflow_sha: '1'.repeat(40),
  });
  expect(buildDefinition.resolvedDependencies[0]).toEqual({
    name: 'source',
    uri: 'git+https://github.com/acme/app@refs/heads/main',
    digest: { gitCommit: COMMIT },
  });
  expect(runDetails.builder.id).toBe(CERTIFIED.claims.buildSignerUri);
  expect(runDetails.metadata.invocationId).toBe(CERTIFIED.claims.invocationUri);
  expect(readProvenance(predicate, IMAGE)).toMatchObject({ source: { commit: COMMIT } });
});

test('materials of the build are all there still', () => {
  const dependencies = (bytes: Uint8Array) => parsed(bytes).predicate.buildDefinition.resolvedDependencies.slice(1);
  const before = provenance().bytes;
  const after = certifiedProvenance(before, CERTIFIED)?.bytes ?? new Uint8Array();
  expect(dependencies(before)).toEqual([BASE]);
  expect(dependencies(after)).toEqual([BASE]);
});

test('joining twice changes nothing', () => {
  const once = certifiedProvenance(provenance().bytes, CERTIFIED);
  const twice = certifiedProvenance(once?.bytes ?? new Uint8Array(), CERTIFIED);
  expect(twice?.bytes).toEqual(once?.bytes);
});

test.each([
  ['commit', provenance('2'.repeat(40))],
  ['repository', provenance(COMMIT, 'https://github.com/acme/other')],
  ['ref', provenance(COMMIT, undefined, 'refs/tags/v1')],
])('provenance of another %s than the certificate is refused', (_what, { bytes }) => {
  expect(() => certifiedProvenance(bytes, CERTIFIED)).toThrow(expect.objectContaining({ kind: 'evidence' }));
});

test("a person's certificate has nothing to join", () => {
  expect(certifiedProvenance(provenance().bytes, { ...CERTIFIED, claims: {} })).toBeUndefined();
});
