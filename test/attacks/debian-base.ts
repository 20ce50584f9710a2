/** A real Debian as a base image, in a registry of this process, and small packages of its kind. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import type { Digest } from '@tidegate/core';
import { copy, ImageLayout, Registry } from '@tidegate/oci';
import { ensureDebianPackages, type RegistryServer, startRegistry } from '@tidegate/testkit';
import { debian } from '../bench/debian.ts';
import { finishLayout, startLayout } from '../demo/bases/image.ts';

const exec = promisify(execFile);
const say = (line: string) => console.error(line);

/** The list of dpkg that scanners read. */
export const DPKG_STATUS = '/var/lib/dpkg/status';
/** A folder of Debian 12 in which pip installs. */
export const PYTHON_PACKAGES = '/usr/local/lib/python3.11/dist-packages';

export interface DebianBase {
  /** For FROM. */
  readonly name: string;
  readonly close: () => Promise<void>;
}

export async function debianBase(): Promise<DebianBase> {
  await ensureDebianPackages(['debootstrap'], { log: say });
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-debian-base-'));
  const registry = await startRegistry();
  try {
    const blobs = await startLayout(folder);
    const tar = join(folder, 'slim.tar');
    await slim(await debian(say), tar);
    const layer = await gzipped(tar, blobs);
    await rm(tar);
    const config = { Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], Cmd: ['sh'] };
    await finishLayout(folder, [{ architecture: 'amd64', layers: [layer], config }]);
    await push(folder, registry);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { name: `${registry.host}/library/debian:12`, close: () => registry.close() };
}

/** Without what `debian:12-slim` leaves out as well: a quarter of the bytes to build, pack and read for each test. */
const LEFT_OUT = [
  './var/lib/apt/lists/*_*',
  './var/cache/apt/*.bin',
  './var/cache/apt/archives/*.deb',
  './usr/share/locale/*',
  './usr/share/man/*',
  './usr/share/doc/*/changelog*',
  './usr/lib/x86_64-linux-gnu/gconv/*',
];

async function slim(all: string, tar: string): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'tidegate-debian-slim-'));
  try {
    await exec('tar', ['-C', root, ...LEFT_OUT.map((path) => `--exclude=${path}`), '-xf', all]);
    await exec('tar', ['-C', root, '-cf', tar, '.']);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function gzipped(tar: string, blobs: string) {
  const [plain, packed] = [createHash('sha256'), createHash('sha256')];
  const seen = (hash: typeof plain) =>
    new Transform({
      transform(chunk: Buffer, _, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
  const part = join(blobs, 'part');
  await pipeline(createReadStream(tar), seen(plain), createGzip({ level: 1 }), seen(packed), createWriteStream(part));
  const hex = packed.digest('hex');
  const { size } = await stat(part);
  await rename(part, join(blobs, hex));
  return {
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    digest: `sha256:${hex}` as Digest,
    size,
    diffId: `sha256:${plain.digest('hex')}` as Digest,
  };
}

async function push(folder: string, registry: RegistryServer): Promise<void> {
  const layout = await ImageLayout.open(folder);
  const store = new Registry({ registry: registry.host, repository: 'library/debian' });
  const root = await layout.resolve('latest');
  await copy(layout, store, [root]);
  await store.moveTag(root, '12', { bytes: await layout.fetchBytes(root) });
  store.close();
}

/** A package that dpkg installs, upgrades and purges: one program, one library, documentation. */
export async function debianPackage(name: string, version: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-deb-'));
  try {
    const root = join(folder, 'root');
    const control = `Package: ${name}\nVersion: ${version}\nArchitecture: amd64\nMaintainer: A <a@example.org>\nDescription: x\n`;
    const files: Readonly<Record<string, string>> = {
      'DEBIAN/control': control,
      [`usr/bin/${name}`]: `#!/bin/sh\necho ${version}\n`,
      [`usr/lib/${name}/${name}.so`]: `library ${version}`,
      [`usr/share/doc/${name}/copyright`]: 'public',
    };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(root, path, '..'), { recursive: true });
      await writeFile(join(root, path), text, { mode: path.includes('bin/') ? 0o755 : 0o644 });
    }
    const archive = join(folder, 'made.deb');
    await exec('dpkg-deb', ['--root-owner-group', '--build', root, archive]);
    return await readFile(archive);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
