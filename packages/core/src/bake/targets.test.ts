// biome-ignore-all lint/suspicious/noTemplateCurlyInString: of HCL
/** Settings of bake targets: mapped to inputs of the workflow, or refused by name. */
import { describe, expect, test } from '@jest/globals';
import { HOSTILE_NAMES } from '@tidegate/testkit';
import { bakeTargets, type TargetOptions } from './targets.ts';

const OPTIONS: TargetOptions = { prefixes: ['ghcr.io/acme'], secrets: [] };
const printed = (target: object) => JSON.stringify({ group: { default: { targets: ['api'] } }, target });
const one = (fields: object, options: Partial<TargetOptions> = {}) => {
  const [build] = bakeTargets(printed({ api: { context: '.', dockerfile: 'Dockerfile', ...fields } }), {
    ...OPTIONS,
    ...options,
  });
  if (!build) throw new Error('no target');
  return build;
};

describe('what a build has an input for is used', () => {
  test('context and Dockerfile are paths of the repository', () => {
    expect(one({ context: './services/api/' })).toMatchObject({
      context: 'services/api',
      file: 'services/api/Dockerfile',
    });
    expect(one({ context: 'services/api', dockerfile: '../api.Dockerfile' }).file).toBe('services/api.Dockerfile');
    expect(one({ context: 'services/api', dockerfile: 'cwd://docker/api' }).file).toBe('docker/api');
    expect(one({ contexts: { lib: './lib', base: 'docker-image://alpine:3' } })).toMatchObject({
      buildContexts: [
        ['lib', 'lib'],
        ['base', 'docker-image://alpine:3'],
      ],
      localContexts: ['lib'],
    });
  });

  test('texts are what the file says: buildx escapes templates of HCL', () => {
    const build = one({
      args: { A: '$${x} %%{y} $$z', B: null },
      labels: { l: '$$${x}' },
      annotations: ['index:a=b=c'],
    });
    expect(build.buildArgs).toEqual([['A', '${x} %{y} $$z']]);
    expect(build.labels).toEqual([['l', '$${x}']]);
    expect(build.annotations).toEqual([['index:a', 'b=c']]);
  });

  test('caches, network, hosts and limits', () => {
    const build = one({
      'cache-from': [{ type: 'gha', scope: 'api' }],
      'cache-to': [{ type: 'registry', ref: 'ghcr.io/acme/cache' }],
      network: 'host',
      entitlements: ['network.host', 'security.insecure'],
      'extra-hosts': { db: '10.0.0.7,fd00::7' },
      ulimits: ['nofile=1024:1024'],
      'shm-size': '128m',
      'no-cache': true,
      'no-cache-filter': ['deps'],
      pull: true,
      target: 'final',
    });
    expect(build).toMatchObject({
      cacheFrom: [{ type: 'gha', scope: 'api' }],
      cacheTo: [{ type: 'registry', ref: 'ghcr.io/acme/cache' }],
      network: 'host',
      allow: ['security.insecure'],
      addHosts: ['db:10.0.0.7', 'db:[fd00::7]'],
      ulimits: ['nofile=1024:1024'],
      shmSize: '128m',
      noCache: true,
      noCacheFilters: ['deps'],
      pull: true,
      stage: 'final',
    });
  });

  test('a secret that the workflow passes on', () => {
    expect(one({ secret: [{ id: 'npm', env: 'NPM_TOKEN' }] }, { secrets: ['npm'] }).name).toBe('api');
  });

  test('outputs of a usual build and attestations are replaced, with a notice', () => {
    const { notices } = one({
      output: [{ type: 'registry' }],
      attest: [{ type: 'provenance', mode: 'max' }],
      tags: ['app:1'],
    });
    expect(notices).toEqual([
      expect.stringContaining('its tags app:1 are replaced'),
      expect.stringContaining('its output registry is replaced'),
      expect.stringContaining('its attest is replaced'),
    ]);
  });
});

describe('the repository', () => {
  const images = (tags: readonly string[], prefixes: readonly string[] = []) => one({ tags }, { prefixes });

  test('is that of the tags, which themselves are not set', () => {
    const { images: found, notices } = images([
      'ghcr.io/acme/app:1.2',
      'ghcr.io/acme/app:latest',
      'docker.io/acme/app',
    ]);
    expect(found).toEqual(['ghcr.io/acme/app', 'docker.io/acme/app']);
    expect(notices).toEqual([expect.stringMatching(/^its tags 1\.2, latest are not set/)]);
  });

  test('is PREFIX/TARGET for each prefix', () => {
    expect(images([], ['ghcr.io/acme/', 'docker.io/acme']).images).toEqual(['ghcr.io/acme/api', 'docker.io/acme/api']);
  });

  test.each([
    [[], /no tags/],
    [['app:dev'], /names no registry and owner/],
    [['ghcr.io/Acme/app'], /is not valid/],
  ])('cannot be found in %j', (tags, why) => {
    expect(() => images(tags)).toThrow(why);
  });

  test('of two targets is not the same', () => {
    const target = { tags: ['ghcr.io/acme/app'] };
    expect(() => bakeTargets(printed({ a: target, b: target }), { ...OPTIONS, prefixes: [] })).toThrow(
      'b: it would set the same tags of ghcr.io/acme/app as a',
    );
  });
});

