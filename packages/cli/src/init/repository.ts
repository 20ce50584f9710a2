import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The input of `init`: small text files by path, and the names of all files near the top. */
export interface RepositoryFiles {
  /** Dockerfiles, workflows, ignore files and the policy, by path with slashes. */
  readonly texts: ReadonlyMap<string, string>;
  /** Paths of files to a depth of three folders. */
  readonly paths: readonly string[];
}

const DEPTH = 3;
const MOST = 5000;
/** A workflow or a Dockerfile is never larger. */
const LARGEST = 512 * 1024;
const SKIPPED = new Set(['.git', 'node_modules', 'vendor', 'target', 'dist', 'build', 'testdata', 'third_party']);
const READ =
  /(^|\/)(?:Dockerfile|Containerfile)$|(^|\/)\.dockerignore$|^\.github\/workflows\/[^/]+\.ya?ml$|^\.github\/tidegate\.yml$/;

/** Links are not followed. */
export async function readRepository(top: string): Promise<RepositoryFiles> {
  const paths: string[] = [];
  const texts = new Map<string, string>();
  const visit = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(join(top, folder), { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && depth < DEPTH && !SKIPPED.has(entry.name)) await visit(path, depth + 1);
      if (!entry.isFile() || paths.length >= MOST) continue;
      paths.push(path);
      if (READ.test(path) && (await stat(join(top, path))).size <= LARGEST) {
        texts.set(path, await readFile(join(top, path), 'utf8'));
      }
    }
  };
  await visit('', 0);
  return { texts, paths };
}
