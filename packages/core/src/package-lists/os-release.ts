import type { ListedPackage } from './listed.ts';

/**
 * Fields by which Grype selects advisories: it falls back to those after the first three, and reads ID_LIKE besides ID.
 */
const KEYS = ['ID', 'VERSION_ID', 'VERSION_CODENAME', 'ID_LIKE', 'NAME', 'VERSION'] as const;

/**
 * The fields by which advisories are selected (os-release(5)). Readers disagree about the keys and about the end of a
 * line, so every line counts that any of them could read, unchanged and in order.
 */
export function readOsRelease(content: Buffer): readonly ListedPackage[] {
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

/** Whether both say the same, apart from the code name and from how often and on which lines they say it. */
export function sameCodename(one: ListedPackage, other: ListedPackage): boolean {
  return one.identity.split('\n', 1)[0] === other.identity.split('\n', 1)[0];
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
