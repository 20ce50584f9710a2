import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, oneAtATime, waitingFor } from '@tidegate/testkit';
import { finishLayout, startLayout } from '../demo/bases/image.ts';
import { writeLayer } from '../demo/bases/layers.ts';

const run = promisify(execFile);
type Say = (line: string) => void;

/** Debian packages that make the systems of this file. */
export const BOOTSTRAP = ['debootstrap', 'mmdebstrap'] as const;

/** Debian's smallest system as a tar, about 200 MB: what many images stand on. Made once and kept. */
export function debian(say: Say): Promise<string> {
  return kept('bookworm.tar', async (root, file) => {
    await bootstrap('debootstrap', root, [], say);
    await run('tar', ['-C', root, '--exclude=./dev/*', '-cf', file, '.']);
  });
}

export interface DebianSystem {
  readonly name: string;
  /** Packages besides those of the smallest system. */
  readonly packages: readonly string[];
  /** Folders below the root that are a layer of their own. All others are the first layer. */
  readonly layers: readonly string[];
}

/** As in the image `debian:bookworm`: without what apt has downloaded. About 120 MB. */
export const SMALL: DebianSystem = { name: 'debian-small', packages: [], layers: [] };

/** Compilers, Java, Python, PostgreSQL, and npm with several hundred packages: about 2 GB. */
export const LARGE: DebianSystem = {
  name: 'debian-large',
  packages: [
    ...['llvm-14-dev', 'clang-14', 'g++', 'cmake', 'git', 'libicu-dev', 'openjdk-17-jdk-headless', 'nodejs', 'npm'],
    ...['python3-pandas', 'python3-scipy', 'python3-matplotlib', 'postgresql-15', 'unicode-data', 'locales'],
  ],
  layers: ['usr/lib/llvm-14', 'usr/lib/jvm', 'usr/lib/python3', 'usr/share/nodejs'],
};

/** Image layout of such a system as a registry would give it: compressed, named `latest`. Made once and kept. */
export function debianBase({ name, packages, layers }: DebianSystem, say: Say): Promise<string> {
  return kept(name, async (root, folder) => {
    // Its dependencies are resolved by apt: debootstrap knows no packages that others provide.
    const include = packages.length > 0 ? [`--include=${packages.join(',')}`] : [];
    await bootstrap('mmdebstrap', root, ['--mode=root', ...include], say);
    const blobs = await startLayout(folder);
    const leftover = ['dev/*', 'proc/*', 'sys/*', 'var/cache/apt/*', 'var/lib/apt/lists/*'];
    // A key that is made when ssl-cert is installed: the gate refuses an image with it.
    const without = [...leftover, 'etc/ssl/private/*', ...layers];
    const written = [await writeLayer({ kind: 'folder', folder: root, at: './', without }, blobs, true)];
    for (const at of layers) {
      written.push(await writeLayer({ kind: 'folder', folder: join(root, at), at: `${at}/` }, blobs, true));
    }
    const config = { Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'] };
    await finishLayout(folder, [{ architecture: 'amd64', layers: written, config }]);
  });
}

async function bootstrap(
  program: (typeof BOOTSTRAP)[number],
  root: string,
  options: readonly string[],
  say: Say,
): Promise<void> {
  await waitingFor(program, say, () =>
    run(program, ['--variant=minbase', ...options, 'bookworm', root], { maxBuffer: 1 << 26 }),
  );
}

/** @returns the path of what `make` makes from an empty folder. */
function kept(name: string, make: (root: string, into: string) => Promise<void>): Promise<string> {
  return oneAtATime(`bench-${name}`, async () => {
    const place = join(cacheFolder(), 'bench', name);
    if (await stat(place).catch(() => undefined)) return place;
    await mkdir(dirname(place), { recursive: true });
    const folder = await mkdtemp(join(tmpdir(), 'tidegate-debian-'));
    try {
      await rm(`${place}.part`, { recursive: true, force: true });
      await make(join(folder, 'root'), `${place}.part`);
      await rename(`${place}.part`, place);
      return place;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}
