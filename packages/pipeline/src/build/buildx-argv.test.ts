import { describe, expect, test } from '@jest/globals';
import { parsePlatform, planAnnotations } from '@tidegate/core';
import { buildxCall } from './buildx-argv.ts';
import { csvField } from './csv-field.ts';
import { type BuildOptions, isGitContext, isGitFolder } from './options.ts';

const BARE: BuildOptions = {
  workspace: '/src',
  context: '/src',
  platforms: [],
  buildArgs: [],
  secrets: [],
  ssh: [],
  buildContexts: [],
  labels: [],
  annotations: planAnnotations({}, []),
  cacheFrom: [],
  cacheTo: [],
  environment: {},
  noCache: false,
  pull: false,
  network: 'default',
  ulimit: [],
  rewriteTimestamp: false,
  layout: '/layout',
  builderId: 'urn:test',
};
const AT = { builder: 'b', output: '/out', metadata: '/m.json' };
const call = (options: Partial<BuildOptions>) => buildxCall({ ...BARE, ...options }, AT);

/** The arguments that follow each `flag`. */
const after = (argv: readonly string[], flag: string) => argv.filter((_, at) => argv[at - 1] === flag);

describe('buildxCall', () => {
  test('writes an OCI layout folder without attestation manifests, and names the context last', () => {
    const { argv } = call({});
    expect(after(argv, '--output')).toEqual(['type=oci,dest=/out,tar=false,oci-mediatypes=true']);
    expect(argv).toEqual(expect.arrayContaining(['--provenance=false', '--sbom=false']));
    expect(argv.slice(-2)).toEqual(['--', '/src']);
  });

  test('writes files of a stage instead, if they are requested', () => {
    const of = (type: 'local' | 'tar') =>
      after(buildxCall({ ...BARE, target: 'bin' }, { ...AT, output: '/a,b', type }).argv, '--output');
    expect([of('local'), of('tar')]).toEqual([['type=local,"dest=/a,b"'], ['type=tar,"dest=/a,b"']]);
  });

  test.each([
    [{ file: '/src/Dockerfile' }, '--file', ['/src/Dockerfile']],
    [{ target: 'release' }, '--target', ['release']],
    [
      { platforms: ['linux/amd64', 'linux/arm/v7'].map((p) => parsePlatform(p)) },
      '--platform',
      ['linux/amd64,linux/arm/v7'],
    ],
    [
      {
        buildArgs: [
          ['A', 'x y'],
          ['B', '$(id)'],
        ] as const,
      },
      '--build-arg',
      ['A=x y', 'B=$(id)'],
    ],
    [{ labels: [['a.b', 'c,d']] as const }, '--label', ['a.b=c,d']],
    [{ buildContexts: [['base', 'oci-layout:///x']] as const }, '--build-context', ['base=oci-layout:///x']],
    [{ cacheFrom: ['type=gha'] }, '--cache-from', ['type=gha']],
    [{ network: 'none' as const }, '--network', ['none']],
    [{ network: 'host' as const }, '--allow', ['network.host']],
    [{ allow: ['security.insecure', 'device'] }, '--allow', ['security.insecure', 'device']],
    [{ network: 'host' as const, allow: ['network.host'] }, '--allow', ['network.host']],
    [{ ulimit: ['nofile=1:2'] }, '--ulimit', ['nofile=1:2']],
    [{ shmSize: '64m' }, '--shm-size', ['64m']],
    [{ noCacheFilters: ['deps', 'build'] }, '--no-cache-filter', ['deps', 'build']],
    [{ addHosts: ['db:10.0.0.1', 'six=::1'] }, '--add-host', ['db:10.0.0.1', 'six=::1']],
    [{ cgroupParent: '/ci/steps' }, '--cgroup-parent', ['/ci/steps']],
  ])('%j becomes %s', (options, flag, values) => {
    expect(after(call(options).argv, flag)).toEqual(values);
  });

  test('keeps the cache mounts of a shared builder apart, also those that have a namespace already', () => {
    const argsIn = (buildArgs: BuildOptions['buildArgs']) =>
      after(buildxCall({ ...BARE, buildArgs }, { ...AT, cacheMounts: 'acme-other' }).argv, '--build-arg');
    expect(argsIn([['A', '1']])).toEqual(['A=1', 'BUILDKIT_CACHE_MOUNT_NS=acme-other']);
    expect(argsIn([['BUILDKIT_CACHE_MOUNT_NS', 'mine']])).toEqual(['BUILDKIT_CACHE_MOUNT_NS=acme-other.mine']);
    expect(after(call({}).argv, '--build-arg')).toEqual([]);
  });

  describe('annotations', () => {
    const two = ['linux/amd64', 'linux/arm64'].map((text) => parsePlatform(text));
    const one = [parsePlatform('linux/amd64')];
    const flags = (given: readonly (readonly [string, string])[], platforms = two) =>
      after(call({ annotations: planAnnotations({ c: 'commit' }, given), platforms }).argv, '--annotation');

    test('go on the manifests, and on the index where there is one', () => {
      expect(flags([['k', 'v']])).toEqual(['manifest,index:c=commit', 'manifest,index:k=v']);
      expect(flags([['k', 'v']], one)).toEqual(['manifest:c=commit', 'manifest:k=v']);
      expect(flags([['k', 'v']], [])).toEqual(['manifest:c=commit', 'manifest:k=v']);
    });

    test('of one platform are of that one, and override those of all', () => {
      const given = [['manifest[linux/amd64]:c', 'own'] as const];
      expect(flags(given)).toEqual(['manifest,index:c=commit', 'manifest[linux/amd64]:c=own']);
      expect(flags(given, one)).toEqual(['manifest:c=own']);
    });

    test('of an index make one of a single platform, and no other annotation does', () => {
      const args = (key: string, platforms = one) =>
        after(call({ annotations: planAnnotations({}, [[key, 'v']]), platforms }).argv, '--build-arg');
      expect(args('index:k')).toEqual(['BUILDKIT_MULTI_PLATFORM=1']);
      expect(args('manifest-descriptor:k')).toEqual(['BUILDKIT_MULTI_PLATFORM=1']);
      expect(args('index-descriptor:k', [])).toEqual(['BUILDKIT_MULTI_PLATFORM=1']);
      expect([args('manifest:k'), args('k'), args('index:k', two)]).toEqual([[], [], []]);
      expect(flags([['index:k', 'v']], one)).toEqual(['manifest,index:c=commit', 'index:k=v']);
    });
  });

  test('the value of a secret is in the environment and in no argument', () => {
    const { argv, env } = call({
      secrets: [
        { id: 'npm', kind: 'value', value: 'hunter2' },
        { id: 'pip', kind: 'file', path: '/run/a,b' },
      ],
    });
    expect(after(argv, '--secret')).toEqual(['id=npm,env=TIDEGATE_SECRET_0', 'id=pip,"src=/run/a,b"']);
    expect(env.TIDEGATE_SECRET_0).toBe('hunter2');
    expect(argv.join(' ')).not.toContain('hunter2');
  });

  test('credentials of caches are in the environment, and override no setting of Tidegate', () => {
    const environment = { ACTIONS_RUNTIME_TOKEN: 'hunter2', BUILDX_GIT_INFO: 'true' };
    const { argv, env } = call({ environment, cacheFrom: ['type=gha'] });
    expect(env).toMatchObject({ ACTIONS_RUNTIME_TOKEN: 'hunter2', BUILDX_GIT_INFO: 'false' });
    expect(argv.join(' ')).not.toContain('hunter2');
  });

  test('a source date sets SOURCE_DATE_EPOCH, and the times of files only if configured', () => {
    const { argv, env } = call({ sourceDateEpoch: 1700000000 });
    expect(env.SOURCE_DATE_EPOCH).toBe('1700000000');
    expect(after(argv, '--output')[0]).not.toContain('rewrite-timestamp');
    const asked = call({ sourceDateEpoch: 1700000000, rewriteTimestamp: true });
    expect(after(asked.argv, '--output')[0]).toContain(',rewrite-timestamp=true');
  });

  test.each([
    [{ type: 'zstd', isForced: false }, 'compression=zstd'],
    [{ type: 'gzip', level: 9, isForced: false }, 'compression=gzip,compression-level=9'],
    [{ type: 'estargz', level: 0, isForced: true }, 'compression=estargz,compression-level=0,force-compression=true'],
  ] as const)('compression %j is part of the output: %s', (compression, text) => {
    expect(after(call({ compression }).argv, '--output')).toEqual([
      `type=oci,dest=/out,tar=false,oci-mediatypes=true,${text}`,
    ]);
  });

  test.each([
    ['noCache', '--no-cache'],
    ['pull', '--pull'],
  ] as const)('%s becomes %s, and nothing when it is not set', (option, flag) => {
    expect(call({ [option]: true }).argv).toContain(flag);
    expect(call({}).argv).not.toContain(flag);
  });

  test('a context that looks like a flag stays a context', () => {
    expect(call({ context: '--help' }).argv.slice(-2)).toEqual(['--', '--help']);
  });
});

test.each([
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
])('csvField(%s) is %s', (text, field) => {
  expect(csvField(text)).toBe(field);
});

test.each([
  ['https://example.org/a/b.git#v1:dir', true],
  ['git@example.org:a/b.git', true],
  ['ssh://git@example.org/a', true],
  ['.', false],
  ['/src/app', false],
  ['https', false],
])('isGitContext(%s) is %s', (context, expected) => {
  expect(isGitContext(context)).toBe(expected);
});

test.each([
  ['https://example.org/a/b.git#v1:dir', true],
  ['git@example.org:a/b.git#:dir', true],
  ['https://example.org/a/b.git?ref=v1&subdir=dir', true],
  ['https://example.org/a/b.git#v1', false],
  ['https://example.org/a/b.git#v1:', false],
  ['git@example.org:a/b.git', false],
  ['./a#b:c', false],
])('isGitFolder(%s) is %s', (context, expected) => {
  expect(isGitFolder(context)).toBe(expected);
});
