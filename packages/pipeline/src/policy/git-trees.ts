import { randomUUID } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommitObjects, objectIdOf, parseTree, TidegateError, type TreeEntries } from '@tidegate/core';
import { createGit } from '@tidegate/tools';
import type { GitServices } from './git-objects.ts';

const TIMEOUT = 120_000;
/** Maximum size of all trees of one depth. In Linux, all trees together have 5 megabytes. */
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * List every file of a commit with the id of its content, without symbolic links and submodules. One git process reads
 * all folders of one depth, and every tree is verified against its id. Trees that the checkout lacks, as in a partial
 * clone, are read from `objects`.
 * @throws TidegateError if a folder of the commit cannot be read: an incomplete list is never returned as complete
 */
export async function filesOfCommit(
  objects: CommitObjects,
  folder: string,
  services: GitServices,
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  let level: { readonly at: string; readonly id: string }[] = [{ at: '', id: await objects.root() }];
  while (level.length > 0) {
    const trees = await readTrees([...new Set(level.map(({ id }) => id))], folder, services);
    const next: typeof level = [];
    for (const { at, id } of level) {
      for (const [name, entry] of trees.get(id) ?? (await objects.tree(id))) {
        const path = at === '' ? name : `${at}/${name}`;
        if (entry.mode === 'file') files.set(path, entry.id);
        else if (entry.mode === 'folder') next.push({ at: path, id: entry.id });
      }
    }
    level = next;
  }
  return files;
}

/**
 * git-cat-file(1), "Batch output": `<id> SP <type> SP <size> LF <contents> LF`, or `<id> SP missing LF`. git exits at
 * the first object that is available only from a promisor remote.
 */
async function readTrees(
  ids: readonly string[],
  folder: string,
  services: GitServices,
): Promise<ReadonlyMap<string, TreeEntries>> {
  const file = join(services.temp, `trees-${randomUUID()}`);
  try {
    await createGit(services.run, services.children)('cat-file', ['--batch'], {
      folder,
      stdin: `${ids.join('\n')}\n`,
      stdout: { file },
      timeout: TIMEOUT,
      signal: services.signal,
      answers: [0, 128],
    });
    const { size } = await stat(file);
    if (size > MAX_BYTES)
      throw new TidegateError(
        'commit-too-large',
        `The folders of the commit have ${size} bytes, more than ${MAX_BYTES}.`,
      );
    return parseBatch(await readFile(file), ids, folder);
  } finally {
    await rm(file, { force: true });
  }
}

function parseBatch(bytes: Buffer, ids: readonly string[], folder: string): ReadonlyMap<string, TreeEntries> {
  const trees = new Map<string, TreeEntries>();
  let at = 0;
  for (const id of ids) {
    const end = bytes.indexOf(0x0a, at);
    const [, size] = new RegExp(`^${id} tree ([0-9]+)$`).exec(bytes.toString('latin1', at, Math.max(at, end))) ?? [];
    if (end < 0) break;
    at = end + 1;
    // Missing, or not a tree although the commit lists it as one.
    if (size === undefined) continue;
    const content = bytes.subarray(at, at + Number(size));
    at += content.length + 1;
    const entries = objectIdOf('tree', content, id) === id ? parseTree(content, id) : undefined;
    if (!entries) {
      throw new TidegateError('git-object-damaged', `The tree ${id} in ${folder} does not match its id.`, {
        next: 'Delete the checkout on this runner, and check out the commit again.',
      });
    }
    trees.set(id, entries);
  }
  return trees;
}
