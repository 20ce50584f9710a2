import { allInAnyCase, folded, inAnyCase, type ListedPackage, wholeLines } from './listed.ts';

/**
 * A status file of dpkg or opkg, or one of distroless's `status.d`, as Syft reads it: Syft drops the whole list for a
 * duplicate field or a continuation without a field.
 */
export function readDpkgStatus(content: Buffer): readonly ListedPackage[] {
  const found: ListedPackage[] = [];
  let fields = new Map<string, string>();
  let key = '';
  for (const line of wholeLines(content.toString('utf8'))) {
    if (line === '') {
      if (fields.size > 0 && !take(fields, found)) return [];
      if (fields.size > 0) [fields, key] = [new Map(), ''];
    } else if (line.startsWith(' ')) {
      // A continued number is invalid, and Syft drops the list as well.
      if (!fields.has(key) || key === 'InstalledSize') return [];
      if (WANTED.has(folded(key))) fields.set(key, `${fields.get(key)}\n ${line.trim()}`);
    } else {
      const colon = line.indexOf(':');
      const name = colon > 0 ? line.slice(0, colon).trim().replaceAll('-', '') : '';
      const value = line.slice(colon + 1).trim();
      const unread = colon <= 0 || (name === 'InstalledSize' && !/^[0-9][0-9.,]* ?[A-Za-z]*$/.test(value));
      if (unread) {
        key = '';
        continue;
      }
      if (fields.has(name)) return [];
      fields.set(name, value);
      key = name;
    }
  }
  return fields.size === 0 || take(fields, found) ? found : [];
}

const FIELDS = ['Package', 'Version', 'Architecture', 'Status'];
/** Fields that a scanner matches by. It reads the source's version from `Source`, and from a field unknown to dpkg. */
const IDENTITY = ['Version', 'Source', 'SourceVersion'];
/** Continuation lines of other fields, above all descriptions, are not kept. */
const WANTED = new Set([...FIELDS, ...IDENTITY].map(folded));

/** @returns false for an entry that makes Syft drop the whole list */
function take(fields: ReadonlyMap<string, string>, found: ListedPackage[]): boolean {
  if (!fields.has('InstalledSize') && inAnyCase(fields, 'InstalledSize') !== undefined) return false;
  const [name = '', version = '', architecture = '', status = ''] = FIELDS.map((field) => inAnyCase(fields, field));
  // Removed, but its configuration files remain.
  if (status.includes('deinstall') || name === '') return true;
  // Advisories of Debian and Ubuntu are about source packages.
  const identity = JSON.stringify(IDENTITY.map((field) => allInAnyCase(fields, field)));
  const [source = name] = (inAnyCase(fields, 'Source') || name).split(' ');
  found.push({ key: `${name}:${architecture}`, name, version, identity, source });
  return true;
}

/**
 * `info/curl.list`, a path in each line; `.md5sums` has the checksum, two blanks and the path without its first slash.
 */
export function readDpkgFiles(listPath: string, content: Buffer): readonly string[] {
  const lines = content.toString('utf8').split('\n');
  if (!listPath.endsWith('.md5sums')) return lines.filter((line) => line.startsWith('/'));
  return lines.flatMap((line) => (/^[0-9a-f]{32} {2}./.test(line) ? [`/${line.slice(34)}`] : []));
}
