// biome-ignore-all lint/suspicious/noTemplateCurlyInString: of HCL
/**
 * Definitions as the pinned buildx prints them, in testdata/bake. test/build/bake.e2e.ts holds them against the real
 * buildx.
 */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { bakeTargets } from './targets.ts';

const printed = (name: string) =>
  readFile(new URL(`../../testdata/bake/${name}.printed.json`, import.meta.url), 'utf8');
const OPTIONS = { prefixes: ['ghcr.io/acme'], secrets: ['npm'] };

/** Without the targets that it cannot build. */
async function only(name: string, ...targets: readonly string[]): Promise<string> {
  const { target } = JSON.parse(await printed(name));
  return JSON.stringify({ target: Object.fromEntries(targets.map((each) => [each, target[each]])) });
}

test('HCL, with everything that a build has an input for', async () => {
  const [api, web] = bakeTargets(await only('docker-bake.hcl', 'api', 'web'), OPTIONS);
  expect(api).toMatchObject({
    name: 'api',
    images: ['ghcr.io/acme/api'],
    context: 'services/api',
    file: 'services/api.Dockerfile',
    stage: 'final',
    platforms: ['linux/amd64', 'linux/arm64'],
    buildArgs: [
      ['GO_VERSION', '1.26'],
      ['TEMPLATE', '${x} %{y}'],
    ],
    buildContexts: [
      ['base', 'docker-image://alpine:3.22'],
      ['lib', 'lib'],
    ],
    labels: [['org.example.team', 'blue "sky"']],
    annotations: [['index,manifest:org.example.a', 'b=c']],
    cacheFrom: [{ type: 'gha', scope: 'api' }],
    cacheTo: [{ type: 'gha', mode: 'max', scope: 'api' }],
    noCacheFilters: ['deps'],
    pull: true,
    network: 'none',
    allow: ['security.insecure'],
    addHosts: ['db:10.0.0.7'],
    ulimits: ['nofile=1024:2048'],
    shmSize: '128m',
    localContexts: ['lib'],
  });
  expect(web).toMatchObject({ name: 'web', context: 'services/web', file: 'services/web/Dockerfile', noCache: true });
});

test('a matrix of bake is a target for each of its values', async () => {
  const builds = bakeTargets(await only('docker-bake.hcl', 'tool-a', 'tool-b'), OPTIONS);
  expect(builds.map(({ name, platforms }) => [name, platforms])).toEqual([
    ['tool-a', ['linux/amd64']],
    ['tool-b', ['linux/arm64']],
  ]);
});

test('targets that are linked or end in files are refused', async () => {
  await expect(printed('docker-bake.hcl').then((text) => bakeTargets(text, OPTIONS))).rejects.toThrow(
    /2 settings.*files: its output.*linked: its context base is the result of another target/s,
  );
});

describe('JSON and compose', () => {
  test.each([
    ['docker-bake.json', [['api', 'ghcr.io/acme/api', 'services/api/Dockerfile', [['V', '1.2.3']]]]],
    [
      'compose.yml',
      [
        [
          'api',
          'ghcr.io/acme/api',
          'services/api/Dockerfile',
          [
            ['LOG', 'debug'],
            ['VERSION', '1.2.3'],
          ],
        ],
        ['web', 'ghcr.io/acme/web', 'services/web/Dockerfile.prod', [['VERSION', '1.2.3']]],
      ],
    ],
  ])('%s', async (name, expected) => {
    const builds = bakeTargets(await printed(name), { prefixes: [], secrets: [] });
    expect(builds.map(({ name: target, images, file, buildArgs }) => [target, images[0], file, buildArgs])).toEqual(
      expected,
    );
  });
});
