import { describe, expect, test } from '@jest/globals';
import { digestOf, hexOf } from '@tidegate/core';
import { IMAGE, recorded } from '../sound.fixture.ts';
import { type ProvenanceOptions, provenanceStatement, readProvenance } from './provenance.ts';

const COMMIT = '7f86e50e457d7f778e1482bfd21c5cde5591ccb1';
const OPTIONS: ProvenanceOptions = {
  builderId: 'https://example.com/acme/app/.github/workflows/ship.yml@refs/tags/v1.0.0',
  invocationId: 'https://example.com/acme/app/actions/runs/1/attempts/1',
  source: { uri: 'https://example.com/acme/app', commit: COMMIT, ref: 'refs/tags/v1.0.0' },
  startedOn: new Date('2026-11-24T20:00:00Z'),
  finishedOn: new Date('2026-11-24T20:01:00Z'),
};

// biome-ignore lint/suspicious/noExplicitAny: a predicate is a foreign document
function predicateOf(buildkit: unknown, options = OPTIONS): any {
  return provenanceStatement([{ digest: IMAGE }], buildkit, options).statement.predicate;
}

const BASE = { uri: 'pkg:docker/debian@bookworm-slim?platform=linux%2Famd64', digest: { sha256: 'a'.repeat(64) } };

