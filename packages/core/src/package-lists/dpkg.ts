import { allInAnyCase, folded, inAnyCase, type ListedPackage, wholeLines } from './listed.ts';

/**
 * A status file of dpkg or opkg, or one of distroless's `status.d`, as Syft reads it: a list that it gives up, for a
 * field that stands twice or a continuation of nothing, lists nothing, however much stands in it.
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
      // A number that is continued is none, and makes Syft give up as well.
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
/** What a scanner matches by: it takes the source's version from `Source`, and from a field that dpkg does not know. */
const IDENTITY = ['Version', 'Source', 'SourceVersion'];
/** What follows the first line of the others, descriptions above all, is not kept. */
const WANTED = new Set([...FIELDS, ...IDENTITY].map(folded));

/** @returns false for what makes Syft give the whole list up */
function take(fields: ReadonlyMap<string, string>, found: ListedPackage[]): boolean {
  if (!fields.has('InstalledSize') && inAnyCase(fields, 'InstalledSize') !== undefined) return false;
  const [name = '', version = '', architecture = '', status = ''] = FIELDS.map((field) => inAnyCase(fields, field));
  // Removed, and its configuration kept.
  if (status.includes('deinstall') || name === '') return true;
  // Advisories of Debian and Ubuntu are about source packages.
  const identity = JSON.stringify(IDENTITY.map((field) => allInAnyCase(fields, field)));
  const [source = name] = (inAnyCase(fields, 'Source') || name).split(' ');
  found.push({ key: `${name}:${architecture}`, name, version, identity, source });
  return true;
}

/** `info/curl.list`, a path in each line; `.md5sums` has the checksum, two blanks and the path without its first slash. */
export function readDpkgFiles(listPath: string, content: Buffer): readonly string[] {
  const lines = content.toString('utf8').split('\n');
  if (!listPath.endsWith('.md5sums')) return lines.filter((line) => line.startsWith('/'));
  return lines.flatMap((line) => (/^[0-9a-f]{32} {2}./.test(line) ? [`/${line.slice(34)}`] : []));
}
