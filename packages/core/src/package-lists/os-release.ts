import type { ListedPackage } from './listed.ts';

/** What advisories are chosen by (os-release(5)): the last of several assignments counts, as in a shell. */
export function readOsRelease(content: Buffer): readonly ListedPackage[] {
  const values = new Map<string, string>();
  for (const line of content.toString('utf8', 0, 64 * 1024).split('\n')) {
    const [, name, value = ''] = /^\s*(ID|VERSION_ID|VERSION_CODENAME)\s*=(.*)$/.exec(line) ?? [];
    if (name !== undefined) values.set(name, value.trim().replace(/^(["'])(.*)\1$/, '$2'));
  }
  const [name = '', version = '', codename = ''] = ['ID', 'VERSION_ID', 'VERSION_CODENAME'].map((key) =>
    values.get(key),
  );
  return name === '' && version === '' ? [] : [{ key: '', name, version, identity: `${name} ${version} ${codename}` }];
}

/** Packages that bring `os-release`: Debian's and Ubuntu's, Alpine's and Wolfi's, those of rpm distributions. */
const OWNER = /^(?:base-files|filesystem|[a-z]+-baselayout(?:-data)?)$/;

export function bringsOsRelease(name: string): boolean {
  if (OWNER.test(name)) return true;
  // `alpine-release`, `fedora-release`, `fedora-release-container`
  const base = name.endsWith('-release') ? name : name.replace(/-[a-z]+$/, '');
  return base.endsWith('-release') && base !== '-release' && /^[a-z0-9-]+$/.test(base);
}
