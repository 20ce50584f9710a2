/**
 * The path of an archive's entry in the image, absolute and clean: as `path.Clean("/" + name)` of Go, which is what
 * containerd makes of it. `..` stops at the root, so a name cannot lead out; nothing is ever opened by it anyway.
 * Links among its folders are not followed: layers that come from a file system's difference have none.
 */
export function layerPath(name: string): string {
  // Nearly all names need nothing but the leading slash.
  if (!/\/\/|(^|\/)\.{1,2}(\/|$)|\/$/.test(name)) return name.startsWith('/') ? name : `/${name}`;
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** What stands above `path`: `/a/b` for `/a/b/c`, `/` for `/a`. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function isUnder(path: string, folder: string): boolean {
  return folder === '/' ? path !== '/' : path.startsWith(`${folder}/`);
}

/** What an entry does to the layers below it (OCI image-spec, layer.md, "Whiteouts"). */
export type Whiteout =
  | { readonly kind: 'path'; readonly path: string }
  /** Everything that lower layers have in this folder. */
  | { readonly kind: 'opaque'; readonly folder: string }
  /** AUFS' own bookkeeping, which runtimes leave out. */
  | { readonly kind: 'ignored' };

const PREFIX = '.wh.';

/** Undefined for an entry that is a file of the image. */
export function whiteoutOf(path: string): Whiteout | undefined {
  const name = nameOf(path);
  if (!name.startsWith(PREFIX)) return undefined;
  const folder = folderOf(path);
  if (name === '.wh..wh..opq') return { kind: 'opaque', folder };
  const hidden = name.slice(PREFIX.length);
  if (hidden.startsWith(PREFIX) || hidden === '' || hidden === '.' || hidden === '..') return { kind: 'ignored' };
  return { kind: 'path', path: folder === '/' ? `/${hidden}` : `${folder}/${hidden}` };
}
