/**
 * The base images that ordinary Dockerfiles name, made of the Debian packages that the published ones are made of, and
 * served under their own names by a registry that stands in for their registries (a mirror, to BuildKit).
 */
import { execFile } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { parseReference } from '@tidegate/core';
import { copy, ImageLayout, Registry } from '@tidegate/oci';
import { cacheFolder, node24 } from '@tidegate/testkit';
import type { BuildkitConfig } from '@tidegate/tools';
import { Apt } from '../demo/bases/apt.ts';
import { finishLayout, startLayout } from '../demo/bases/image.ts';
import { type LayerSource, writeLayer } from '../demo/bases/layers.ts';
import { MADE_BASES, type MadeBase, madeBase, SHELL_PACKAGES, writeUsers } from '../demo/bases/made.ts';
import { commandRunner } from '../demo/command.ts';
import { DISTROLESS_CC } from './distroless.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const JAVA = '/usr/lib/jvm/java-17-openjdk-amd64/bin';

interface Recipe {
  readonly packages: readonly string[];
  readonly env?: readonly string[];
  /** Adds to the files beside the packages'. */
  readonly add?: (folder: string) => Promise<void>;
  /** A package whose version is recorded as an older one, as in a base that nobody has rebuilt. */
  readonly outdated?: { readonly name: string; readonly version: string };
}

const RECIPES: Readonly<Record<string, Recipe>> = {
  'node:24-slim': { packages: ['libstdc++6', 'ca-certificates'], add: addNode },
  // Debian's pip asks for a virtual environment; the published image's does not.
  'python:3.11-slim': {
    packages: ['python3', 'python3-pip', 'ca-certificates'],
    env: ['PIP_BREAK_SYSTEM_PACKAGES=1'],
    add: (folder) => link('python3', join(folder, 'usr/bin/python')),
  },
  'eclipse-temurin:17-jre': { packages: ['openjdk-17-jre-headless'], env: [`PATH=${JAVA}:${PATH}`] },
  'nginx:1.22': { packages: ['nginx-light', 'libcurl4'] },
  'nginx:1.21': {
    packages: ['nginx-light', 'libcurl4'],
    outdated: { name: 'libcurl4', version: '7.88.1-10+deb12u3' },
  },
};

/** Base images that examples/ names, and their recipes: newer versions than Debian's packages, of the same kind. */
const AS_NAMED: Readonly<Record<string, string>> = {
  'python:3.13-slim': 'python:3.11-slim',
  'eclipse-temurin:21-jre': 'eclipse-temurin:17-jre',
  'nginxinc/nginx-unprivileged:1.29-alpine': 'nginx:1.22',
};

/** Node 24 from the package that the repository pins, and the npm of this machine. */
async function addNode(folder: string): Promise<void> {
  const bin = join(folder, 'usr/local/bin');
  const modules = join(folder, 'usr/local/lib/node_modules');
  await mkdir(bin, { recursive: true });
  await copyFile(node24(), join(bin, 'node'));
  await chmod(join(bin, 'node'), 0o755);
  await cp(await npmFolder(), join(modules, 'npm'), { recursive: true });
  await link('../lib/node_modules/npm/bin/npm-cli.js', join(bin, 'npm'));
}

async function npmFolder(): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', ['-c', 'command -v npm']);
  return resolve(dirname(await realpath(stdout.trim())), '..');
}

async function link(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path);
}

/** @param apt opened once for all, when the first base has to be made */
function debianBase(name: string, recipe: Recipe, apt: () => Promise<Apt>): MadeBase {
  const packages = [...SHELL_PACKAGES, ...recipe.packages];
  return {
    of: 'Debian packages',
    ingredients: [...packages, ...(recipe.env ?? []), recipe.outdated?.version ?? '', process.version],
    async make(folder, [architecture = ''], temp, command) {
      const archives = await (await apt()).downloadWithDependencies(packages, name.replaceAll(':', '-'));
      const own = join(temp, 'own');
      await writeUsers(own);
      const records: string[] = [];
      for (const archive of archives) records.push(await record(archive, recipe, command));
      await mkdir(join(own, 'var/lib/dpkg/info'), { recursive: true });
      await writeFile(join(own, 'var/lib/dpkg/status'), records.join('\n'));
      await recipe.add?.(own);
      const sources: LayerSource[] = [
        ...archives.map((archive) => ({ kind: 'package' as const, archive })),
        { kind: 'folder', folder: own, at: './' },
      ];
      const blobs = await startLayout(folder);
      const layers = [];
      for (const source of sources) layers.push(await writeLayer(source, blobs, true));
      const config = { Env: [`PATH=${PATH}`, ...(recipe.env ?? [])], Cmd: ['sh'] };
      await finishLayout(folder, [{ architecture, layers, config }]);
    },
  };
}

/** The entry of dpkg for an installed package. */
async function record(
  archive: string,
  { outdated }: Recipe,
  command: (program: string, argv: readonly string[]) => Promise<string>,
): Promise<string> {
  const control = await command('dpkg-deb', ['--field', archive]);
  const [first = '', ...rest] = control.trimEnd().split('\n');
  const lines = [first, 'Status: install ok installed', ...rest];
  if (first === `Package: ${outdated?.name}`) {
    return `${lines.map((line) => line.replace(/^Version: .*/, `Version: ${outdated?.version}`)).join('\n')}\n`;
  }
  return `${lines.join('\n')}\n`;
}

/**
 * Push the bases to `host`, under the repository paths that their registries have them at.
 * @param only those of these names; default: all
 * @returns the digest of each, by name
 */
export async function serveBases(host: string, only?: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const signal = new AbortController().signal;
  const command = commandRunner(signal);
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const folder = await mkdtemp(join(tmpdir(), 'bases-'));
  let opened: Promise<Apt> | undefined;
  const apt = () => {
    opened ??= Apt.open(folder, architecture, command);
    return opened;
  };
  const all: Record<string, MadeBase> = { ...MADE_BASES, 'gcr.io/distroless/cc-debian12:nonroot': DISTROLESS_CC };
  for (const [name, recipe] of Object.entries(RECIPES)) all[name] = debianBase(name, recipe, apt);
  const digests = new Map<string, string>();
  try {
    for (const name of [...Object.keys(all), ...Object.keys(AS_NAMED)]) {
      if (only && !only.includes(name)) continue;
      const recipe = AS_NAMED[name] ?? name;
      const base = all[recipe];
      if (!base) throw new Error(`there is no recipe ${recipe}`);
      const made = await madeBase(recipe, base, [architecture], join(cacheFolder(), 'demo', 'bases'), command);
      const { repository, tag = 'latest' } = parseReference(name);
      const registry = new Registry(parseReference(`${host}/${repository}`));
      const layout = await ImageLayout.open(made.folder);
      const root = await layout.resolve('latest');
      await copy(layout, registry, [root], { signal });
      await registry.moveTag(root, tag, { bytes: await layout.fetchBytes(root), signal });
      registry.close();
      digests.set(name, root.digest);
    }
    return digests;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whatever a Dockerfile names comes from `host`. */
export function mirrorConfig(host: string): BuildkitConfig {
  const mirrored = ['docker.io', 'gcr.io'].map((name) => ({ host: name, mirrors: [host], ca: [] }));
  return { registries: [...mirrored, { host, mirrors: [], ca: [], http: true }], worker: {} };
}
