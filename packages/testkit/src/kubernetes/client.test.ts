import { expect, test } from '@jest/globals';
import { collectionOf } from './client.ts';

test.each([
  ['v1', 'Pod', undefined, '/api/v1/namespaces/default/pods'],
  ['v1', 'Namespace', undefined, '/api/v1/namespaces'],
  ['apps/v1', 'Deployment', 'buildkit', '/apis/apps/v1/namespaces/buildkit/deployments'],
  ['kyverno.io/v1', 'ClusterPolicy', undefined, '/apis/kyverno.io/v1/clusterpolicies'],
])('an API server has objects of %s %s in %s at %s', (apiVersion, kind, namespace, path) => {
  expect(collectionOf({ apiVersion, kind, metadata: namespace === undefined ? {} : { namespace } })).toBe(path);
});
