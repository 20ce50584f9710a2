import { type Cause, packageKey } from '../cause/cause.ts';
import type { Finding } from '../evidence.ts';
import { normalPath, readPurl } from '../purl/purl.ts';
import type { DeclaredIn } from './declared-in.ts';
import type { Entry } from './entry.ts';
import { formatOf } from './formats.ts';

/** A committed file of the build context, as it was committed. */
export interface DeclaringFile {
  /** Relative to the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

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
 * and to what the instruction copied, then the one with the shortest path.
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

interface Named extends Entry {
  readonly path: string;
}

/** By type and normalized name. */
type Index = ReadonlyMap<string, readonly Named[]>;

function indexOf(files: readonly DeclaringFile[]): Index {
  const index = new Map<string, Named[]>();
  for (const { path, text } of files) {
    const format = formatOf(path);
    for (const entry of format?.read(text) ?? []) {
      const key = keyOf(format?.type ?? '', entry.name);
      const same = index.get(key);
      if (same) same.push({ ...entry, path });
      else index.set(key, [{ ...entry, path }]);
    }
  }
  return index;
}

/** Syft's types whose names have several spellings, and their types of package URLs. */
const SPELLED: Readonly<Record<string, string>> = { python: 'pypi', dotnet: 'nuget', 'php-composer': 'composer' };

function keyOf(type: string, name: string): string {
  const of = Object.hasOwn(SPELLED, type) ? SPELLED[type] : undefined;
  return `${type} ${of === undefined ? name : normalPath(of, name)}`;
}

function placeOf({ finding, cause }: FindingWithCause, index: Index): DeclaredIn | undefined {
  const { package: own, locations } = finding;
  const entries = namesOf(own).flatMap((name) => index.get(keyOf(own.type, name)) ?? []);
  const exact = entries.filter(({ version }) => version !== undefined && sameVersion(version, own));
  const open = entries.filter(({ version }) => version === undefined);
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
      a.path.split('/').length - b.path.split('/').length ||
      (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1),
  );
  if (!best) return undefined;
  const { path: file, line, direct, via } = best;
  return { file, line, ...(direct === undefined ? {} : { direct }), ...(via === undefined ? {} : { via }) };
}

/** Java: `group:artifact`. Syft's name is the artifact, or has the group before it. */
function namesOf({ type, name, purl }: Finding['package']): readonly string[] {
  if (type !== 'java-archive') return [name];
  const path = purl === undefined ? undefined : readPurl(purl)?.path;
  return [path === undefined ? name : path.replace('/', ':')];
}

function sameVersion(declared: string, { type, version: installed }: Finding['package']): boolean {
  const bare = (version: string) => version.replace(/^v(?=\d)/, '');
  // Gems of one platform: `1.13.0-x86_64-linux`.
  return bare(declared) === bare(installed) || (type === 'gem' && declared.startsWith(`${installed}-`));
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
