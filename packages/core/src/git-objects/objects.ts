/** Git's objects as it stores them (gitformat-pack(5), git-mktree(1)): pure, so that a checkout and an API share it. */
import { createHash } from 'node:crypto';

export type GitObjectType = 'commit' | 'tree' | 'blob';

export interface TreeEntry {
  readonly mode: 'file' | 'folder' | 'link' | 'submodule';
  readonly id: string;
}

export type TreeEntries = ReadonlyMap<string, TreeEntry>;

/** The git id of these bytes, with the same hash algorithm as `like`. */
export function objectIdOf(type: GitObjectType, bytes: Uint8Array, like: string): string {
  const algorithm = like.length === 64 ? 'sha256' : 'sha1';
  return createHash(algorithm).update(`${type} ${bytes.length}\0`).update(bytes).digest('hex');
}

/** The root tree of a commit; undefined for bytes that are not a commit. */
export function treeOfCommit(bytes: Uint8Array): string | undefined {
  return /^tree ([0-9a-f]{40}|[0-9a-f]{64})\n/.exec(Buffer.from(bytes).toString('latin1', 0, 80))?.[1];
}

/** @param like an id in the repository's hash @returns undefined for bytes that are not a tree */
export function parseTree(bytes: Uint8Array, like: string): TreeEntries | undefined {
  const buffer = Buffer.from(bytes);
  const idBytes = like.length / 2;
  const entries = new Map<string, TreeEntry>();
  let at = 0;
  while (at < buffer.length) {
    const blank = buffer.indexOf(0x20, at);
    const end = buffer.indexOf(0, blank + 1);
    if (blank < 0 || end < 0 || end + 1 + idBytes > buffer.length) return undefined;
    const mode = modeOf(buffer.toString('latin1', at, blank));
    const name = buffer.toString('utf8', blank + 1, end);
    if (!mode || entries.has(name)) return undefined;
    at = end + 1 + idBytes;
    entries.set(name, { mode, id: buffer.toString('hex', end + 1, at) });
  }
  return entries;
}

/** Octal, as in git and GitHub's API. */
export function modeOf(octal: string): TreeEntry['mode'] | undefined {
  if (/^1006[0-7]{2}$|^100755$/.test(octal)) return 'file';
  const others = { '40000': 'folder', '040000': 'folder', '120000': 'link', '160000': 'submodule' } as const;
  return others[octal as keyof typeof others];
}

/** git-lfs, docs/spec.md: the pointer that is committed instead of a file, with the file's SHA-256. */
const LFS_POINTER =
  /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:ext-\d-\S+ sha256:[0-9a-f]{64}\n)*oid sha256:([0-9a-f]{64})\nsize \d+\n$/;
const LONGEST_LFS_POINTER = 1024;

/**
 * Whether a file of a work tree equals the committed one: git may convert line ends (gitattributes(5), `eol`), and Git
 * LFS replaces a pointer by its file.
 */
export function isAsCommitted(here: Uint8Array, committed: Uint8Array): boolean {
  const pointer = committed.length < LONGEST_LFS_POINTER && LFS_POINTER.exec(Buffer.from(committed).toString('latin1'));
  if (pointer && createHash('sha256').update(here).digest('hex') === pointer[1]) return true;
  return unixLines(here).equals(unixLines(committed));
}

function unixLines(bytes: Uint8Array): Buffer {
  return Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}
