import { quoted } from '../text/wording.ts';
/** A YAML document as plain values with their positions: the rest of the reader needs nothing else of YAML. */

/** Counted from 1, as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export type Tree =
  | { readonly kind: 'scalar'; readonly at: Position; readonly value: unknown; readonly text: string }
  | { readonly kind: 'list'; readonly at: Position; readonly items: readonly Tree[] }
  | { readonly kind: 'map'; readonly at: Position; readonly entries: readonly Entry[] };

export interface Entry {
  readonly key: string;
  readonly keyAt: Position;
  readonly value: Tree;
}

/** The name of a value, for a message that expected another. */
export function shown(tree: Tree): string {
  switch (tree.kind) {
    case 'scalar':
      if (tree.text === '' && tree.value === null) return 'nothing';
      return quoted(tree.text);
    case 'list':
      return 'a list';
    case 'map':
      return 'keys with values';
  }
}

/** A tree of plain JSON, without positions. */
export function treeOf(value: unknown): Tree {
  const at = { line: 1, column: 1 };
  if (Array.isArray(value)) return { kind: 'list', at, items: value.map(treeOf) };
  if (typeof value !== 'object' || value === null) return { kind: 'scalar', at, value, text: String(value) };
  const entries = Object.entries(value).map(([key, each]) => ({ key, keyAt: at, value: treeOf(each) }));
  return { kind: 'map', at, entries };
}
