import { type Cause, packageKey } from '../cause/cause.ts';
import type { Finding } from '../finding.ts';
import { normalPath, readPurl } from '../purl/purl.ts';
import type { DeclaredIn, DeclaringFile } from './declared-in.ts';
import { entriesIn, type Named } from './files.ts';

/** A finding, and what added its package to the image, if known. */
export interface FindingWithCause {
  readonly finding: Pick<Finding, 'package' | 'locations'>;
  readonly cause?: Cause | undefined;
}

/** Whether a file of the repository can answer for this finding: not for what a base image contains. */
export function mayBeDeclared({ cause, finding: { package: own, locations } }: FindingWithCause): boolean {
  if (cause?.origin.kind === 'base') return false;
  // npm's own packages, and those that it installs globally.
  return (
    own.type !== 'npm' || !locations.every((path) => path.includes('/lib/node_modules/')) || locations.length === 0
  );
}

/**
 * The file that declares each package, by `packageKey`: one that names the package in exactly this version, or that
 * names it without an exact version. Of several files, the one that fits best to the package's location in the image
 * and to what the instruction copied; then one that a developer edits, then the one with the shortest path.
 */
export function declaredPlaces(
  findings: readonly FindingWithCause[],
  files: readonly DeclaringFile[],
): ReadonlyMap<string, DeclaredIn> {
  const index = indexOf(files);
  const places = new Map<string, DeclaredIn>();
  for (const one of findings) {
    const key = packageKey(one.finding.package);
    if (places.has(key) || !mayBeDeclared(one)) continue;
    const place = placeOf(one, index);
    if (place) places.set(key, place);
  }
  return places;
}

/** By type, normalized name and version, then by path; those without an exact version under `ANY_VERSION`. */
type Index = ReadonlyMap<string, ReadonlyMap<string, Named>>;

const ANY_VERSION = '';

/** Of each file the first line: a file may name one package many thousand times. */
function indexOf(files: readonly DeclaringFile[]): Index {
  const index = new Map<string, Map<string, Named>>();
  for (const one of entriesIn(files)) {
    for (const version of versionsOf(one)) {
      const key = `${keyOf(one.type, one.name)}\0${version}`;
      const byPath = index.get(key) ?? new Map<string, Named>();
      index.set(key, byPath);
      if (!(one.line >= (byPath.get(one.path)?.line ?? Number.POSITIVE_INFINITY))) byPath.set(one.path, one);
    }
  }
  return index;
}

/** More parts than the platform of a gem has. */
const MOST_PARTS = 4;

/** The versions of an installed package for which the entry may stand. Gems of one platform: `1.13.0-x86_64-linux`. */
function versionsOf({ type, version }: Named): readonly string[] {
  if (version === undefined) return [ANY_VERSION];
  const parts = type === 'gem' ? version.split('-', MOST_PARTS) : [];
  return [...new Set([version, ...parts.map((_, at) => parts.slice(0, at + 1).join('-'))].map(bareVersion))];
}

function bareVersion(version: string): string {
  return version.replace(/^v(?=\d)/, '');
}

/** Syft's types whose names have several spellings, and their types of package URLs. */
const SPELLED: Readonly<Record<string, string>> = { python: 'pypi', dotnet: 'nuget', 'php-composer': 'composer' };

function keyOf(type: string, name: string): string {
  const of = Object.hasOwn(SPELLED, type) ? SPELLED[type] : undefined;
  return `${type} ${of === undefined ? name : normalPath(of, name)}`;
}

function placeOf({ finding, cause }: FindingWithCause, index: Index): DeclaredIn | undefined {
  const { package: own, locations } = finding;
  const named = (version: string) =>
    namesOf(own).flatMap((name) => [...(index.get(`${keyOf(own.type, name)}\0${version}`)?.values() ?? [])]);
  const exact = named(bareVersion(own.version));
  const open = named(ANY_VERSION);
  const folders = locations.map(projectFolder);
  const copied = cause?.origin.kind === 'instruction' ? copiedBy(cause.origin.text) : [];
  const fit = ({ path }: Named) => {
    const parts = path.split('/').slice(0, -1);
    const shared = Math.max(0, ...folders.map((folder) => sharedEnd(parts, folder)));
    return shared * 2 + Number(copied.some((source) => path === source || path.startsWith(`${source}/`)));
  };
  const [best] = (exact.length > 0 ? exact : open).toSorted(
    (a, b) =>
      fit(b) - fit(a) ||
      Number(a.generated) - Number(b.generated) ||
      a.path.split('/').length - b.path.split('/').length ||
      (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1),
  );
  if (!best) return undefined;
  const { path: file, line, direct, via } = best;
  return { file, line, direct, via };
}

/** Java: `group:artifact`. Syft's name is the artifact, or has the group before it. */
function namesOf({ type, name, purl }: Finding['package']): readonly string[] {
  if (type !== 'java-archive') return [name];
  const path = purl === undefined ? undefined : readPurl(purl)?.path;
  return [path === undefined ? name : path.replace('/', ':')];
}

/** `/app/web` for `/app/web/package-lock.json` and for `/app/web/node_modules/lodash/package.json`. */
function projectFolder(location: string): readonly string[] {
  const parts = location.split('/').filter((part) => part !== '');
  const installed = parts.indexOf('node_modules');
  return parts.slice(0, installed < 0 ? -1 : installed);
}

function sharedEnd(a: readonly string[], b: readonly string[]): number {
  let count = 0;
  while (count < Math.min(a.length, b.length) && a.at(-1 - count) === b.at(-1 - count)) count += 1;
  return count;
}

/** The sources of a COPY or ADD that name a folder or a file. */
function copiedBy(instruction: string): readonly string[] {
  const words = instruction.split(/\s+/);
  if (!/^(copy|add)$/i.test(words[0] ?? '')) return [];
  const sources = words.slice(1, -1).filter((word) => !word.startsWith('--'));
  return sources.map((word) => word.replace(/^\.\//, '').replace(/\/$/, '')).filter((word) => !/^\.?$/.test(word));
}
