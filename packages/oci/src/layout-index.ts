import { type Descriptor, MediaType, messageOf, parseIndexFile, parseStrictJson, TidegateError } from '@tidegate/core';

export const LAYOUT_FILE = 'index.json';
export const VERSION_FILE = 'oci-layout';
/** image-spec, annotations.md: in index.json this annotation is a tag. */
export const REF_NAME = 'org.opencontainers.image.ref.name';

/** @throws TidegateError `layout` unless it is version 1.0.0, the only one there is. */
export function checkVersion(bytes: Uint8Array, path: string): void {
  const version = asLayoutError(path, () => {
    const marker = parseStrictJson(bytes, path);
    return typeof marker === 'object' && marker !== null && 'imageLayoutVersion' in marker
      ? marker.imageLayoutVersion
      : undefined;
  });
  if (version === '1.0.0') return;
  throw new TidegateError('layout', `${path}: imageLayoutVersion is not 1.0.0.`, {
    next: 'Build the image again; this folder is no image layout that this version reads.',
  });
}

export function parseLayoutIndex(bytes: Uint8Array, path: string): readonly Descriptor[] {
  return asLayoutError(path, () => parseIndexFile(bytes, path).manifests);
}

export function formatIndexFile(entries: readonly Descriptor[]): string {
  return `${JSON.stringify({ schemaVersion: 2, mediaType: MediaType.index, manifests: entries }, null, 2)}\n`;
}

function asLayoutError<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new TidegateError('layout', messageOf(cause), {
      next: `Build the image again; ${path} is broken or hostile.`,
      cause,
    });
  }
}
