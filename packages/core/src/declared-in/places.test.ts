import { describe, expect, test } from '@jest/globals';
import { type Cause, packageKey } from '../cause/cause.ts';
import type { Finding } from '../finding.ts';
import { finding } from '../gate/sound.fixture.ts';
import { digestOf } from '../image/digest.ts';
import type { DeclaringFile } from './declared-in.ts';
import { declaredPlaces, mayBeDeclared } from './places.ts';

const lock = (path: string, ...versions: readonly string[]): DeclaringFile => ({
  path,
  text: versions.map((version) => `minimist@^1.0.0:\n  version "${version}"\n`).join('\n'),
});
const cause = (origin: Cause['origin']): Cause => ({ layer: 0, diffId: digestOf('a'), file: 'Dockerfile', origin });
const ran = (text: string) => cause({ kind: 'instruction', line: 3, endLine: 3, text });
const where = (files: readonly DeclaringFile[], over: Partial<Finding> = {}, by?: Cause) => {
  const one = finding({ locations: [], ...over });
  const place = declaredPlaces([{ finding: one, cause: by }], files).get(packageKey(one.package));
  return place && `${place.file}:${place.line}`;
};

describe('the file that declares a package', () => {
  test('names it in this version', () => {
    expect(where([lock('a/yarn.lock', '1.2.9'), lock('b/yarn.lock', '1.2.9', '1.2.3')])).toBe('b/yarn.lock:4');
    expect(where([lock('a/yarn.lock', '1.2.9')])).toBeUndefined();
    expect(where([])).toBeUndefined();
  });

  const both = [lock('api/yarn.lock', '1.2.3'), lock('tools/web/yarn.lock', '1.2.3')];
  test.each<[string, Partial<Finding>, Cause | undefined, string]>([
    ['has the shortest path', {}, undefined, 'api'],
    ['is the one that the image has', { locations: ['/srv/web/yarn.lock'] }, undefined, 'tools/web'],
    [
      'lies where its packages are',
      { locations: ['/srv/web/node_modules/minimist/package.json'] },
      undefined,
      'tools/web',
    ],
    ['was copied', {}, ran('COPY --chown=1 ./tools/web/ /app'), 'tools/web'],
    ['was copied by name', {}, ran('COPY tools/web/yarn.lock .'), 'tools/web'],
    ['says nothing of a copy of all', {}, ran('COPY . .'), 'api'],
    ['is not named by a RUN', {}, ran('RUN tools/web install'), 'api'],
  ])('of two %s', (_, over, by, folder) => expect(where(both, over, by)).toBe(`${folder}/yarn.lock:1`));

  test('is none for what a base image contains, or what npm installs globally', () => {
    const base = cause({ kind: 'base', image: 'node:22', line: 1 });
    expect(where(both, {}, base)).toBeUndefined();
    const global = finding({ locations: ['/usr/local/lib/node_modules/npm/node_modules/minimist/package.json'] });
    expect(mayBeDeclared({ finding: global })).toBe(false);
    expect(mayBeDeclared({ finding: finding() })).toBe(true);
  });

  test('may name it without an exact version, if no file has one', () => {
    const flask = { package: { name: 'Flask', version: '2.0.0', type: 'python' } };
    const range = { path: 'requirements.txt', text: 'flask >= 2\n' };
    const exact = { path: 'deep/er/requirements.txt', text: '\nflask==2.0.0\n' };
    expect(where([range], flask)).toBe('requirements.txt:1');
    expect(where([range, exact], flask)).toBe('deep/er/requirements.txt:2');
    expect(where([{ path: 'requirements.txt', text: 'flask==1.0\n' }], flask)).toBeUndefined();
  });

  test('is the one that a developer edits, before the lock file that is made from it', () => {
    const log4j = { package: { name: 'a', version: '1.0', type: 'java-archive', purl: 'pkg:maven/g/a@1.0' } };
    const locked = { path: 'gradle.lockfile', text: 'g:a:1.0=x' };
    const catalog = { path: 'gradle/libs.versions.toml', text: '[libraries]\na = "g:a:1.0"' };
    expect(where([locked, catalog], log4j)).toBe('gradle/libs.versions.toml:2');
    expect(where([locked], log4j)).toBe('gradle.lockfile:1');
  });

  test.each<[string, string, Finding['package'], boolean]>([
    ['requirements.txt', 'Typing_Extensions==4.0', { name: 'typing-extensions', version: '4.0', type: 'python' }, true],
    [
      'go.mod',
      'require golang.org/x/text v0.3.7',
      { name: 'golang.org/x/text', version: 'v0.3.7', type: 'go-module' },
      true,
    ],
    [
      'go.mod',
      'require golang.org/x/text v0.3.7',
      { name: 'golang.org/x/text', version: 'v0.3.70', type: 'go-module' },
      false,
    ],
    ['Gemfile.lock', '    nokogiri (1.13.0-x86_64-linux)', { name: 'nokogiri', version: '1.13.0', type: 'gem' }, true],
    ['yarn.lock', 'a@^1:\n  version "1.0.0-rc1"', { name: 'a', version: '1.0.0', type: 'npm' }, false],
    [
      'composer.lock',
      '"name": "Symfony/http",\n"version": "v5.0.0"',
      { name: 'symfony/http', version: '5.0.0', type: 'php-composer' },
      true,
    ],
    [
      'gradle.lockfile',
      'g:a:1.0=x',
      { name: 'a', version: '1.0', type: 'java-archive', purl: 'pkg:maven/g/a@1.0' },
      true,
    ],
    [
      'gradle.lockfile',
      'g:a:1.0=x',
      { name: 'a', version: '1.0', type: 'java-archive', purl: 'pkg:maven/other/a@1.0' },
      false,
    ],
    ['yarn.lock', 'a@^1:\n  version "1.0.0"', { name: 'a', version: '1.0.0', type: 'gem' }, false],
    ['yarn.lock', 'a@^1:\n  version "1.0.0"', { name: 'constructor', version: '1.0.0', type: 'constructor' }, false],
  ])('%s with %j and %j: %j', (path, text, own, found) => {
    expect(where([{ path, text }], { package: own }) !== undefined).toBe(found);
  });
});

test('a place says whether the project requires the package itself', () => {
  const one = finding({ package: { name: 'golang.org/x/text', version: 'v0.3.7', type: 'go-module' } });
  const text = 'require golang.org/x/text v0.3.7 // indirect';
  expect([...declaredPlaces([{ finding: one }], [{ path: 'go.mod', text }]).values()]).toEqual([
    { file: 'go.mod', line: 1, direct: false },
  ]);
});
