/** Bundles every action with ncc into dist/<name>/: index.js, its lazy chunks, package.json, licenses.txt. */
import { fork } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { actionNames } from './actions.ts';
import { ROOT } from './repository.ts';

/** Each process loads webpack and TypeScript; its second bundle takes half as long as its first. */
const PROCESSES = 2;

/**
 * Bundle the actions of the checkout `root` into `dist`, and replace the old bundles only after all are complete.
 * Removes the bundles of deleted actions. @returns the names.
 */
export async function bundleAll(root: string, dist: string, actions = join(root, 'actions')): Promise<string[]> {
  const names = await actionNames(actions);
  const made = await mkdtemp(join(root, 'node_modules/.bundles-'));
  try {
    const shares = Array.from({ length: PROCESSES }, (_, share) => names.filter((__, at) => at % PROCESSES === share));
    await Promise.all(shares.map((share) => bundleInProcess(root, actions, made, share)));
    await mkdir(dist, { recursive: true });
    for (const old of await readdir(dist)) await rm(join(dist, old), { recursive: true });
    for (const name of names) {
      await chmod(join(made, name), 0o755);
      await rename(join(made, name), join(dist, name));
    }
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return names;
}

function bundleInProcess(root: string, actions: string, out: string, names: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = join(root, 'packages/tooling/src/bundle-worker.ts');
    const child = fork(worker, [actions, out, ...names], { cwd: root });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`bundling ${names.join(', ')} ended with ${code}`));
    });
  });
}

if (import.meta.main) await bundleAll(ROOT, join(ROOT, 'dist'));
