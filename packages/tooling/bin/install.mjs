/** Installs the packages of a lockfile with the pnpm that package.json names, once for each state of these files. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** npm sets variables for its scripts; pnpm and the tools would read them as settings and complain. */
const NPM_NOISE =
  /^npm_(package|lifecycle|command|execpath|node_execpath|config_(user_agent|local_prefix|prefix|init_module|node_gyp|npm_version|noproxy))/;

/** The environment without npm's own variables. */
export function quietEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !NPM_NOISE.test(name)));
}

/**
 * @param folder holds package.json, pnpm-lock.yaml and pnpm-workspace.yaml
 * @returns the reason in one sentence if it fails
 */
export function installPackages(folder) {
  const stamp = join(folder, 'node_modules', '.tidegate-installed');
  const digest = wanted(folder);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return undefined;
  const env = quietEnvironment();
  const { packageManager, name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const began = Date.now();
  console.log(`Installing the npm packages of ${name} (pnpm-lock.yaml) with ${packageManager} …`);
  const argv = ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only', '--loglevel=info'];
  const npm = process.env.npm_execpath;
  const [program, ...first] =
    pnpmOnPath(folder, env) === packageManager
      ? ['pnpm']
      : [
          ...(npm ? [process.execPath, npm] : ['npm']),
          'exec',
          '--yes',
          '--loglevel=error',
          `--package=${packageManager}`,
          '--',
          'pnpm',
        ];
  // CI: pnpm asks no questions. Its output goes to stderr, so that stdout contains only the script's output.
  const { status, error } = spawnSync(program, [...first, ...argv], {
    cwd: folder,
    env: { ...env, CI: 'true' },
    stdio: ['ignore', 2, 2],
  });
  if (error || status !== 0) {
    const why = error?.message ?? `exit code ${status}`;
    return `The packages of ${name} could not be installed (${why}). Is the npm registry reachable?`;
  }
  writeFileSync(stamp, digest);
  console.log(`Installed in ${((Date.now() - began) / 1000).toFixed(1)} s.`);
  return undefined;
}

/** Identifies an installation by its lockfile and settings. */
function wanted(folder) {
  const hash = createHash('sha256').update(process.platform + process.arch);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'])
    hash.update(readFileSync(join(folder, file)));
  return hash.digest('hex');
}

function pnpmOnPath(cwd, env) {
  const { stdout } = spawnSync('pnpm', ['--version'], { cwd, env, encoding: 'utf8' });
  return `pnpm@${(stdout ?? '').trim()}`;
}
