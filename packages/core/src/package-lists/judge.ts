import type { Trace } from '../contents/image-contents.ts';
import { clipped } from '../text/wording.ts';
import { type FileTree, mergedPath, type Seen } from './file-tree.ts';
import type { Gone, ListedPackage } from './listed.ts';
import { sameCodename, selectsTheSame } from './os-release.ts';
import type { OwnedFiles } from './owned-files.ts';
import { filesOf, matters } from './package-files.ts';
import { READERS } from './read.ts';
import type { PackageListRecorder } from './recorder.ts';
import { OS_RELEASE, saysRelease } from './release-files.ts';
import { claimsOn } from './taken-over.ts';

/** A package removed from its list whose files a layer rewrote: it counts only if their content is unchanged. */
export interface Rewritten {
  readonly gone: Gone;
  readonly files: readonly Seen[];
  /** Of packages with other software, which have these files now: whether programs and libraries are still the same. */
  readonly onlyCode?: boolean;
}

export interface Judged {
  readonly traces: readonly Trace[];
  readonly rewritten: readonly Rewritten[];
}

/** Results of the second pass over the layers. */
export interface Survey {
  readonly tree: FileTree;
  readonly owned: OwnedFiles;
  /** Target content of a hard link that replaced a list. */
  readonly linked: (layer: number, target: string) => Buffer | undefined;
}

const SYSTEMS = ['dpkg ', 'apk ', 'rpm ', 'pacman ', 'rpm-manifest ', 'portage '];

/**
 * Finds packages removed from their lists, but not from the image. The files of a removed package are gone, those of an
 * upgraded one were replaced, and those of a package that became part of another are on that package's list.
 */
export function judge(recorder: PackageListRecorder, survey: Survey): Judged {
  const traces: Trace[] = [];
  const rewritten: Rewritten[] = [];
  const bySystem = listsOfSystems(recorder.gone, survey.owned);
  const removed: Rewritten[] = [];
  for (const gone of recorder.gone) {
    if (isLinked(gone, survey)) continue;
    const say = (what: string) => traces.push(traceOf(gone, what));
    if (saysRelease(gone.place)) {
      if (changedAlone(gone, recorder, survey)) say(releaseText(gone));
      continue;
    }
    if (bySystem(gone)) continue;
    const files = filesOf(gone, survey.owned, survey.tree);
    const [first, ...more] = (files ?? []).filter((file) => matters(gone, file));
    if (!files) say(`${became(gone)}, and no list of its files is known`);
    else if (first && gone.now.length === 0) removed.push({ gone, files: [first, ...more] });
    else if (first && files.every(([, layer]) => layer < gone.by) && !hadNoVersion(gone)) {
      say(`${became(gone)}, its files did not change (${shown(first)})`);
    }
  }
  const claimed = claimsOn(removed, recorder, survey);
  for (const { gone, files } of removed) {
    const left = files.filter((file) => claimed(gone, file) === 'none');
    const below = left.find(([, layer]) => layer < gone.by);
    if (below) {
      traces.push(traceOf(gone, `${became(gone)}, its files remain (${shown(below)})`));
      continue;
    }
    if (left.length > 0) rewritten.push({ gone, files: left });
    const others = isSystem(gone.place.scope) ? files.filter((file) => claimed(gone, file) === 'other software') : [];
    if (others.length > 0) rewritten.push({ gone, files: others, onlyCode: true });
  }
  return { traces, rewritten };
}

/**
 * The version that setuptools writes if there is none: an editable install before the sources were copied. The author
 * of such a package may choose any version anyway.
 */
function hadNoVersion({ place, path, listed, now: [now] }: Gone): boolean {
  const isEgg = place.kind === 'python' && path.endsWith('.egg-info/PKG-INFO');
  return isEgg && now?.name === listed.name && /^0(?:\.0)*(?:\.dev0)?(?:\+.*)?$/.test(listed.version);
}

export function remains({ gone, files, onlyCode }: Rewritten, same: Seen): Trace {
  if (onlyCode) return traceOf(gone, `${became(gone)}, its files remain (${shown(same)}, now of another package)`);
  const others = files.length > 1 ? ', written again' : ' was written again';
  return traceOf(gone, `${became(gone)}, its files remain (${shown(same)}${others})`);
}

export function traceOf({ path, by }: Pick<Gone, 'path' | 'by'>, what: string): Trace {
  return { kind: 'hidden-package', path, layer: by, what };
}

function became({ listed, now }: Gone): string {
  const [other] = now;
  if (!other) return `package ${called(listed)} removed from the list`;
  // With equal names, the source package changed.
  const same = called(other) === called(listed) ? `${called(other)}, of another source` : called(other);
  return `package ${called(listed)} became ${same} in the list`;
}

function called({ name, version }: ListedPackage): string {
  return `${clipped(name)} ${clipped(version)}`.trimEnd();
}

function shown([path]: Seen): string {
  return clipped(path);
}

/** A hard link that replaced the list has the same entry for the package. */
function isLinked({ links, listed }: Gone, { linked }: Survey): boolean {
  return links.some(({ place, path, layer, target }) => {
    const content = linked(layer, target);
    return content && READERS[place.kind](content, path).some(({ identity }) => identity === listed.identity);
  });
}

/** Language metadata owned by a system package: the system's list covers it. */
function listsOfSystems(all: readonly Gone[], owned: OwnedFiles): (gone: Gone) => boolean {
  const paths = new Set(all.flatMap(({ place, path }) => (isSystem(place.scope) ? [] : [mergedPath(path)])));
  if (paths.size === 0) return () => false;
  const claims = owned.claimsOn(paths).filter(({ scope }) => isSystem(scope));
  const first = new Map<string, number>();
  for (const { files, layer } of claims) {
    for (const path of files) first.set(path, Math.min(layer, first.get(path) ?? layer));
  }
  return ({ place, path, layer }) =>
    !isSystem(place.scope) && (first.get(mergedPath(path)) ?? Number.POSITIVE_INFINITY) <= layer;
}

function isSystem(scope: string): boolean {
  return SYSTEMS.some((system) => scope.startsWith(system));
}

/**
 * The name of the distribution changed, and no package that brings it did. Others are called like one that does
 * (`lsb-release`), or say later that they do: where a list names the file, the first package counts.
 */
function changedAlone({ listed, now, owners, path }: Gone, recorder: PackageListRecorder, { owned }: Survey): boolean {
  const [other, ...more] = now;
  if (other && more.length === 0 && selectsTheSame(listed, other)) return false;
  if (!SYSTEMS.some((system) => recorder.hasPackages(system))) return false;
  const claims = owned.claimsOn(new Set([path, ...OS_RELEASE])).filter(({ scope }) => isSystem(scope));
  const first = Math.min(...claims.map(({ layer }) => layer));
  const names = new Set(claims.filter(({ layer }) => layer === first).map(({ name }) => name));
  return !owners?.changed.some((name) => names.size === 0 || names.has(name));
}

function releaseText({ listed, now: [now] }: Gone): string {
  const was = `the distribution ${called(listed)}`;
  const same = now && called(now) === called(listed);
  const otherwise = now && sameCodename(now, listed) ? 'with other lines of it' : 'of another code name';
  const is = now ? (same ? `${called(now)} ${otherwise}` : called(now)) : 'nothing';
  return `${was} became ${is}, and the package that says it did not change`;
}
