import { expect, test } from '@jest/globals';
import type { Material } from '../../evidence.ts';
import type { AllowLists } from '../../policy.ts';
import { failedRules, judge, resultsOf, soundEvidence, spoilt, spoiltOnAmd64 } from '../sound.fixture.ts';

const builtFrom = (...uris: readonly string[]) =>
  spoiltOnAmd64('provenance', (each) => ({ ...each, materials: uris.map((uri): Material => ({ uri })) }));
const HUB: AllowLists = [['docker.io/library/*']];
const allowing = (allow: AllowLists) => ({ baseImages: { allow, undated: 'fail' } as const });

test.each<[string, AllowLists, boolean]>([
  ['pkg:docker/debian@bookworm-slim?platform=linux%2Famd64', HUB, true],
  ['pkg:docker/library/debian@bookworm', HUB, true],
  ['pkg:docker/acme/base@1', HUB, false],
  ['pkg:docker/acme/base@1', [['docker.io/**']], true],
  ['pkg:docker/gcr.io/distroless/static-debian12@nonroot', [['gcr.io/distroless/*', 'docker.io/library/*']], true],
  ['pkg:docker/gcr.io.evil.example/distroless/static@1', [['gcr.io/distroless/*', 'docker.io/library/*']], false],
  ['pkg:docker/ghcr.io/acme/base@1', [['ghcr.io/**', 'docker.io/**'], ['docker.io/**']], false],
  ['pkg:oci/debian@bookworm-slim?digest=sha256:aa', HUB, true],
  ['pkg:oci/base?repository_url=ghcr.io/acme/base', [['ghcr.io/acme/*', 'docker.io/library/*']], true],
  ['pkg:docker/UPPER/%00@1', HUB, false],
  ['git+https://example.com/acme/app@refs/heads/main', HUB, true],
])('%s under %j: %s', (uri, allow, allowed) => {
  expect(failedRules(judge(builtFrom(uri), allowing(allow)))).toEqual(allowed ? [] : ['base-images-allowed']);
});

test('every image that the build read counts, not the first alone', () => {
  const verdict = judge(builtFrom('pkg:docker/golang@1.26', 'pkg:docker/acme/base@1'), allowing(HUB));
  expect(resultsOf(verdict, 'base-images-allowed').map(({ why }) => why)).toEqual([
    'linux/amd64: the policy does not allow the base image docker.io/acme/base.',
  ]);
});

test('base images are unknown without provenance, or when it does not list its sources', () => {
  const none = spoilt('provenance', () => undefined);
  expect(failedRules(judge(none, { ...allowing(HUB), require: [] }))).toEqual(['base-images-allowed']);
  const silent = spoiltOnAmd64('provenance', ({ materials: _, ...each }) => each);
  expect(failedRules(judge(silent, allowing(HUB)))).toEqual(['base-images-allowed']);
});

test('an empty list allows nothing, and none does not apply', () => {
  expect(failedRules(judge(soundEvidence(), allowing([[]])))).toEqual(['base-images-allowed']);
  expect(resultsOf(judge(soundEvidence(), allowing([])), 'base-images-allowed')[0]?.outcome).toBe('not-applicable');
});
