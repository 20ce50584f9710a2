/**
 * Every place in which the pinned Syft looks for packages of an image: a later layer may empty what lies there. Each is
 * a list to our reader of layers, or there is a reason why not. Syft says itself where it looks.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, matchesGlob } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from '@jest/globals';
import { toolsFolder } from '@tidegate/testkit';
import { listAt } from '../../packages/core/src/package-lists/place.ts';

const tools = await toolsFolder({ log: (line) => console.error(line) });
const folder = await mkdtemp(join(tmpdir(), 'tidegate-known-lists-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Patterns of places that are read, and a file of each alternative in them. */
const READ: Readonly<Record<string, readonly string[]>> = {
  '**/lib/apk/db/installed': ['/lib/apk/db/installed', '/usr/lib/apk/db/installed'],
  '**/var/lib/pacman/local/**/desc': ['/var/lib/pacman/local/zlib-1.3/desc'],
  '/opt/bitnami/.bitnami_components.json': ['/opt/bitnami/.bitnami_components.json'],
  '/opt/bitnami/**/.spdx-*.spdx': ['/opt/bitnami/redis/.spdx-redis.spdx', '/opt/bitnami/.spdx-a.spdx'],
  '**/lib/dpkg/status': ['/var/lib/dpkg/status', '/usr/lib/dpkg/status'],
  '**/lib/dpkg/status.d/*': ['/var/lib/dpkg/status.d/base'],
  '**/lib/opkg/info/*.control': ['/usr/lib/opkg/info/jq.control', '/var/lib/opkg/info/jq.control'],
  '**/lib/opkg/status': ['/usr/lib/opkg/status'],
  '**/Cellar/*/*/.brew/*.rb': ['/opt/homebrew/Cellar/jq/1.7/.brew/jq.rb'],
  '**/release': ['/opt/java/openjdk/release'],
  '**/package.json': ['/app/node_modules/a/package.json', '/app/node_modules/@a/b/package.json'],
  '**/installed.json': ['/app/vendor/composer/installed.json'],
  '**/php/.registry/**/*.reg': ['/usr/local/lib/php/.registry/redis.reg'],
  '**/var/db/pkg/*/*/CONTENTS': ['/var/db/pkg/net-misc/curl-8.5.0/CONTENTS'],
  '**/*.egg-info': ['/usr/lib/python3/dist-packages/a-1.egg-info'],
  '**/*dist-info/METADATA': ['/usr/lib/python3/site-packages/a-1.dist-info/METADATA'],
  '**/*egg-info/PKG-INFO': ['/usr/lib/python3/site-packages/a-1.egg-info/PKG-INFO'],
  '**/*DIST-INFO/METADATA': ['/usr/lib/python3/site-packages/a-1.DIST-INFO/METADATA'],
  '**/*EGG-INFO/PKG-INFO': ['/usr/lib/python3/site-packages/a-1.egg/EGG-INFO/PKG-INFO'],
  '**/DESCRIPTION': ['/usr/lib/R/library/yaml/DESCRIPTION'],
  '**/var/lib/rpmmanifest/container-manifest-2': ['/var/lib/rpmmanifest/container-manifest-2'],
  '**/{var/lib,usr/share,usr/lib/sysimage}/rpm/{Packages,Packages.db,rpmdb.sqlite}': [
    ...['/var/lib/rpm/Packages', '/usr/share/rpm/Packages.db', '/usr/lib/sysimage/rpm/rpmdb.sqlite'],
  ],
  '**/specifications/**/*.gemspec': [
    '/usr/lib/ruby/gems/3.1.0/specifications/a-1.gemspec',
    '/usr/lib/ruby/gems/3.1.0/specifications/default/a-1.gemspec',
  ],
};

const ITSELF = 'the program, library or model is what is read: it is gone with its package';
const NO_CONTAINER = 'no container runs what this is part of';

/** Lists that are not read: a whole cataloger by its name, or one of its patterns. */
const NOT_READ: Readonly<Record<string, string>> = {
  'gguf-cataloger': ITSELF,
  'safetensors-cataloger': ITSELF,
  'binary-classifier-cataloger': ITSELF,
  'elf-binary-package-cataloger': ITSELF,
  'pe-binary-package-cataloger': ITSELF,
  'go-module-binary-cataloger': ITSELF,
  'graalvm-native-image-cataloger': ITSELF,
  'cargo-auditable-binary-cataloger': ITSELF,
  'java-archive-cataloger': ITSELF,
  'php-interpreter-cataloger': ITSELF,
  'wordpress-plugins-cataloger': ITSELF,
  'dotnet-deps-binary-cataloger': `${ITSELF}; deps.json is one more place that names it`,
  'nix-cataloger': 'the name of the folder in the store is what is read',
  'linux-kernel-cataloger': NO_CONTAINER,
  'apple-app-bundle-cataloger': NO_CONTAINER,
  'snap-cataloger': NO_CONTAINER,
  'conan-info-cataloger': 'a cache that programs are compiled from',
  'dotnet-packages-lock-cataloger': 'a lock file of sources',
  '**/Library/Taps/*/*/Formula/*.rb': 'what could be installed, not what is',
  'lua-rock-cataloger': 'the page of the rule says so: files of a rock lie elsewhere, and no list in it names them all',
};

interface Cataloger {
  readonly name: string;
  readonly patterns?: readonly { readonly method: string; readonly criteria?: readonly string[] }[];
}

async function syft(...words: readonly string[]): Promise<{ readonly catalogers: readonly Cataloger[] }> {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    SYFT_CHECK_FOR_APP_UPDATE: 'false',
    SYFT_EXP_CAPABILITIES: 'true',
  };
  const options = { env, maxBuffer: 1 << 26 };
  const { stdout } = await promisify(execFile)(join(tools, 'syft'), ['cataloger', ...words, '-o', 'json'], options);
  return JSON.parse(stdout);
}

test('each place in which Syft looks is read, or a reason says why not', async () => {
  const ofImages = await syft('list', '--override-default-catalogers', 'image');
  // Digests and contents of files, of which no package is made.
  const names = ofImages.catalogers.map(({ name }) => name).filter((name) => !/^file-/.test(name));
  const { catalogers } = await syft('info');
  const patterns = new Map(
    catalogers.map(({ name, patterns: all = [] }) => [name, all.flatMap(({ criteria = [] }) => criteria)]),
  );
  const unknown = names.flatMap((name) => {
    if (NOT_READ[name]) return [];
    const all = patterns.get(name) ?? [];
    const open = all.filter((pattern) => !READ[pattern] && !NOT_READ[pattern]);
    return all.length === 0 ? [name] : open.map((pattern) => `${name}: ${pattern}`);
  });
  expect(unknown).toEqual([]);

  const known = new Set([...names, ...names.flatMap((name) => patterns.get(name) ?? [])]);
  expect([...Object.keys(READ), ...Object.keys(NOT_READ)].filter((each) => !known.has(each))).toEqual([]);
  expect(names.length).toBeGreaterThan(30);
});

test.each(Object.entries(READ))('%s is a list', (pattern, paths) => {
  for (const path of paths) {
    expect({ path, matches: matchesGlob(path, pattern) }).toEqual({ path, matches: true });
    expect({ path, list: listAt(path) }).toEqual({
      path,
      list: expect.objectContaining({ scope: expect.any(String) }),
    });
  }
});
