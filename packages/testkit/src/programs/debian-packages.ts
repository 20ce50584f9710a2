import { access, constants, rm, writeFile } from 'node:fs/promises';
import { oneAtATime } from '../machine-lock.ts';
import { type Say, waitingFor } from '../waiting.ts';
import { developerEnvironment, developerRun } from './developer.ts';

/** Debian's maintainer scripts run this before they start a service; exit code 101 forbids it. */
const POLICY = '/usr/sbin/policy-rc.d';

/**
 * Installs these Debian packages if needed, as root with apt-get. Their services are not started: tests must not start
 * a registry on this machine.
 */
export async function ensureDebianPackages(
  names: readonly string[],
  { log = () => {} }: { readonly log?: Say } = {},
): Promise<void> {
  if ((await missingPackages(names)).length === 0) return;
  // apt-get does not wait for another instance, and the policy below belongs to one installation.
  await oneAtATime('debian-packages', async () => {
    const missing = await missingPackages(names);
    if (missing.length > 0) await install(missing, log);
  });
}

async function install(missing: readonly string[], log: Say): Promise<void> {
  const list = missing.join(' ');
  if (process.getuid?.() !== 0)
    throw new Error(`Debian packages are missing. As root: apt-get install --no-install-recommends ${list}`);
  const env = developerEnvironment({ DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' });
  const aptGet = (...argv: string[]) => developerRun('apt-get', ['-q', ...argv], { env, timeout: 900_000 });
  await waitingFor(`Installing Debian packages: ${list}`, log, async () => {
    await aptGet('update');
    const mine = await writeFile(POLICY, '#!/bin/sh\nexit 101\n', { flag: 'wx', mode: 0o755 }).then(
      () => true,
      // The machine has its own policy, as container images do.
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false;
        throw error;
      },
    );
    try {
      await aptGet('install', '--yes', '--no-install-recommends', ...missing);
    } finally {
      if (mine) await rm(POLICY, { force: true });
    }
  });
}

async function missingPackages(names: readonly string[]): Promise<string[]> {
  const debian = await access('/usr/bin/dpkg-query', constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!debian)
    throw new Error(`This is no Debian: install the programs of these packages yourself: ${names.join(', ')}`);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
  const format = '${Package} ${db:Status-Status}\n';
  // Exit code 1: some of them are unknown.
  const { stdout } = await developerRun('dpkg-query', ['--show', `--showformat=${format}`, '--', ...names], {
    timeout: 30_000,
    answers: [0, 1],
  });
  const installed = new Set(
    stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return names.filter((name) => !installed.has(name));
}