describe('what cannot be used is refused by name', () => {
  test.each([
    [{ output: [{ type: 'local', dest: 'out' }] }, 'type=local'],
    [{ output: [{ type: 'cacheonly' }] }, 'type=cacheonly'],
    [{ 'cache-to': [{ type: 'local', dest: '/tmp/x' }] }, 'cache-to type=local'],
    [{ 'cache-from': [{ type: 'gha', token: 'secret-1' }] }, 'a credential (token)'],
    [{ secret: [{ id: 'npm', env: 'NPM_TOKEN' }] }, 'the build secret npm'],
    [{ secret: [{ id: 'npm', src: '/root/.npmrc' }] }, 'the build secret npm'],
    [{ ssh: [{ id: 'default' }] }, 'SSH agent'],
    [{ call: 'check' }, 'does not build'],
    [{ contexts: { base: 'target:base' } }, 'the result of another target'],
    [{ contexts: { src: 'https://github.com/acme/lib.git' } }, 'neither a folder of the repository nor an image'],
    [{ contexts: { src: 'oci-layout://x' } }, 'neither a folder of the repository nor an image'],
    [{ contexts: { src: '../..' } }, 'outside of the repository'],
    [{ context: 'https://github.com/acme/app.git#main' }, 'not a folder of this repository'],
    [{ context: 'git@github.com:acme/app.git' }, 'not a folder of this repository'],
    [{ context: '/etc' }, 'outside of the repository'],
    [{ context: 'a/../../b' }, 'outside of the repository'],
    [{ context: 'cwd:///etc' }, 'outside of the repository'],
    [{ dockerfile: '/etc/passwd' }, 'outside of the repository'],
    [{ dockerfile: '../Dockerfile' }, 'outside of the repository'],
    [{ dockerfile: 'https://example.org/Dockerfile' }, 'is a URL'],
    [{ 'dockerfile-inline': 'FROM scratch' }, 'dockerfile-inline'],
    [{ network: 'container:db' }, 'its network'],
    [{ resources: { memory: 1 } }, 'limits resources'],
    [{ policy: [{}] }, 'a policy of BuildKit'],
    [{ novel: 1 }, 'unknown field "novel"'],
    [{ pull: 'yes' }, 'in an unexpected form'],
    [{ 'no-cache-filter': ['deps\nall'] }, 'has a line break'],
    [{ target: ' final' }, 'blanks around it'],
    [{ contexts: { 'a\nb': '.' } }, 'has a line break'],
  ])('%j', (fields, reason) => {
    expect(() => one(fields)).toThrow(expect.objectContaining({ id: 'bake-target-unsupported' }) as unknown as Error);
    expect(() => one(fields)).toThrow(reason);
    expect(() => one(fields)).not.toThrow('secret-1');
  });

  test('all of it at once, and every message says what to do', () => {
    const target = { ssh: [{ id: 'default' }], call: 'check', context: '/etc' };
    expect(() => bakeTargets(printed({ a: target, b: target }), OPTIONS)).toThrow(
      /^6 settings[^→]*(- [ab]: [^→]+ → \S[^→]+){6}$/,
    );
  });

  test('names that are none', () => {
    for (const name of [...HOSTILE_NAMES.filter((each) => /[^\w-]/.test(each)), 'a b', '', '`x`', 'a\n- b: fine']) {
      expect(() => bakeTargets(printed({ [name]: { tags: [] } }), OPTIONS)).toThrow(/rename it/);
    }
  });

  test('more targets than a matrix has jobs, none, or no definition', () => {
    const many = Object.fromEntries(Array.from({ length: 257 }, (_, at) => [`t${at}`, {}]));
    expect(() => bakeTargets(printed(many), OPTIONS)).toThrow('at most 256 jobs');
    expect(() => bakeTargets(printed({}), OPTIONS)).toThrow('have no target');
    expect(() => bakeTargets('{"target":[]}', OPTIONS)).toThrow('did not print targets');
    expect(() => bakeTargets('x', OPTIONS)).toThrow('did not print targets');
  });
});
