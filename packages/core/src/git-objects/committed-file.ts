import { TidegateError } from '../error.ts';
import type { TreeEntries } from './objects.ts';

/** The objects of one commit, from any source: a checkout, a fetched repository, GitHub's API. */
export interface CommitObjects {
  readonly commit: string;
  /** Id of the root tree. @throws TidegateError where the commit cannot be read */
  root(): Promise<string>;
  /** @throws TidegateError where the tree cannot be read: it is part of the commit, so it exists */
  tree(id: string): Promise<TreeEntries>;
  /** @throws TidegateError where the blob cannot be read */
  blob(id: string): Promise<Uint8Array>;
  /**
   * Objects of a submodule, by the commit that the tree records for it. Absent where only the repository itself is
   * read.
   * @param at its folder in the repository
   */
  submodule?(at: string, commit: string): CommitObjects;
}

/** Maximum number of links to resolve. */
const MOST_LINKS = 8;

/**
 * A file of the commit. Reads every folder on the path, so that "no such file" is certain.
 * @param path within the repository, with `/`
 * @returns undefined where the commit has no such path
 * @throws TidegateError `bad-input` for what is there and is not a file of the commit: a folder, a submodule, a link
 * out
 */
export async function committedFile(objects: CommitObjects, path: string): Promise<Uint8Array | undefined> {
  const root = await objects.root();
  let parts = normalParts(path.split('/'));
  for (let links = 0; parts && links <= MOST_LINKS; links += 1) {
    const found = await follow(objects, root, parts);
    if (found === undefined || 'bytes' in found) return found?.bytes;
    if (found.kind === 'submodule') {
      const inside = found.rest.length > 0 ? objects.submodule?.(found.at, found.commit) : undefined;
      if (inside) return committedFile(inside, found.rest.join('/'));
      throw new TidegateError(
        'committed-file-unusable',
        `${path} cannot be read: ${found.at} is a submodule, which is another repository.`,
        {
          next: 'Commit the file to this repository, or list a policy under `extends` with its repository and commit.',
        },
      );
    }
    if (found.kind === 'folder') throw notAFile(path, `${found.at} is a folder`);
    const { target, at, rest } = found;
    parts = target.startsWith('/')
      ? undefined
      : normalParts([...at.split('/').slice(0, -1), ...target.split('/'), ...rest]);
    if (!parts) {
      throw new TidegateError(
        'committed-file-unusable',
        `${path} leads out of the repository: ${at} is a symbolic link.`,
        {
          next: 'Commit the file itself: files outside of the repository are not part of the commit.',
        },
      );
    }
  }
  throw notAFile(path, 'it resolves through too many symbolic links');
}

/**
 * The commit that the tree records for a submodule.
 * @param path its folder in the repository, with `/`
 * @returns undefined where the commit has no submodule there
 */
export async function submoduleCommit(objects: CommitObjects, path: string): Promise<string | undefined> {
  const parts = normalParts(path.split('/'));
  const found = parts && (await follow(objects, await objects.root(), parts));
  const isIt = found && 'kind' in found && found.kind === 'submodule' && found.rest.length === 0;
  return isIt ? found.commit : undefined;
}

type Found =
  | { readonly bytes: Uint8Array }
  | { readonly kind: 'folder'; readonly at: string }
  | { readonly kind: 'submodule'; readonly at: string; readonly commit: string; readonly rest: readonly string[] }
  | { readonly kind: 'link'; readonly at: string; readonly target: string; readonly rest: readonly string[] };

async function follow(objects: CommitObjects, root: string, parts: readonly string[]): Promise<Found | undefined> {
  let tree = root;
  for (const [index, part] of parts.entries()) {
    const entry = (await objects.tree(tree)).get(part);
    if (!entry) return undefined;
    const at = parts.slice(0, index + 1).join('/');
    const last = index === parts.length - 1;
    switch (entry.mode) {
      case 'folder':
        if (last) return { kind: 'folder', at };
        tree = entry.id;
        break;
      case 'submodule':
        return { kind: 'submodule', at, commit: entry.id, rest: parts.slice(index + 1) };
      case 'link': {
        const target = Buffer.from(await objects.blob(entry.id)).toString('utf8');
        return { kind: 'link', at, target, rest: parts.slice(index + 1) };
      }
      case 'file':
        return last ? { bytes: await objects.blob(entry.id) } : undefined;
    }
  }
  return { kind: 'folder', at: '.' };
}

/** Removes `.` and `..`; undefined for a path above the root. */
function normalParts(parts: readonly string[]): readonly string[] | undefined {
  const normal: string[] = [];
  for (const part of parts) {
    if (part === '' || part === '.') continue;
    if (part !== '..') normal.push(part);
    else if (normal.pop() === undefined) return undefined;
  }
  return normal;
}

function notAFile(path: string, why: string): TidegateError {
  return new TidegateError('committed-file-unusable', `${path} is not a file of the commit: ${why}.`, {
    next: 'Commit a regular file at this path, or use another path.',
  });
}
