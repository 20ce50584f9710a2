import type { Trace } from '../contents/image-contents.ts';
import { clipped } from '../text/wording.ts';
import type { Claim } from './file-list.ts';
import { type FileTree, mergedPath, pathsOf, type Seen } from './file-tree.ts';
import type { Gone, ListedPackage } from './listed.ts';
import { sameCodename } from './os-release.ts';
import type { OwnedFiles } from './owned-files.ts';
import { filesOf, matters } from './package-files.ts';
import { READERS } from './read.ts';
import type { PackageListRecorder } from './recorder.ts';
import { OS_RELEASE, saysRelease } from './release-files.ts';

/** A package off its list whose files a layer wrote again: what decides is whether they say the same as before. */
export interface Rewritten {
  readonly gone: Gone;
  readonly files: readonly Seen[];
}

export interface Judged {
  readonly traces: readonly Trace[];
  readonly rewritten: readonly Rewritten[];
}

/** What a second look at the layers brought. */
export interface Survey {
  readonly tree: FileTree;
  readonly owned: OwnedFiles;
  /** What a hard link in the place of a list leads to. */
  readonly linked: (layer: number, target: string) => Buffer | undefined;
}

const SYSTEMS = ['dpkg ', 'apk ', 'rpm ', 'pacman ', 'rpm-manifest ', 'portage '];

/**
 * Which packages were taken off their lists and not out of the image. A package that was removed took its files with it;
 * one that was upgraded had them replaced; one that is now part of another is on that one's list.
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
    else if (first && files.every(([, layer]) => layer < gone.by)) {
      say(`${became(gone)}, its files did not change (${shown(first)})`);
    }
  }
  const claimed = claimsOn(removed, recorder, survey);
  for (const { gone, files } of removed) {
    const left = files.filter((file) => !claimed(gone, file));
    const below = left.find(([, layer]) => layer < gone.by);
    if (below) traces.push(traceOf(gone, `${became(gone)}, its files remain (${shown(below)})`));
    else if (left.length > 0) rewritten.push({ gone, files: left });
  }
  return { traces, rewritten };
}

export function remains({ gone, files }: Rewritten, same: Seen): Trace {
  const others = files.length > 1 ? ', written again' : ' was written again';
  return traceOf(gone, `${became(gone)}, its files remain (${shown(same)}${others})`);
}

export function traceOf({ path, by }: Pick<Gone, 'path' | 'by'>, what: string): Trace {
  return { kind: 'hidden-package', path, layer: by, what };
}

function became({ listed, now }: Gone): string {
  const [other] = now;
  if (!other) return `package ${called(listed)} removed from the list`;
  // Of two that are called the same, the source package changed.
  const same = called(other) === called(listed) ? `${called(other)}, of another source` : called(other);
  return `package ${called(listed)} became ${same} in the list`;
}

function called({ name, version }: ListedPackage): string {
  return `${clipped(name)} ${clipped(version)}`.trimEnd();
}

function shown([path]: Seen): string {
  return clipped(path);
}

/** A hard link in the place of the list says the same of the package. */
function isLinked({ links, listed }: Gone, { linked }: Survey): boolean {
  return links.some(({ place, path, layer, target }) => {
    const content = linked(layer, target);
    return content && READERS[place.kind](content, path).some(({ identity }) => identity === listed.identity);
  });
}

/** Metadata of a language that a package of the system brought: the system's list speaks for it. */
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

/** Whether another package, which is still listed, has a file as well. All files at once: each list is read once. */
function claimsOn(
  removed: readonly Rewritten[],
  recorder: PackageListRecorder,
  { owned, tree }: Survey,
): (gone: Gone, file: Seen) => boolean {
  const wanted = new Set(
    removed.flatMap(({ gone, files }) => files.map(([path]) => mergedPath(path, gone.place.root))),
  );
  const byPath = new Map<string, Claim[]>();
  const installed = installedPackages(owned, tree);
  for (const claim of owned.claimsOn(wanted)) {
    if (!recorder.lists(claim.scope, claim.name)) continue;
    for (const path of claim.files) {
      const claims = byPath.get(path);
      if (claims) claims.push(claim);
      else byPath.set(path, [claim]);
    }
  }
  const others = (gone: Gone, path: string) =>
    (byPath.get(mergedPath(path, gone.place.root)) ?? []).filter((claim) => !isOwn(claim, gone));
  // Builders leave a file out that was written again as it was, and so one file of the same package has to be there: a
  // package that has nothing of another cannot take it over by its words.
  const takenOver = new Map(
    removed.map(({ gone, files }) => {
      const written = files.flatMap(([path, layer]) => others(gone, path).filter((claim) => claim.layer <= layer));
      return [gone, new Set(written.map(({ layer }) => layer))];
    }),
  );
  return (gone, [path, layer]) =>
    others(gone, path).some(
      (claim) => claim.layer <= layer || (takenOver.get(gone)?.has(claim.layer) && installed(claim)),
    );
}

function isOwn(claim: Claim, { listed, path, place }: Gone): boolean {
  return (claim.scope === place.scope && claim.name === listed.name) || claim.scope === path;
}

/** A new package brings something. One that is only a new name for old files does not, nor one that claims more later. */
function installedPackages(owned: OwnedFiles, tree: FileTree): (claim: Claim) => boolean {
  const nameOf = ({ scope, name }: Claim) => `${scope}\0${name}`;
  let known: Map<string, { first: number; brings: boolean }> | undefined;
  const look = () => {
    const found = new Map<string, { first: number; brings: boolean }>();
    for (const claim of owned.all()) {
      const one = found.get(nameOf(claim)) ?? { first: claim.layer, brings: false };
      found.set(nameOf(claim), one);
      if (claim.layer < one.first) [one.first, one.brings] = [claim.layer, false];
      if (claim.layer === one.first) one.brings ||= hasFileOf(claim, tree);
    }
    return found;
  };
  return (claim) => {
    known ??= look();
    const { first, brings } = known.get(nameOf(claim)) ?? { first: -1, brings: false };
    return brings && claim.layer === first;
  };
}

function hasFileOf({ files, root, layer }: Claim, tree: FileTree): boolean {
  return files.some((file) => pathsOf(file, root).some((path) => tree.layerOf(path) === layer));
}

/**
 * The name of the distribution changed, and no package that brings it did. Others are called like one that does
 * (`lsb-release`), or say later that they do: where a list names the file, the first package counts.
 */
function changedAlone({ owners, path }: Gone, recorder: PackageListRecorder, { owned }: Survey): boolean {
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
