import { messageOf, TidegateError } from '../error.ts';
import { type ManifestFile, readManifestFile } from './document.ts';
import type { FoundImage, LeftImage } from './found.ts';
import type { ManifestScalar } from './node.ts';
import type { EmbeddedText, Within } from './within.ts';

const REWRITE = {
  patch: 'write the patch as a block (patch: |) or as a file of its own',
  values: 'write the values as a block (|)',
} as const;

/**
 * The images of a text. Its places are known if every character of it is in the file as it is: in a block that keeps its
 * lines (`|`), or in one line without escapes.
 * @param find the images of the text as a file
 */
export async function embeddedImages(
  outer: ManifestFile,
  { scalar, path, as }: EmbeddedText,
  find: (file: ManifestFile) => { readonly images: readonly FoundImage[]; readonly left: readonly LeftImage[] },
): Promise<{ readonly images: readonly FoundImage[]; readonly left: readonly LeftImage[] }> {
  let file: ManifestFile;
  try {
    file = await readManifestFile(Buffer.from(scalar.text), path, { isForCluster: true });
  } catch (error) {
    if (!(error instanceof TidegateError)) throw error;
    const what = as === 'patch' ? 'a patch' : 'values of a chart';
    const why = `cannot be read as ${what}: ${messageOf(error)}`;
    return { images: [], left: [{ line: scalar.line, path, why }] };
  }
  const { images, left } = find(file);
  const first = scalar.style === 'block' ? scalar.line : scalar.line - 1;
  const at = (inner: { readonly line: number; readonly path: string }) => ({
    line: first + inner.line,
    path: inner.path === '' ? path : `${path}: ${inner.path}`,
  });
  const others = left.map((one) => ({ ...one, ...at(one) }));
  const offset = placesIn(outer.text, scalar);
  if (offset)
    return { images: images.map((one) => ({ ...one, ...at(one), within: { scalar, file, offset } })), left: others };
  const why = (image: string) => `has the image ${image} in a text with escapes or folded lines: ${REWRITE[as]}`;
  return { images: [], left: [...others, ...images.map((one) => ({ ...at(one), why: why(one.image) }))] };
}

/** Maps offsets of a text to those of the file around it; undefined if its characters are not there as they are. */
function placesIn(file: string, { start, end, style, text, isFolded }: ManifestScalar): Within['offset'] | undefined {
  const raw = file.slice(start, end);
  if (style !== 'block') {
    const quote = style === 'plain' ? 0 : 1;
    if (isFolded || raw.slice(quote, raw.length - quote) !== text) return undefined;
    return (inner) => start + quote + inner;
  }
  if (!raw.startsWith('|')) return undefined;
  const places: { readonly inner: number; readonly outer: number }[] = [];
  const [header = '', ...rows] = raw.split('\n');
  let inner = 0;
  let outer = start + header.length + 1;
  for (const [at, line] of text.split('\n').entries()) {
    const row = rows[at] ?? '';
    const content = row.replace(/\r$/, '');
    const indent = content.length - line.length;
    // An empty line may have fewer spaces than the others.
    if (line !== '' && (!content.endsWith(line) || content.slice(0, indent).trim() !== '')) return undefined;
    places.push({ inner, outer: outer + Math.max(0, indent) });
    inner += line.length + 1;
    outer += row.length + 1;
  }
  return (wanted) => {
    let [low, high] = [0, places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((places[middle]?.inner ?? 0) <= wanted) low = middle + 1;
      else high = middle;
    }
    const place = places[low - 1] ?? { inner: 0, outer: start };
    return place.outer + wanted - place.inner;
  };
}
