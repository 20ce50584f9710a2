import { lstat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { LeftImage } from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import type { ImagesFile } from './images-file.ts';
import { isFolderAt, MOST_FILES, nameIn, unusable } from './workspace-paths.ts';

type Named = ImagesFile['namedFiles'][number];
type Place = { readonly file: string } | { readonly left: Omit<LeftImage, 'line' | 'path'> };

/** In the order in which kustomize looks for them. */
const KUSTOMIZATIONS = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
/** An address that kustomize fetches. It looks for a file first. */
const REMOTE = /^(?:[a-z+]{1,20}:\/\/|git@|git::|gh:|github\.com[/:])/i;

/**
 * Add the files that kustomizations and Compose files name, wherever they are in the workspace: patches, resources and
 * components, and the files that these name. One that cannot be read is left, because its images are not known.
 *
 * In a resource that was not given, an image that the kustomization sets is left out if it is in a field that kustomize
 * changes: the entry of the kustomization decides about it.
 * @param read reads one file
 */
export async function addNamedFiles(
  found: Map<string, ImagesFile>,
  read: (path: string, as: ReadonlySet<Named['as']>) => Promise<ImagesFile>,
  job: Job,
): Promise<void> {
  /** For each file, the images that every kustomization on the way to it sets: none for a file that was given. */
  const set = new Map<string, ReadonlySet<string>>([...found.keys()].map((path) => [path, new Set()]));
  const left = new Map<string, Map<string, LeftImage>>();
  const places = new Map<string, Promise<Place>>();
  // One that is named a thousand times is read once, as all that it is.
  const readAs = new Map<string, Set<Named['as']>>();
  const waiting = [...found.keys()];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const kustomization = found.get(path);
    if (!kustomization || kustomization.namedFiles.length === 0) continue;
    const inside = new Set([...(set.get(path) ?? []), ...kustomization.setImages]);
    const missing = left.get(path) ?? new Map<string, LeftImage>();
    left.set(path, missing);
    for (const named of kustomization.namedFiles) {
      const key = `${path}\0${named.as}\0${named.file}`;
      const looked = places.get(key) ?? placeOf(path, named, job);
      places.set(key, looked);
      const place = await looked;
      if ('left' in place) {
        missing.set(named.path, { line: named.line, path: named.path, ...place.left });
        continue;
      }
      const { file } = place;
      const all = readAs.get(file) ?? new Set();
      readAs.set(file, all);
      const isRead = named.as === 'resource' ? found.has(file) : all.has(named.as);
      all.add(named.as);
      if (!isRead) found.set(file, await read(file, all));
      if (named.as === 'patch' || named.as === 'configuration') continue;
      const before = set.get(file);
      const after = before ? new Set([...before].filter((name) => inside.has(name))) : inside;
      if (isRead && before && before.size === after.size) continue;
      set.set(file, after);
      waiting.push(file);
      if (found.size > MOST_FILES) throw unusable(named.file, `at most ${MOST_FILES} files`);
    }
  }
  for (const [path, file] of found) {
    const names = set.get(path) ?? new Set();
    const more = [...(left.get(path)?.values() ?? [])];
    if (names.size === 0 && more.length === 0) continue;
    const images = file.images.filter(({ image, isReplaceable }) => !isReplaceable || !names.has(nameOf(image)));
    found.set(path, { ...file, images, left: [...file.left, ...more] });
  }
}

/** The file, or the kustomization of the folder, that a kustomization names. */
async function placeOf(path: string, { file, as }: Named, job: Job): Promise<Place> {
  const at = resolve(dirname(path), file);
  const shown = `names the ${as} ${JSON.stringify(file)}, which`;
  const isWithin = (one: string) => !nameIn(job, one).startsWith('../');
  const isThere = (await lstat(at).catch(() => undefined)) !== undefined;
  const isPart = as === 'patch' || as === 'configuration';
  if (!isThere && !isPart && REMOTE.test(file)) {
    return { left: { why: `${shown} is remote: its images are not read`, isElsewhere: true } };
  }
  const usable = (one: string) => isFolderAt(one, file, job).catch(() => undefined);
  const isFolder = await usable(at);
  if (isFolder === undefined || (isFolder && as !== 'resource') || (isWithin(path) && !isWithin(at))) {
    const kind = as === 'resource' ? 'file or folder' : 'file';
    return { left: { why: `${shown} is no ${kind} of the workspace${isThere ? ', or a link' : ''}` } };
  }
  if (!isFolder) return { file: at };
  for (const name of KUSTOMIZATIONS) {
    const inside = join(at, name);
    if ((await usable(inside)) === false) return { file: inside };
  }
  return { left: { why: `${shown} has no kustomization, or only a link to one` } };
}

/** The name of an image as kustomize compares it: without tag and digest. */
function nameOf(image: string): string {
  const [name = ''] = image.split('@', 1);
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}
