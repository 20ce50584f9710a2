/** Bundles every action and the command line with ncc into dist/<name>/: index.js, lazy chunks, package.json, licenses.txt. */
import { fork } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { actionNames, isThere } from './actions.ts';
import { ROOT } from './repository.ts';

/** Each process loads webpack and TypeScript; its second bundle takes half as long as its first. */
const PROCESSES = 2;

/** The bundle of the command line: no action has this name. */
const CLI = { name: 'cli', entry: 'packages/cli/src/main.ts' };

/**
 * Bundle the actions and the command line of the checkout `root` into `dist`, and replace the old bundles only after all are complete.
 * Removes the bundles of deleted actions. @returns the names.
 */
export async function bundleAll(root: string, dist: string, actions = join(root, 'actions')): Promise<string[]> {
  const names = await actionNames(actions);
  const entries = names.map((name) => [name, join(actions, name, 'main.ts')] as const);
  if (await isThere(join(root, CLI.entry))) entries.push([CLI.name, join(root, CLI.entry)]);
  const made = await mkdtemp(join(root, 'node_modules/.bundles-'));
  try {
    const shares = Array.from({ length: PROCESSES }, (_, share) =>
      entries.filter((__, at) => at % PROCESSES === share),
    );
    await Promise.all(shares.map((share) => bundleInProcess(root, made, share)));
    await mkdir(dist, { recursive: true });
    for (const old of await readdir(dist)) await rm(join(dist, old), { recursive: true });
    for (const [name] of entries) {
      await chmod(join(made, name), 0o755);
      await rename(join(made, name), join(dist, name));
    }
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return entries.map(([name]) => name);
}

type Entry = readonly [name: string, path: string];

function bundleInProcess(root: string, out: string, entries: readonly Entry[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = join(root, 'packages/tooling/src/bundle-worker.ts');
    const child = fork(worker, [out, ...entries.flat()], { cwd: root });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`bundling ${entries.map(([name]) => name).join(', ')} ended with ${code}`));
    });
  });
}

if (import.meta.main) await bundleAll(ROOT, join(ROOT, 'dist'));
