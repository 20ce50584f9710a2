/** Which file of an image says its distribution, as Syft looks for it (syft/linux/identify_release.go). */
import { folderOf, layerPath } from '../contents/layer-path.ts';
import type { ListedPackage, ListPlace } from './listed.ts';

/** All are one list: a change to one matters where it is the one that is read. */
const SCOPE = 'os-release ';
export const OS_RELEASE: readonly string[] = ['/etc/os-release', '/usr/lib/os-release'];
const DEBIAN_VERSION = '/etc/debian_version';
/**
 * The first that is there is read. Busybox, which Syft looks for last, is left out: no database has advisories for
 * packages of a distribution of that name.
 */
const IDENTITY = [...OS_RELEASE, '/etc/system-release-cpe', '/etc/redhat-release'];

export function releaseFileAt(path: string): ListPlace | undefined {
  if (path === DEBIAN_VERSION) return { kind: 'debian-version', scope: SCOPE, root: '' };
  const at = IDENTITY.indexOf(path);
  return at < 0 ? undefined : { kind: at < 2 ? 'os-release' : 'release-text', scope: SCOPE, root: '' };
}

export function saysRelease({ scope }: Pick<ListPlace, 'scope'>): boolean {
  return scope === SCOPE;
}

/** Where such a link leads. Undefined for the usual one, whose target is looked at by itself. */
export function releaseLink(path: string, link = ''): string | undefined {
  const to = layerPath(link.startsWith('/') ? link : `${folderOf(path)}/${link}`);
  return path !== to && OS_RELEASE.includes(to) ? undefined : to;
}

/** A link is what it leads to. @param layer the last one that changed what it leads to */
export function linkedRelease(to: string, layer: number): readonly ListedPackage[] {
  return [{ key: '', name: `link to ${to}`, version: '', identity: `${to} ${layer}` }];
}

/** The older files: one line of text. */
export function readReleaseText(content: Buffer): readonly ListedPackage[] {
  const text = content.toString('utf8').trim();
  return text === '' ? [] : [{ key: '', name: text, version: '', identity: text }];
}

/** Syft takes the version of a Debian from here, before os-release. */
export function readDebianVersion(content: Buffer): readonly ListedPackage[] {
  const version = content.toString('utf8').trim();
  return /^\d+(?:\.\d+)?$/.test(version) ? [{ key: '', name: 'debian', version, identity: version }] : [];
}

interface ReleaseFile {
  readonly path: string;
  readonly packages: readonly ListedPackage[];
}

/** The one that is read, as it is read. Empty where there is none. */
export function effectiveRelease<T extends ReleaseFile>(files: readonly T[]): readonly T[] {
  const at = (path: string) => files.find((file) => file.path === path);
  const [first] = IDENTITY.flatMap((path, order) => {
    const file = at(path);
    return file && (order < 2 || file.packages.length > 0) ? [file] : [];
  });
  if (!first) return [];
  const version = at(DEBIAN_VERSION)?.packages[0]?.version;
  const packages = first.packages.map((listed) => {
    // Point releases have the same advisories.
    if (version === undefined || majorOf(version) === majorOf(listed.version)) return listed;
    return { ...listed, version, identity: `${listed.identity}\ndebian_version=${majorOf(version)}` };
  });
  return [{ ...first, packages }];
}

function majorOf(version: string): string {
  return version.split('.', 1)[0] ?? '';
}
