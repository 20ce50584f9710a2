import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from '../command.ts';

/** Debian 12, whatever Debian this machine is. */
const RELEASE = 'bookworm';
/** Words that a source may use in place of the name of its release. */
const RELATIVE = ['stable', 'oldstable', 'oldoldstable'];
const KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Debian packages for any architecture, through apt: it knows the mirror this machine uses and holds what it fetches
 * against Debian's signatures. Its state is a folder of ours, so nothing of the machine's is changed and no root is needed.
 */
export class Apt {
  readonly #options: readonly string[];
  readonly #folder: string;
  readonly #command: Command;

  private constructor(folder: string, options: readonly string[], command: Command) {
    this.#folder = folder;
    this.#options = options;
    this.#command = command;
  }

  static async open(folder: string, architecture: string, command: Command): Promise<Apt> {
    await mkdir(join(folder, 'lists/partial'), { recursive: true });
    const sources = join(folder, 'sources.list');
    await writeFile(sources, await sourcesOf(command));
    const set = {
      'Dir::Etc::SourceList': sources,
      'Dir::Etc::SourceParts': '/dev/null',
      'Dir::State': folder,
      'Dir::State::Lists': join(folder, 'lists'),
      // Nothing is installed: every dependency is to be fetched.
      'Dir::State::Status': '/dev/null',
      'Dir::Cache': folder,
      'APT::Architecture': architecture,
      'APT::Architectures': architecture,
      'APT::Sandbox::User': 'root',
      'Acquire::Languages': 'none',
      'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false',
      'Acquire::Retries': '3',
    };
    const options = ['-q', ...Object.entries(set).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
    const apt = new Apt(folder, options, command);
    await apt.#run('update', '--error-on=any');
    return apt;
  }

  /** These packages alone. @returns paths of their archives. */
  async download(names: readonly string[]): Promise<readonly string[]> {
    await this.#run('download', ...names);
    return archives(this.#folder);
  }

  /** These packages and all they depend on. @param into a folder of that name keeps them apart from others' */
  async downloadWithDependencies(names: readonly string[], into = 'archives'): Promise<readonly string[]> {
    const folder = join(this.#folder, into);
    await mkdir(join(folder, 'partial'), { recursive: true });
    const only = ['--download-only', '--no-install-recommends', '--yes'];
    await this.#run('install', '-o', `Dir::Cache::Archives=${folder}`, ...only, ...names);
    return archives(folder);
  }

  async #run(...argv: readonly string[]): Promise<void> {
    await this.#command('apt-get', [...this.#options, ...argv], {
      cwd: this.#folder,
      env: { TMPDIR: this.#folder },
    });
  }
}

async function archives(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.deb'));
  return names.toSorted().map((name) => join(folder, name));
}

/** This machine's own mirrors, asked for the release that the base images are of. */
async function sourcesOf(command: Command): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const [, codename] = /^VERSION_CODENAME="?(\w+)"?$/m.exec(release) ?? [];
  if (!/^ID="?debian"?$/m.test(release) || codename === undefined) {
    throw new Error(
      'The registries of the base images are not reached, and this is no Debian whose packages they could be made of.',
    );
  }
  // The files an update would ask for, one a line: 'http://mirror/debian/dists/bookworm/InRelease' …
  const listed = await command('apt-get', ['update', '--print-uris', '-q']);
  const lines = new Set<string>();
  for (const [, uri, suite = ''] of listed.matchAll(/^'(\S+)\/dists\/(\S+?)\/(?:In)?Release'/gm)) {
    const [, base = '', pocket = ''] = /^(\w+)((?:-security|-updates|\/updates)?)$/.exec(suite) ?? [];
    if (![codename, ...RELATIVE].includes(base)) continue;
    lines.add(`deb [signed-by=${KEYS}] ${uri} ${RELEASE}${pocket} main\n`);
  }
  if (lines.size === 0) throw new Error('apt knows no mirror of Debian: see /etc/apt/sources.list.d.');
  return [...lines].join('');
}
