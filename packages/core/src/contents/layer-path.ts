/**
 * The path of an archive's entry in the image, absolute and normalized, like `path.Clean("/" + name)` of Go, which
 * containerd uses. `..` stops at the root, so a name cannot escape; besides, no file is ever opened by it.
 * Links among its folders are not followed: layers that come from a file system's difference have none.
 */
export function layerPath(name: string): string {
  // Almost all names only need the leading slash.
  if (!/\/\/|(^|\/)\.{1,2}(\/|$)|\/$/.test(name)) return name.startsWith('/') ? name : `/${name}`;
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Parent folder of `path`: `/a/b` for `/a/b/c`, `/` for `/a`. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function isUnder(path: string, folder: string): boolean {
  return folder === '/' ? path !== '/' : path.startsWith(`${folder}/`);
}

/** The effect of an entry on lower layers (OCI image-spec, layer.md, "Whiteouts"). */
export type Whiteout =
  | { readonly kind: 'path'; readonly path: string }
  /** Hides all files of lower layers in this folder. */
  | { readonly kind: 'opaque'; readonly folder: string }
  /** AUFS' own metadata, which runtimes ignore. */
  | { readonly kind: 'ignored' };

const PREFIX = '.wh.';

/** Undefined for an entry that is an ordinary file. */
export function whiteoutOf(path: string): Whiteout | undefined {
  const name = nameOf(path);
  if (!name.startsWith(PREFIX)) return undefined;
  const folder = folderOf(path);
  if (name === '.wh..wh..opq') return { kind: 'opaque', folder };
  const hidden = name.slice(PREFIX.length);
  if (hidden.startsWith(PREFIX) || hidden === '' || hidden === '.' || hidden === '..') return { kind: 'ignored' };
  return { kind: 'path', path: folder === '/' ? `/${hidden}` : `${folder}/${hidden}` };
}
