/** Commits of images of several shapes. What they stand on is a layout: nothing is fetched. */
import { copyFile, mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildApp } from '../support/app.ts';
import { type Checkout, commit } from './commit.ts';
import { type DebianSystem, debian, debianBase } from './debian.ts';

type Say = (line: string) => void;

/** Packages of npm that an application has, as many as a small service installs. */
const NPM_PACKAGES = 100;
const SCRIPT = 'console.log("ready");\n';

/** The base of a Dockerfile: its name there, and the folder of its layout. */
export interface Base {
  readonly name: string;
  readonly folder: string;
}

export async function debianOf(system: DebianSystem, say: Say): Promise<Base> {
  return { name: `${system.name}:bookworm`, folder: await debianBase(system, say) };
}

export const contextOf = ({ name, folder }: Base) => `${name}=oci-layout://${folder}:latest`;

/** A Go program on a Debian system. */
export async function programOn(base: Base, place: string): Promise<Checkout> {
  const built = await buildApp(`${place}-app`, 'go.mod');
  await mkdir(place);
  await copyFile(join(built, 'app-linux-amd64'), join(place, 'app'));
  await dockerfile(place, [`FROM ${base.name}`, 'COPY app /usr/local/bin/app'], '/usr/local/bin/app');
  return { folder: place, contexts: [contextOf(base)], platforms: [] };
}

/** A script and its packages on a Debian system. Nothing in it is of Go. */
export async function scriptOn(base: Base, place: string): Promise<Checkout> {
  await mkdir(place);
  await npmPackages(place);
  await writeFile(join(place, 'index.js'), SCRIPT);
  const copies = ['COPY node_modules /srv/node_modules', 'COPY index.js /srv/index.js'];
  await dockerfile(place, [`FROM ${base.name}`, ...copies], '/srv/index.js');
  return { folder: place, contexts: [contextOf(base)], platforms: [] };
}

/** As many layers as `count` says, each with an npm package and a part of Debian's system, 100 MB together. */
export async function manyLayers(count: number, place: string, say: Say): Promise<Checkout> {
  await mkdir(place);
  const lines = ['FROM scratch'];
  const folders = Array.from({ length: count }, (_, at) => join(place, 'layers', `${at}`));
  for (const [at, folder] of folders.entries()) {
    await npmPackage(folder, `layer-${at}`);
    lines.push(`COPY layers/${at} /srv/node_modules/layer-${at}`);
  }
  const files = folders.map((folder) => join(folder, 'data.bin'));
  await cutDebian(files, Math.floor(100e6 / count), say);
  await dockerfile(place, lines, '/srv/index.js');
  return { folder: place, contexts: [], platforms: [] };
}

const PLATFORMS = [
  ...['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/arm/v6', 'linux/386', 'linux/ppc64le', 'linux/s390x'],
  ...['linux/riscv64', 'linux/mips64le', 'linux/loong64'],
];

/** Five megabytes of Debian's system for each of ten platforms, and npm packages for all. Nothing of it is executed. */
export async function manyPlatforms(place: string, say: Say): Promise<Checkout> {
  await mkdir(place);
  await npmPackages(place);
  await cutDebian(
    PLATFORMS.map((platform) => join(place, platform.replace('linux/', 'data-').replace('/', ''))),
    5e6,
    say,
  );
  const copies = ['COPY node_modules /srv/node_modules', 'COPY data-$TARGETARCH$TARGETVARIANT /srv/data'];
  await dockerfile(place, ['FROM scratch', 'ARG TARGETARCH TARGETVARIANT', ...copies], '/srv/index.js');
  return { folder: place, contexts: [], platforms: PLATFORMS };
}

/** Writes into each file the next bytes of Debian's system. */
async function cutDebian(files: readonly string[], size: number, say: Say): Promise<void> {
  const tar = await open(await debian(say));
  try {
    for (const [at, file] of files.entries()) {
      const { buffer, bytesRead } = await tar.read({ buffer: Buffer.alloc(size), position: at * size });
      await writeFile(file, buffer.subarray(0, bytesRead));
    }
  } finally {
    await tar.close();
  }
}

async function npmPackages(place: string): Promise<void> {
  for (let at = 0; at < NPM_PACKAGES; at += 1) {
    await npmPackage(join(place, 'node_modules', `package-${at}`), `package-${at}`);
  }
}

async function npmPackage(folder: string, name: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', license: 'MIT' }));
  await writeFile(join(folder, 'index.js'), `module.exports = "${name}";\n`);
}

async function dockerfile(place: string, lines: readonly string[], entrypoint: string): Promise<void> {
  const all = [...lines, 'USER 65532', `ENTRYPOINT ["${entrypoint}"]`, ''];
  await writeFile(join(place, 'Dockerfile'), all.join('\n'));
  await commit(place, 'One commit');
}
