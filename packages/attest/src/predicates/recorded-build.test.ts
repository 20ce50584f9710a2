import { expect, test } from '@jest/globals';
import { digestOf, PredicateType } from '@tidegate/core';
import { makeStatement } from '../statement/statement.ts';
import { type BuildParameters, provenanceStatement } from './provenance.ts';
import { recordedBuild } from './recorded-build.ts';

const SUBJECT = [{ digest: digestOf('image') }];
/** A SLSA v0.2 predicate with what BuildKit always writes. */
const BUILDKIT = {
  builder: { id: '' },
  buildType: 'https://mobyproject.org/buildkit@v1',
  invocation: { configSource: {}, parameters: {}, environment: { platform: 'linux/amd64' } },
  metadata: { completeness: { parameters: true, environment: true, materials: true } },
};
const recorded = (options: { readonly parameters?: BuildParameters }) =>
  recordedBuild(provenanceStatement(SUBJECT, BUILDKIT, { builderId: 'https://example.org', ...options }).bytes);

test('our own provenance tells what the caller gave the build', () => {
  const parameters = {
    ...{ context: '.', file: 'Dockerfile', target: 'prod', network: 'none', shmSize: '64m' },
    ...{ buildArgs: { URL: 'https://user:secret@example.org/' }, labels: { a: 'b' }, annotations: { 'index:c': 'd' } },
    ...{ contexts: { extra: 'lib' }, allow: ['device'], addHosts: ['db:10.0.0.7'], ulimit: ['nofile=1:1'] },
  };
  expect(recorded({ parameters })).toMatchObject({ ...parameters, buildArgs: { URL: 'https://example.org/' } });
});

test('what was not given is empty', () => {
  expect(recorded({ parameters: {} })).toEqual({
    ...{ buildArgs: {}, labels: {}, annotations: {}, contexts: {} },
    ...{ allow: [], addHosts: [], ulimit: [] },
  });
});

test('provenance of another tool tells nothing', () => {
  expect(recorded({})).toBeUndefined();
  const predicate = { buildDefinition: { externalParameters: { parameters: { buildArgs: ['VERSION=7'] } } } };
  expect(recordedBuild(makeStatement(PredicateType.provenance, SUBJECT, predicate).bytes)).toBeUndefined();
});