describe('provenanceStatement', () => {
  test("turns BuildKit's v0.2 into SLSA v1, with the commit as the dependency that is called source", () => {
    const predicate = predicateOf({ ...recorded('buildkit-min'), materials: [BASE] });
    const source = { uri: 'git+https://example.com/acme/app@refs/tags/v1.0.0', digest: { gitCommit: COMMIT } };
    expect(predicate).toMatchObject({
      buildDefinition: {
        buildType: 'https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md',
        externalParameters: { configSource: { path: 'Dockerfile' }, request: { frontend: 'dockerfile.v0' }, source },
        internalParameters: { builderPlatform: 'linux/amd64', dockerfileVersion: '1.25.0' },
        resolvedDependencies: [{ name: 'source', ...source }, BASE],
      },
      runDetails: {
        builder: { id: OPTIONS.builderId },
        metadata: {
          invocationId: OPTIONS.invocationId,
          startedOn: '2026-11-24T20:00:00.000Z',
          finishedOn: '2026-11-24T20:01:00.000Z',
        },
      },
    });
  });

  test('lists the files that were exported beside the image, and what their stages were made from', () => {
    const other = { uri: 'pkg:docker/golang@1.26', digest: { sha256: 'b'.repeat(64) } };
    const buildkit = { ...recorded('buildkit-min'), materials: [BASE] };
    const predicate = predicateOf(buildkit, {
      ...OPTIONS,
      byproducts: [{ name: 'out/app', digest: IMAGE }],
      stages: [{ ...recorded('buildkit-min'), materials: [BASE, other] }],
    });
    expect(predicate.runDetails.byproducts).toEqual([{ name: 'out/app', digest: { sha256: hexOf(IMAGE) } }]);
    expect(predicate.buildDefinition.resolvedDependencies.slice(1)).toEqual([BASE, other]);
    expect(readProvenance(predicate, IMAGE).materials?.map(({ uri }) => uri)).toContain(other.uri);
    expect(predicateOf(buildkit, { ...OPTIONS, byproducts: [] }).runDetails).not.toHaveProperty('byproducts');
  });

  test('names the programs that built, and the network of RUN steps, and reads the programs back', () => {
    const programs = [
      {
        name: 'buildx',
        digest: digestOf('buildx'),
        release: 'https://github.com/docker/buildx/releases/download/v1/buildx',
      },
      { name: 'buildkitd', digest: digestOf('buildkitd') },
    ];
    const predicate = predicateOf(recorded('buildkit-min'), { ...OPTIONS, programs, runNetwork: 'bridge' });
    expect(predicate.runDetails.builder.builderDependencies).toEqual([
      { name: 'buildx', uri: programs[0]?.release, digest: { sha256: hexOf(digestOf('buildx')) } },
      { name: 'buildkitd', digest: { sha256: hexOf(digestOf('buildkitd')) } },
    ]);
    expect(predicate.buildDefinition.internalParameters.tidegate).toEqual({ runNetwork: 'bridge' });
    expect(readProvenance(predicate, IMAGE).programs).toEqual(programs);
  });

  test("keeps BuildKit's own times and completeness where it gives them", () => {
    const { runDetails, buildDefinition } = predicateOf(recorded('buildkit-max'), { builderId: OPTIONS.builderId });
    expect(runDetails.metadata).toMatchObject({
      invocationId: '7730ag37bichkcidvs2ttfn70',
      startedOn: '2026-11-24T20:43:59.724300332Z',
      finishedOn: '2026-11-24T20:44:00.041081615Z',
      buildkit_completeness: { request: true, resolvedDependencies: false },
    });
    expect(buildDefinition.internalParameters.buildConfig.llbDefinition).toHaveLength(3);
    expect(buildDefinition.resolvedDependencies).toEqual([]);
  });

  test("reads BuildKit's v1 as it is, but for who vouches", () => {
    const v1 = predicateOf(recorded('buildkit-max'), { builderId: 'https://buildkit.example' });
    const again = predicateOf(v1, OPTIONS);
    expect(again.buildDefinition.externalParameters.request).toEqual(v1.buildDefinition.externalParameters.request);
    expect(again.buildDefinition.internalParameters).toEqual(v1.buildDefinition.internalParameters);
    expect(again.runDetails.builder.id).toBe(OPTIONS.builderId);
    expect(again.runDetails.metadata.startedOn).toBe(v1.runDetails.metadata.startedOn);
  });

  test('names secrets and ssh agents, and lets nothing more of them through', () => {
    const buildkit = recorded('buildkit-min');
    const told = {
      secrets: [{ id: 'npm', optional: true, value: 'hunter2' }],
      ssh: [{ id: 'default', key: 'hunter2' }],
    };
    Object.assign(buildkit.invocation.parameters, told);
    Object.assign(buildkit.invocation.parameters.root.request, told);
    const { request } = predicateOf(buildkit).buildDefinition.externalParameters;
    expect(request).toMatchObject({ secrets: [{ id: 'npm', optional: true }], ssh: [{ id: 'default' }] });
    expect(request.root.request).toMatchObject({ secrets: [{ id: 'npm', optional: true }], ssh: [{ id: 'default' }] });
    expect(JSON.stringify(request)).not.toContain('hunter2');
  });

  test("lists the user's inputs as external parameters", () => {
    const parameters = { buildArgs: { GO_VERSION: '1.26' }, secrets: ['npm'], platforms: ['linux/amd64'] };
    expect(
      predicateOf(recorded('buildkit-min'), { ...OPTIONS, parameters }).buildDefinition.externalParameters,
    ).toMatchObject({ parameters });
  });

  test('no credentials of a remote get into it, from the caller or from BuildKit', () => {
    const buildkit = recorded('buildkit-min');
    buildkit.invocation.parameters.root.request.args['vcs:source'] =
      'https://x-access-token:hunter2@example.com/acme/app';
    buildkit.materials = [{ uri: 'https://user:hunter2@example.com/base.tar', digest: BASE.digest }];
    const source = { uri: 'git+https://hunter2@example.com/acme/app', commit: COMMIT };
    const parameters = {
      context: 'https://hunter2@example.com/acme/app.git#main',
      contexts: { base: 'https://user:hunter2@example.com/base.git' },
      buildArgs: { PROXY: 'http://user:hunter2@proxy.example:3128' },
    };
    const text = JSON.stringify(predicateOf(buildkit, { ...OPTIONS, source, parameters }));
    expect(text).not.toContain('hunter2');
    expect(text).toContain('"vcs:source":"https://example.com/acme/app"');
    expect(text).toContain('"uri":"git+https://example.com/acme/app"');
  });

  test.each([
    ['nothing', undefined],
    ['text', 'provenance'],
    ['an empty object', {}],
    ['another build type', { ...recorded('buildkit-min'), buildType: 'https://example.com/make' }],
    ['no invocation', { ...recorded('buildkit-min'), invocation: undefined }],
    ['materials without a URI', { ...recorded('buildkit-min'), materials: [{ digest: {} }] }],
    ['a v1 without run details', { buildDefinition: {} }],
  ])('refuses %s in place of what BuildKit says', (_, buildkit) => {
    expect(() => predicateOf(buildkit)).toThrow(
      expect.objectContaining({ kind: 'evidence', message: expect.stringContaining("BuildKit's provenance") }),
    );
  });
});

