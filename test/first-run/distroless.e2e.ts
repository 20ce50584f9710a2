/**
 * The stand-in for distroless/cc has what the tests of the published image require (distroless: base/testdata/base.yaml,
 * PACKAGE_METADATA.md), and nothing that runs a command or installs a package.
 */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { cacheFolder } from '@tidegate/testkit';
import { madeBase } from '../demo/bases/made.ts';
import { commandRunner } from '../demo/command.ts';
import { BUILD_TIME } from '../workflow/programs.ts';
import { CC_PACKAGES, DISTROLESS_CC } from './distroless.ts';

/** Paths of its files, without `./`, and the blob that has each. */
const files = new Map<string, string>();
let config: { readonly Env: readonly string[]; readonly User: string; readonly WorkingDir: string };

beforeAll(async () => {
  const command = commandRunner(new AbortController().signal);
  const cache = join(cacheFolder(), 'demo', 'bases');
  const { folder } = await madeBase('gcr.io/distroless/cc-debian12:nonroot', DISTROLESS_CC, ['amd64'], cache, command);
  const blob = (digest: string) => join(folder, 'blobs', digest.replace(':', '/'));
  const json = async (path: string) => JSON.parse(await readFile(path, 'utf8'));
  const index = await json(join(folder, 'index.json'));
  const platforms = await json(blob(index.manifests[0].digest));
  const manifest = await json(blob(platforms.manifests[0].digest));
  config = (await json(blob(manifest.config.digest))).config;
  for (const { digest } of manifest.layers) {
    const listed = execFileSync('tar', ['-tzf', blob(digest)], { encoding: 'utf8', maxBuffer: 1e8 });
    for (const path of listed.split('\n')) files.set(path.replace(/^\.\/|\/$/g, ''), blob(digest));
  }
}, BUILD_TIME);

/** Of a layer's file. */
function textOf(path: string): string {
  return execFileSync('tar', ['-xzOf', files.get(path) ?? '', `./${path}`], { encoding: 'utf8' });
}

test.each([
  ...['tmp', 'root', 'home/nonroot', 'etc/passwd', 'etc/group', 'etc/os-release', 'etc/ssl/certs/ca-certificates.crt'],
  ...['usr/share/doc/ca-certificates/copyright', 'etc/services', 'usr/share/doc/tzdata/copyright'],
  ...['usr/share/zoneinfo', 'var/lib/dpkg/status.d/libc6', 'var/lib/dpkg/status.d/libc6.md5sums'],
  ...['lib/x86_64-linux-gnu/libc.so.6', 'lib64/ld-linux-x86-64.so.2', 'lib/x86_64-linux-gnu/libgcc_s.so.1'],
])('/%s exists', (path) => {
  expect([...files.keys()]).toContain(path);
});

test('its users, its name and its configuration are those of the published image', () => {
  expect(
    textOf('etc/passwd')
      .split('\n')
      .map((line) => line.split(':')[0]),
  ).toEqual(['root', 'nobody', 'nonroot', '']);
  expect(textOf('etc/group')).toBe('root:x:0:\nnobody:x:65534:\ntty:x:5:\nstaff:x:50:\nnonroot:x:65532:\n');
  expect(textOf('usr/lib/os-release')).toContain('PRETTY_NAME="Distroless"\n');
  expect(config).toMatchObject({ User: '65532', WorkingDir: '/home/nonroot' });
  expect(config.Env).toContain('SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt');
  expect(textOf('etc/ssl/certs/ca-certificates.crt').match(/-----BEGIN CERTIFICATE-----/g)?.length).toBeGreaterThan(
    100,
  );
});

test('each package is recorded in status.d, and nowhere else', () => {
  const below = (folder: string) => [...files.keys()].filter((path) => path.startsWith(`var/lib/dpkg/${folder}`));
  const recorded = below('status.d/').filter((path) => !path.endsWith('.md5sums'));
  const names = [...CC_PACKAGES, 'ca-certificates'].map((name) => `var/lib/dpkg/status.d/${name}`);
  expect(recorded.toSorted()).toEqual(names.toSorted());
  expect(below('').filter((path) => !path.startsWith('var/lib/dpkg/status.d'))).toEqual([]);
});

test('nothing in it runs a command or installs a package', () => {
  const programs = [...files.keys()].filter((path) => /^(?:usr\/(?:local\/)?)?s?bin\/./.test(path));
  const names = programs.map((path) => path.split('/').at(-1));
  expect(names.filter((name) => /^(?:\w*sh|busybox|dpkg.*|apt.*|perl.*|env)$/.test(name ?? ''))).toEqual([]);
});
