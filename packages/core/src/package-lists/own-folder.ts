/** Packages that are one folder each, with a file in it that identifies them, as Syft reads them. */

import { folderOf, isUnder, layerPath, nameOf } from '../contents/layer-path.ts';
import { isRecord, parsedJson } from '../text/json.ts';
import type { FileTree, Seen } from './file-tree.ts';
import type { ListedPackage, ListPlace, Located } from './listed.ts';

const BITNAMI = '/opt/bitnami';

export function ownFolderAt(path: string): ListPlace | undefined {
  const name = nameOf(path);
  const of = (kind: ListPlace['kind'], root: string): ListPlace => ({ kind, scope: `${kind} ${path}`, root });
  if (name === 'DESCRIPTION') return of('r', folderOf(path));
  if (name === 'release') return of('jvm', folderOf(path));
  if (name === '.bitnami_components.json') return path === `${BITNAMI}/${name}` ? of('bitnami', BITNAMI) : undefined;
  if (/^\.spdx-.*\.spdx$/.test(name)) return isUnder(path, BITNAMI) ? of('bitnami-spdx', folderOf(path)) : undefined;
  const [, keg] = name.endsWith('.rb') ? (/^(.*\/Cellar\/[^/]+\/[^/]+)\/\.brew\/[^/]+$/.exec(path) ?? []) : [];
  return keg === undefined ? undefined : of('homebrew', keg);
}

/** `DESCRIPTION` of an R package. */
export function readDescription(content: Buffer): readonly ListedPackage[] {
  const fields = new Map<string, string>();
  for (const line of content.toString('utf8').split('\n')) {
    const [, key, value = ''] = /^([^\s:][^:]*):(.*)$/s.exec(line) ?? [];
    if (key !== undefined) fields.set(key, value.trim());
  }
  return one(fields.get('Package'), fields.get('Version'));
}

/** `release` of a JDK or JRE: the scanner derives the product from several of its lines. */
export function readJvmRelease(content: Buffer): readonly ListedPackage[] {
  const text = content.toString('utf8').trim();
  const version = /^JAVA_VERSION="?([^"\n]*)/m.exec(text)?.[1];
  return one('java', version).map((listed) => ({ ...listed, identity: text }));
}

/** The formula that Homebrew keeps for an installed package. Its folder gives the name and version. */
export function readFormula(_: Buffer, path: string): readonly ListedPackage[] {
  const keg = folderOf(folderOf(path));
  return one(nameOf(folderOf(keg)), nameOf(keg));
}

/** `.bitnami_components.json` of older images. */
export function readBitnamiComponents(content: Buffer): readonly ListedPackage[] {
  const components = parsedJson(content.toString('utf8'));
  if (!isRecord(components)) return [];
  return Object.entries(components).flatMap(([name, component]) =>
    isRecord(component) ? one(name, component.version) : [],
  );
}

/** SPDX in JSON; Syft ignores packages in it that are not Bitnami's own. */
export function readBitnamiSpdx(content: Buffer): readonly ListedPackage[] {
  const document = parsedJson(content.toString('utf8'));
  const packages = isRecord(document) && Array.isArray(document.packages) ? document.packages : [];
  return packages.flatMap((each: unknown) => {
    const references = isRecord(each) && Array.isArray(each.externalRefs) ? each.externalRefs : [];
    const isOwn = references.some(
      (reference: unknown) => isRecord(reference) && String(reference.referenceLocator).startsWith('pkg:bitnami'),
    );
    return isRecord(each) && isOwn ? one(each.name, each.versionInfo) : [];
  });
}

/** The files of such a package that a container sees. */
export function ownFolderFiles({ place: { kind, root }, path, listed }: Located, tree: FileTree): readonly Seen[] {
  // The folder of a JDK is recognised only by its program: other packages have a file called `release`, too.
  if (kind === 'jvm') {
    return ['bin/java', 'jre/bin/java'].flatMap((program): readonly Seen[] => {
      const at = layerPath(`${root}/${program}`);
      const layer = tree.layerOf(at);
      return layer === undefined ? [] : [[at, layer]];
    });
  }
  const folder = kind === 'bitnami' ? layerPath(`${root}/${listed.name}`) : root;
  return [...tree.below(folder, '.brew')].filter(([each]) => each !== path);
}

function one(name: unknown, version: unknown): readonly ListedPackage[] {
  if (typeof name !== 'string' || typeof version !== 'string' || name === '' || version === '') return [];
  return [{ key: name, name, version, identity: `${name} ${version}` }];
}
