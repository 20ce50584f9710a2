import type { ListedPackage } from './listed.ts';

/**
 * Fields by which Grype selects advisories: it falls back to those after the first three, and reads ID_LIKE besides ID.
 */
const KEYS = ['ID', 'VERSION_ID', 'VERSION_CODENAME', 'ID_LIKE', 'NAME', 'VERSION'] as const;

type Key = (typeof KEYS)[number];

/** Bytes of a line. Go's bufio.Scanner reads no longer one, and then Syft reads the next file that names a release. */
const LONGEST_LINE = 65_534;

/**
 * The fields by which advisories are selected (os-release(5)). Readers disagree about the keys and about the end of a
 * line, so every line counts that any of them could read, unchanged and in order.
 * @returns nothing for a file that Syft gives up
 */
export function readOsRelease(content: Buffer): readonly ListedPackage[] {
  if (hasLongLine(content)) return [];
  const values = new Map<string, string>();
  const lines = content
    .toString('utf8')
    .split('\n')
    .filter((line) => {
      const found = [line, ...line.split(OTHER_BREAKS)].map(assignment).filter((one) => one !== undefined);
      // As in a shell, the last of several counts. Only used for messages.
      for (const [key, value] of found) values.set(key, value);
      return found.length > 0;
    });
  if (lines.length === 0) return [];
  const [name = '', version = '', codename = ''] = KEYS.map((key) => values.get(key));
  return [{ key: '', name, version, identity: [codename, ...lines].join('\n') }];
}

function hasLongLine(content: Buffer): boolean {
  let start = 0;
  while (content.length - start > LONGEST_LINE) {
    const end = content.indexOf('\n', start);
    if (end < 0 || end - start > LONGEST_LINE) return true;
    start = end + 1;
  }
  return false;
}

/** Whether both say the same, apart from the code name and from how often and on which lines they say it. */
export function sameCodename(one: ListedPackage, other: ListedPackage): boolean {
  return one.identity.split('\n', 1)[0] === other.identity.split('\n', 1)[0];
}

/**
 * Whether every reader selects the same advisories by `newer`: distroless images write a shorter file over that of
 * `base-files`, without the code name (github.com/GoogleContainerTools/distroless, common/variables.bzl). With a numeric
 * VERSION_ID, Grype only narrows by the code name, and reads VERSION only where VERSION_ID is not a version
 * (grype/distro/distro.go, grype/db/v6/operating_system_store.go). Both must be written so that no reader can disagree.
 */
export function selectsTheSame(older: ListedPackage, newer: ListedPackage): boolean {
  const [was, is] = [plainFields(older), plainFields(newer)];
  if (!was?.get('ID') || !is || !/^\d+(?:\.\d+)*$/.test(was.get('VERSION_ID') ?? '')) return false;
  if ((['ID', 'VERSION_ID', 'ID_LIKE', 'NAME'] as const).some((key) => was.get(key) !== is.get(key))) return false;
  const [codename, version] = [is.get('VERSION_CODENAME'), is.get('VERSION')];
  if (codename !== undefined && codename !== was.get('VERSION_CODENAME')) return false;
  return version === undefined || version === was.get('VERSION') || /^[A-Za-z]+ /.test(version);
}

/** @returns undefined if a line is unusual, or if a key has two */
function plainFields({ identity }: ListedPackage): ReadonlyMap<Key, string> | undefined {
  const fields = new Map<Key, string>();
  for (const line of identity.split('\n').slice(1)) {
    const [, name, quoted, bare] = /^([A-Z_]+)=(?:"([\w ./()-]*)"|([\w.-]*))$/.exec(line) ?? [];
    const key = KEYS.find((one) => one === name);
    if (!key || fields.has(key)) return undefined;
    fields.set(key, quoted ?? bare ?? '');
  }
  return fields;
}

/** Line ends for some readers: control characters and Unicode's separators. */
const OTHER_BREAKS = /[^\P{Cc}\t]|[\u2028\u2029]/u;
/** White space, a byte order mark and invisible characters. */
const UNSEEN = /[\s\p{C}]/gu;

function assignment(line: string): readonly [key: string, value: string] | undefined {
  const equals = line.indexOf('=');
  if (equals < 0) return undefined;
  const key = KEYS.find((one) => one === line.slice(0, equals).replace(UNSEEN, ''));
  return (
    key && [
      key,
      line
        .slice(equals + 1)
        .trim()
        .replace(/^(["'])(.*)\1$/, '$2'),
    ]
  );
}

/** Packages that bring `os-release`: Debian's and Ubuntu's, Alpine's and Wolfi's, those of rpm distributions. */
const OWNER = /^(?:base-files|filesystem|[a-z]+-baselayout(?:-data)?)$/;

/** @param name of a package; openSUSE and openEuler use capitals */
export function bringsOsRelease(name: string): boolean {
  const lower = name.toLowerCase();
  if (OWNER.test(lower)) return true;
  // `alpine-release`, `fedora-release`, `fedora-release-container`
  const base = lower.endsWith('-release') ? lower : lower.replace(/-[a-z]+$/, '');
  return base.endsWith('-release') && base !== '-release' && /^[a-z0-9-]+$/.test(base);
}
