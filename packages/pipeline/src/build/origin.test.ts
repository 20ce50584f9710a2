import { expect, test } from '@jest/globals';
import { asMinProvenance } from './origin.ts';

const EXTENSION = 'https://mobyproject.org/buildkit@v1#metadata';
const request = {
  frontend: 'dockerfile.v0',
  args: { target: 'app', 'build-arg:VERSION': '1', 'label:a': 'b' },
  secrets: [{ id: 'token' }],
  ssh: [{ id: 'default' }],
};

test('the published provenance is that of BuildKit in min mode', () => {
  const published = asMinProvenance({
    buildType: 'x',
    materials: [{ uri: 'pkg:docker/debian@12' }],
    buildConfig: { llbDefinition: [{ id: 'step0', op: { exec: { env: ['VERSION=1'] } } }] },
    invocation: { configSource: {}, parameters: { ...request, root: { request } }, environment: { platform: 'x' } },
    metadata: {
      buildInvocationID: 'id',
      completeness: { parameters: true, materials: true },
      [EXTENSION]: { vcs: { revision: 'r' }, source: { infos: [{ data: 'RlJPTQ==' }] }, layers: { 'step0:0': [] } },
    },
  });
  const kept = { frontend: 'dockerfile.v0', args: { target: 'app' } };
  expect(published).toEqual({
    buildType: 'x',
    materials: [{ uri: 'pkg:docker/debian@12' }],
    invocation: { configSource: {}, parameters: { ...kept, root: { request: kept } }, environment: { platform: 'x' } },
    metadata: {
      buildInvocationID: 'id',
      completeness: { parameters: false, materials: true },
      [EXTENSION]: { vcs: { revision: 'r' } },
    },
  });
});

test.each([[undefined], [null], ['x'], [[]]])('%j is left as it is', (value) => {
  expect(asMinProvenance(value)).toEqual(value);
});
