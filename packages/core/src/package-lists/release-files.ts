/** Finds the file of an image that names its distribution, in Syft's order (syft/linux/identify_release.go). */
import { folderOf, layerPath } from '../contents/layer-path.ts';
import type { ListedPackage, ListPlace } from './listed.ts';

/** All of them are one list: a change matters only in the file that is read. */
const SCOPE = 'os-release ';
export const OS_RELEASE: readonly string[] = ['/etc/os-release', '/usr/lib/os-release'];
const DEBIAN_VERSION = '/etc/debian_version';
/**
 * The first one that exists is read. Busybox, which Syft looks for last, is left out: no database has advisories for
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

/** The target of such a link. Undefined for the usual link, whose target is read by itself. */
export function releaseLink(path: string, link = ''): string | undefined {
  const to = layerPath(link.startsWith('/') ? link : `${folderOf(path)}/${link}`);
  return path !== to && OS_RELEASE.includes(to) ? undefined : to;
}

/**
 * A link is identified by its target.
 * @param layer the last one that changed the target
 */
export function linkedRelease(to: string, layer: number): readonly ListedPackage[] {
  return [{ key: '', name: `link to ${to}`, version: '', identity: `${to} ${layer}` }];
}

/** The older files: one line of text. */
export function readReleaseText(content: Buffer): readonly ListedPackage[] {
  const text = content.toString('utf8').trim();
  return text === '' ? [] : [{ key: '', name: text, version: '', identity: text }];
}

/** Syft prefers this file to os-release for the version of a Debian. */
export function readDebianVersion(content: Buffer): readonly ListedPackage[] {
  const version = content.toString('utf8').trim();
  return /^\d+(?:\.\d+)?$/.test(version) ? [{ key: '', name: 'debian', version, identity: version }] : [];
}

interface ReleaseFile {
  readonly path: string;
  readonly packages: readonly ListedPackage[];
}

/** The file that is read, as it is read. Empty if there is none. */
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
