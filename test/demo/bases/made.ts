/** Base images made here, of the same Debian packages that the published ones are made of: for machines that reach no registry. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Command } from '../command.ts';
import { Apt } from './apt.ts';
import { finishLayout, startLayout } from './image.ts';
import { type LayerSource, writeLayer } from './layers.ts';

/** The Go release that stands in for the official image's, from the Go module proxy. */
const GO_VERSION = '1.26.10';

/** The content of distroless `static` (its CA certificates apart): no shell, nothing that links. */
const STATIC_PACKAGES = ['base-files', 'netbase', 'tzdata', 'media-types'] as const;
/** The needs of a RUN step beside Go: a shell and its commands, with all they depend on. */
export const SHELL_PACKAGES = ['dash', 'coreutils', 'base-files'] as const;

export interface MadeBase {
  /** The program that makes it, in a few words. */
  readonly of: string;
  /** A base that was made of other ingredients is another one. */
  readonly ingredients: readonly string[];
  readonly make: (folder: string, architectures: readonly string[], temp: string, command: Command) => Promise<void>;
}

export const GOLANG: MadeBase = {
  of: `Debian packages and Go ${GO_VERSION}`,
  ingredients: [GO_VERSION, ...SHELL_PACKAGES],
  make: makeGolang,
};

/** By repository and tag, as they stand in the example's Dockerfile. */
export const MADE_BASES: Readonly<Record<string, MadeBase>> = {
  'golang:1.26-bookworm': GOLANG,
  'gcr.io/distroless/static-debian12:nonroot': {
    of: 'Debian packages',
    ingredients: STATIC_PACKAGES,
    make: makeStatic,
  },
};

/**
 * The layout of a base image, made once and kept below `cache`.
 * @returns its folder
 */
export async function madeBase(
  name: string,
  base: MadeBase,
  architectures: readonly string[],
  cache: string,
  command: Command,
): Promise<{ readonly folder: string; readonly fresh: boolean }> {
  const recipe = JSON.stringify([3, name, architectures, base.ingredients]);
  const key = createHash('sha256').update(recipe).digest('hex').slice(0, 12);
  const folder = join(cache, `${name.replaceAll(/[^a-z0-9.]+/g, '-')}-${key}`);
  const there = await stat(join(folder, 'index.json')).catch(() => undefined);
  if (there) return { folder, fresh: false };
  await mkdir(cache, { recursive: true });
  // Whole or not at all: renamed into its place when it is finished.
  const work = await mkdtemp(join(cache, '.making-'));
  try {
    await base.make(join(work, 'layout'), architectures, work, command);
    await rm(folder, { recursive: true, force: true });
    await rename(join(work, 'layout'), folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return { folder, fresh: true };
}

async function makeGolang(folder: string, [architecture = '']: readonly string[], temp: string, command: Command) {
  const apt = await Apt.open(join(temp, 'apt'), architecture, command);
  const archives = await apt.downloadWithDependencies(SHELL_PACKAGES);
  const env = { GOTOOLCHAIN: `go${GO_VERSION}` };
  // The toolchain is a module: fetched by the go command, held against the checksum database.
  const go = (await command('go', ['env', 'GOROOT'], { env, cwd: temp })).trim();
  const own = join(temp, 'own-golang');
  await writeUsers(own);
  const sources: LayerSource[] = [
    ...archives.map((archive) => ({ kind: 'package' as const, archive })),
    { kind: 'folder', folder: own, at: './' },
    { kind: 'folder', folder: go, at: 'usr/local/go/', without: ['test', 'api', 'doc', 'misc'] },
  ];
  const blobs = await startLayout(folder);
  const layers = [];
  // Not compressed: it is read here and never pushed.
  for (const source of sources) layers.push(await writeLayer(source, blobs, false));
  const config = {
    Env: [
      'PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      `GOLANG_VERSION=${GO_VERSION}`,
      'GOTOOLCHAIN=local',
      'GOPATH=/go',
    ],
    WorkingDir: '/go',
    Cmd: ['sh'],
  };
  await finishLayout(folder, [{ architecture, layers, config }]);
}

/** The users of distroless images. */
export const PASSWD = `root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
`;
const GROUP = 'root:x:0:\nnobody:x:65534:\nnonroot:x:65532:\n';

/** A user's home is read from here: without it a RUN step keeps its caches below `/`. */
export async function writeUsers(folder: string): Promise<void> {
  for (const path of ['etc', 'root', 'home/nonroot']) await mkdir(join(folder, path), { recursive: true });
  await writeFile(join(folder, 'etc/passwd'), PASSWD);
  await writeFile(join(folder, 'etc/group'), GROUP);
}

async function makeStatic(folder: string, architectures: readonly string[], temp: string, command: Command) {
  const blobs = await startLayout(folder);
  const images = [];
  for (const architecture of architectures) {
    const apt = await Apt.open(join(temp, `apt-${architecture}`), architecture, command);
    const archives = await apt.download(STATIC_PACKAGES);
    const own = join(temp, `own-${architecture}`);
    await ownFiles(own, archives, command);
    const layers = [];
    for (const archive of archives) layers.push(await writeLayer({ kind: 'package', archive }, blobs, true));
    layers.push(await writeLayer({ kind: 'folder', folder: own, at: './' }, blobs, true));
    const config = { Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], User: '65532' };
    images.push({ architecture, layers, config: { ...config, WorkingDir: '/home/nonroot' } });
  }
  await finishLayout(folder, images);
}

/** Users, and what is installed. Distroless keeps a file of dpkg's status per package, where scanners look for it. */
async function ownFiles(folder: string, archives: readonly string[], command: Command): Promise<void> {
  const status = join(folder, 'var/lib/dpkg/status.d');
  await mkdir(status, { recursive: true });
  await writeUsers(folder);
  for (const archive of archives) {
    const control = await command('dpkg-deb', ['--field', archive]);
    const [name = ''] = basename(archive).split('_');
    await writeFile(join(status, name), control);
  }
}
