/** Objects of git by their real ids. */
import { objectIdOf } from '@tidegate/core';

interface Entry {
  readonly mode: string;
  readonly sha: string;
}
type Tree = ReadonlyMap<string, Entry>;

export interface Commit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
}

export class Objects {
  readonly blobs = new Map<string, Buffer>();
  readonly trees = new Map<string, Tree>();
  readonly commits = new Map<string, Commit>();

  blob(bytes: Buffer): string {
    return kept(this.blobs, objectIdOf('blob', bytes, LIKE), bytes);
  }

  tree(tree: Tree): string {
    const order = ([name, { mode }]: [string, Entry]) => (mode === '040000' ? `${name}/` : name);
    const rows = [...tree].sort((one, other) => (order(one) < order(other) ? -1 : 1));
    const bytes = rows.flatMap(([name, { mode, sha }]) => [
      Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`),
      Buffer.from(sha, 'hex'),
    ]);
    return kept(this.trees, objectIdOf('tree', Buffer.concat(bytes), LIKE), new Map(rows));
  }

  commit(commit: Commit): string {
    const at = 1_790_000_000 + this.commits.size;
    const who = `github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com> ${at} +0000`;
    const lines = [`tree ${commit.tree}`, ...commit.parents.map((one) => `parent ${one}`), `author ${who}`];
    const text = `${[...lines, `committer ${who}`].join('\n')}\n\n${commit.message}`;
    return kept(this.commits, objectIdOf('commit', Buffer.from(text), LIKE), commit);
  }

  /** The tree with one path changed. */
  with(tree: string, [name = '', ...rest]: readonly string[], entry: Entry): string {
    const entries = new Map(this.trees.get(tree));
    const below = entries.get(name)?.sha ?? this.tree(new Map());
    entries.set(name, rest.length === 0 ? entry : { mode: '040000', sha: this.with(below, rest, entry) });
    return this.tree(entries);
  }

  /** A tree of these files; executable ones have `*` after their name. */
  treeOf(files: Readonly<Record<string, string | Uint8Array>>): string {
    let tree = this.tree(new Map());
    for (const [path, content] of Object.entries(files)) {
      const mode = path.endsWith('*') ? '100755' : '100644';
      tree = this.with(tree, path.replace(/\*$/, '').split('/'), { mode, sha: this.blob(Buffer.from(content)) });
    }
    return tree;
  }

  files(tree: string, prefix = ''): Record<string, string> {
    const found: Record<string, string> = {};
    for (const [name, { mode, sha }] of this.trees.get(tree) ?? []) {
      if (mode === '040000') Object.assign(found, this.files(sha, `${prefix}${name}/`));
      else found[`${prefix}${name}${mode === '100755' ? '*' : ''}`] = this.blobs.get(sha)?.toString() ?? '';
    }
    return found;
  }
}

/** Ids of this length are SHA-1. */
const LIKE = '0'.repeat(40);

function kept<T>(all: Map<string, T>, id: string, value: T): string {
  all.set(id, value);
  return id;
}
