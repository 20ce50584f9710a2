import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { oneAtATime } from '../machine-lock.ts';
import { type Say, waitingFor } from '../waiting.ts';
import { cacheFolder } from './cache-folder.ts';
import { developerRun } from './developer.ts';

/** The Debian release after the oldest on which tests run: its docker has the containerd image store. */
const RELEASE = 'trixie';
const PACKAGES = ['docker.io', 'containerd'];

/**
 * The programs of a newer docker engine than this Debian may have, unpacked into the cache folder from the mirror of
 * this machine: nothing is installed. Its runc is that of the machine, because a newer one needs a newer libc.
 * @returns folders for PATH
 */
export async function dockerEngine({ log = () => {} }: { readonly log?: Say } = {}): Promise<readonly string[]> {
  const folder = join(cacheFolder(), 'debian', `docker-${RELEASE}`);
  const folders = ['usr/sbin', 'usr/bin'].map((part) => join(folder, part));
  await oneAtATime('docker-engine', async () => {
    if (await exists(folder)) return;
    await waitingFor(`Downloading docker's engine of Debian ${RELEASE}`, log, () => unpackInto(folder));
  });
  return folders;
}

async function unpackInto(folder: string): Promise<void> {
  const scratch = `${folder}.${process.pid}`;
  try {
    for (const part of ['lists/partial', 'archives/partial', 'packages', 'root']) {
      await mkdir(join(scratch, part), { recursive: true });
    }
    const sources = join(scratch, 'sources.list');
    const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
    await writeFile(sources, `deb [signed-by=${keys}] ${await mirror()} ${RELEASE} main\n`);
    const apart = {
      'Dir::State::Lists': join(scratch, 'lists'),
      'Dir::Cache::Archives': join(scratch, 'archives'),
      'Dir::Cache::pkgcache': '',
      'Dir::Cache::srcpkgcache': '',
      'Dir::Etc::SourceList': sources,
      'Dir::Etc::SourceParts': '/dev/null',
      'APT::Sandbox::User': 'root',
    };
    const options = Object.entries(apart).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const at = { cwd: join(scratch, 'packages'), timeout: 600_000 };
    await developerRun('apt-get', ['-q', ...options, 'update'], at);
    await developerRun('apt-get', ['-q', ...options, 'download', ...PACKAGES], at);
    const { stdout } = await developerRun('find', [at.cwd, '-name', '*.deb'], { timeout: 10_000 });
    for (const file of stdout.trim().split('\n')) {
      await developerRun('dpkg-deb', ['--extract', file, join(scratch, 'root')], { timeout: 120_000 });
    }
    await mkdir(dirname(folder), { recursive: true });
    await rename(join(scratch, 'root'), folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The server of Debian's packages that this machine uses. */
async function mirror(): Promise<string> {
  const argv = ['indextargets', '--format', '$(ORIGIN) $(SITE)', 'Created-By: Packages'];
  const { stdout } = await developerRun('apt-get', argv, { timeout: 60_000 });
  const sites = stdout
    .split('\n')
    .flatMap((line) => (line.startsWith('Debian ') ? [line.slice('Debian '.length)] : []));
  const site = sites.find((one) => !one.includes('security'));
  if (site === undefined) throw new Error('apt knows no mirror of Debian: run apt-get update');
  return site;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
