import { TidegateError } from '../error.ts';
import { type ManifestFile, readManifestFile } from './document.ts';
import type { FoundImage } from './found.ts';
import type { ManifestNode, ManifestScalar } from './node.ts';
import type { Within } from './within.ts';

export interface PinnedImage {
  readonly image: FoundImage;
  readonly digest: string;
}

/**
 * The bytes of a file with its images pinned. Only the characters of those values are replaced; then the result is read
 * again, and every other node must be what it was.
 * @throws TidegateError `manifest-unreadable` if a change would damage the file
 */
export async function pinnedFile(file: ManifestFile, pins: readonly PinnedImage[]): Promise<Uint8Array> {
  const wanted = new Map<ManifestScalar, string>();
  const edits = new Map<ManifestScalar, Edit>();
  for (const { image, digest } of pins) {
    const { scalar, within } = image;
    const value = image.pinned(digest);
    const offset = within?.offset ?? ((inner: number) => inner);
    edits.set(scalar, { start: offset(scalar.start), end: offset(scalar.end), text: quoted(value, scalar.style) });
    if (!within) wanted.set(scalar, value);
    else if (!wanted.has(within.scalar)) wanted.set(within.scalar, await pinnedText(within, pins));
  }
  let text = '';
  let at = 0;
  for (const edit of [...edits.values()].sort((one, other) => one.start - other.start)) {
    text += file.text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  text += file.text.slice(at);
  const bytes = Buffer.from(text);
  const after = await readManifestFile(bytes, file.name);
  const isSame =
    after.documents.length === file.documents.length &&
    file.documents.every(({ root }, index) => sameBut(root, after.documents[index]?.root, wanted));
  if (isSame) return bytes;
  throw new TidegateError('manifest-unreadable', `${file.name} cannot be changed without changing other values.`, {
    next: 'Write its images in quotes, one on a line.',
  });
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A text that is YAML itself, with its images pinned. */
async function pinnedText({ file, scalar }: Within, pins: readonly PinnedImage[]): Promise<string> {
  const own = pins.filter(({ image }) => image.within?.scalar === scalar);
  const inner = own.map(({ image, digest }) => ({ image: { ...image, within: undefined }, digest }));
  return Buffer.from(await pinnedFile(file, inner)).toString();
}

const QUOTES = { plain: '', single: "'", double: '"', block: '' } as const;

/** References have no character that is escaped in quotes. */
function quoted(value: string, style: ManifestScalar['style']): string {
  return `${QUOTES[style]}${value}${QUOTES[style]}`;
}

/** Whether two documents are the same, except for these values. */
function sameBut(
  before: ManifestNode | undefined,
  after: ManifestNode | undefined,
  wanted: ReadonlyMap<ManifestNode, string>,
): boolean {
  if (!before || !after || before.kind !== after.kind || before.line !== after.line) return false;
  if (before.kind === 'alias' || after.kind === 'alias') {
    return before.kind === 'alias' && after.kind === 'alias' && before.target.line === after.target.line;
  }
  if (before.tag !== after.tag) return false;
  if (before.kind === 'scalar' && after.kind === 'scalar') {
    return after.text === (wanted.get(before) ?? before.text) && after.style === before.style;
  }
  if (before.kind === 'list' && after.kind === 'list') {
    return (
      before.items.length === after.items.length &&
      before.items.every((item, index) => sameBut(item, after.items[index], wanted))
    );
  }
  if (before.kind !== 'map' || after.kind !== 'map') return false;
  return (
    before.entries.length === after.entries.length &&
    before.entries.every(({ key, value }, index) => {
      const other = after.entries[index];
      return other !== undefined && key === other.key && sameBut(value, other.value, wanted);
    })
  );
}