describe('readProvenance', () => {
  const SOUND = predicateOf({ ...recorded('buildkit-min'), materials: [BASE] });
  const withDependencies = (resolvedDependencies: unknown) => ({
    ...SOUND,
    buildDefinition: { ...SOUND.buildDefinition, resolvedDependencies },
  });
  const git = (uri: string, name?: string) => ({
    uri: `git+${uri}`,
    digest: { gitCommit: COMMIT },
    ...(name ? { name } : {}),
  });

  test('gives builder, build type and source', () => {
    expect(readProvenance(SOUND, IMAGE)).toEqual({
      kind: 'provenance',
      subject: IMAGE,
      builder: OPTIONS.builderId,
      buildType: SOUND.buildDefinition.buildType,
      source: { uri: 'git+https://example.com/acme/app@refs/tags/v1.0.0', commit: COMMIT },
      materials: [
        { uri: 'git+https://example.com/acme/app@refs/tags/v1.0.0' },
        { uri: 'pkg:docker/debian@bookworm-slim?platform=linux%2Famd64', sha256: 'a'.repeat(64) },
      ],
      programs: [],
    });
  });

  test.each([
    ['the only git dependency', [BASE, git('https://a.example')], 'git+https://a.example'],
    [
      'the one that is called source',
      [git('https://a.example'), git('https://b.example', 'source')],
      'git+https://b.example',
    ],
    ['none of two', [git('https://a.example'), git('https://b.example')], undefined],
    [
      'none of two that are called source',
      [git('https://a.example', 'source'), git('https://b.example', 'source')],
      undefined,
    ],
    ['none without a commit', [{ uri: 'git+https://a.example', digest: {} }], undefined],
    ['none where there is none', undefined, undefined],
  ])('takes for the source %s', (_, dependencies, uri) => {
    expect(readProvenance(withDependencies(dependencies), IMAGE).source?.uri).toBe(uri);
  });

  test.each([
    ['no build definition', { runDetails: SOUND.runDetails }, 'buildDefinition is missing'],
    ['no builder', { ...SOUND, runDetails: {} }, 'runDetails.builder is missing'],
    ['an empty builder id', { ...SOUND, runDetails: { builder: { id: '' } } }, 'runDetails.builder.id'],
    ['an empty build type', { ...SOUND, buildDefinition: { ...SOUND.buildDefinition, buildType: '' } }, 'buildType'],
    ['no external parameters', { ...SOUND, buildDefinition: { buildType: 'x' } }, 'externalParameters is missing'],
    ['dependencies that are no list', withDependencies({}), 'resolvedDependencies'],
    ['a predicate of v0.2', recorded('buildkit-min'), 'buildDefinition is missing'],
  ])('refuses %s', (_, predicate, why) => {
    expect(() => readProvenance(predicate, IMAGE)).toThrow(
      expect.objectContaining({ kind: 'evidence', message: expect.stringContaining(why) }),
    );
  });
});
