import type { TarEntry } from '@tidegate/oci';

/** A file of a layer, as two builds are compared by it. */
export interface LayerFile extends Pick<TarEntry, 'type' | 'mode' | 'uid' | 'gid' | 'size' | 'link' | 'time'> {
  /** Position in the archive, from 0. */
  readonly at: number;
  /** SHA-256 of the content; empty for other types than files. */
  readonly content: string;
}

/** The most telling kinds first: a file with other content has another time, too. */
const KINDS = ['content', 'presence', 'metadata', 'time', 'order'] as const;
export type DifferenceKind = (typeof KINDS)[number];

export interface FileDifference {
  /** Untrusted text. */
  readonly path: string;
  readonly kind: DifferenceKind;
  /** `modified at 2026-11-29T10:00:00Z and 2026-11-29T10:00:07Z`. Untrusted text. */
  readonly detail: string;
}

/** Every file that differs between two builds of a layer, the most telling first. */
export function fileDifferences(
  first: ReadonlyMap<string, LayerFile>,
  second: ReadonlyMap<string, LayerFile>,
): readonly FileDifference[] {
  const found: FileDifference[] = [];
  for (const [path, one] of first) {
    const other = second.get(path);
    const difference = other
      ? differenceOf(one, other)
      : { kind: 'presence' as const, detail: 'only in the first build' };
    if (difference) found.push({ path, ...difference });
  }
  for (const path of second.keys()) {
    if (!first.has(path)) found.push({ path, kind: 'presence', detail: 'only in the second build' });
  }
  // A file that comes or goes moves all others.
  const isMoved = found.every(({ kind }) => kind !== 'presence');
  const moved = isMoved ? [...first].find(([path, { at }]) => second.get(path)?.at !== at) : undefined;
  if (moved) found.push({ path: moved[0], kind: 'order', detail: 'at another position in the layer' });
  return found.toSorted((one, other) => KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind));
}

function differenceOf(one: LayerFile, other: LayerFile): Omit<FileDifference, 'path'> | undefined {
  if (one.type !== other.type) return { kind: 'content', detail: `a ${one.type}, then a ${other.type}` };
  if (one.content !== other.content) {
    const detail = one.size === other.size ? 'other content of the same size' : `${one.size} and ${other.size} bytes`;
    return { kind: 'content', detail };
  }
  if (one.link !== other.link) return { kind: 'content', detail: `a link to ${one.link}, then to ${other.link}` };
  if (one.mode !== other.mode) return { kind: 'metadata', detail: `mode ${octal(one.mode)} and ${octal(other.mode)}` };
  if (one.uid !== other.uid || one.gid !== other.gid) {
    return { kind: 'metadata', detail: `owner ${one.uid}:${one.gid} and ${other.uid}:${other.gid}` };
  }
  if (one.time !== other.time) {
    return { kind: 'time', detail: `modified at ${timeText(one.time)} and ${timeText(other.time)}` };
  }
  return undefined;
}

const octal = (mode: number) => mode.toString(8).padStart(4, '0');

function timeText(seconds: string): string {
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? seconds : date.toISOString();
}
