/** For tests: an image's contents, made of layers of entries. */
import { type Digest, digestOf } from '../image/digest.ts';
import { readConfig } from './config-facts.ts';
import type { ImageContents } from './image-contents.ts';
import { ContentsRecorder, type LayerEntry } from './recorder.ts';

export type Entry = Partial<LayerEntry> & { readonly path: string; readonly content?: string };

/** A file of mode 0644, unless it is a path that ends in a slash: a folder. */
export function contentsOf(
  layers: readonly (readonly (Entry | string)[])[],
  { config = {}, statePaths }: { config?: object; statePaths?: readonly string[] } = {},
): ImageContents {
  const diffIds = layers.map((_, at): Digest => digestOf(`layer ${at}`));
  const json = { config, rootfs: { diff_ids: diffIds } };
  const { facts } = readConfig(json, layers.length, 'config');
  const recorder = new ContentsRecorder(facts, JSON.stringify(json), statePaths);
  layers.forEach((entries, at) => {
    for (const given of entries) {
      const one: Entry = typeof given === 'string' ? { path: given } : given;
      const content = Buffer.from(one.content ?? '');
      const type = one.type ?? (one.path.endsWith('/') ? 'directory' : 'file');
      const wanted = recorder.entry({ mode: 0o644, size: content.length, ...one, type });
      if (wanted) recorder.content(one.path, content);
    }
    const digest = diffIds[at] as Digest;
    recorder.endLayer({ digest, diffId: digest, size: 1, unpacked: 1, entries: entries.length });
  });
  return recorder.result;
}
