import type { ListedPackage } from './listed.ts';
import { RpmHeader, Tag } from './rpm-header.ts';
import { bdbBlobs, isBdb, isNdb, ndbBlobs } from './rpm-older.ts';
import { isSqlite, sqliteBlobs } from './rpm-sqlite.ts';

/** One package of rpm's database, with its installed files. */
export interface RpmPackage extends ListedPackage {
  readonly files: () => readonly string[];
}

/** Empty for an unreadable database: a scanner cannot read it either. */
export function readRpmPackages(content: Buffer): readonly RpmPackage[] {
  try {
    return packagesIn(blobsIn(content) ?? []);
  } catch (error) {
    // A number beyond the end of the file, at any place. In some runtimes Node's own errors are from another realm.
    if ((error as Error | undefined)?.name === 'RangeError') return [];
    throw error;
  }
}

/** The format is detected by the first bytes, not by the name, as in rpm's readers. */
function blobsIn(content: Buffer): readonly Buffer[] | undefined {
  if (isSqlite(content)) return sqliteBlobs(content);
  if (isNdb(content)) return ndbBlobs(content);
  return isBdb(content) ? bdbBlobs(content) : undefined;
}

function packagesIn(blobs: readonly Buffer[]): readonly RpmPackage[] {
  const found: RpmPackage[] = [];
  for (const blob of blobs) {
    const header = RpmHeader.read(blob);
    if (!header) return [];
    const [name, architecture] = [header.text(Tag.name), header.text(Tag.architecture)];
    const [epoch] = header.numbers(Tag.epoch);
    const version = `${epoch ? `${epoch}:` : ''}${header.text(Tag.version)}-${header.text(Tag.release)}`;
    // Red Hat's advisories distinguish modules; others are about source packages.
    const identity = `${version} of ${header.text(Tag.source)} ${header.text(Tag.modularity)}`;
    if (name !== '') {
      // Several versions of a kernel are installed side by side.
      const key = `${name}:${architecture}`;
      // `curl-7.76.1-14.el9.src.rpm`
      const source = header.text(Tag.source).replace(/-[^-]+-[^-]+$/, '') || name;
      found.push({ key, name, version, identity, source, files: () => header.files() });
    }
  }
  return found;
}

export function readRpmDatabase(content: Buffer): readonly ListedPackage[] {
  return readRpmPackages(content).map(({ files: _, ...listed }) => listed);
}
