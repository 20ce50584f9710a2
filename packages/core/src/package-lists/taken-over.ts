/**
 * A removed package may leave files to another package: it was renamed, split, or replaced. The rules here decide which
 * other package counts, and for which files, so that a fabricated package cannot take over everything that should be
 * hidden.
 */
import type { Claim } from './file-list.ts';
import { type FileTree, mergedPath, pathsOf, type Seen } from './file-tree.ts';
import type { Gone } from './listed.ts';
import type { OwnedFiles } from './owned-files.ts';
import type { PackageListRecorder } from './recorder.ts';

interface Removed {
  readonly gone: Gone;
  readonly files: readonly Seen[];
}

/** The owner of a file of a removed package. */
export type Claimed =
  /** No other package. */
  | 'none'
  /** A package of the same source, because it was renamed or split, or one that always had the file, too. */
  | 'same software'
  | 'other software';

/**
 * Whether another package that is still listed owns a file as well. Takes all files at once, to read each list once.
 */
export function claimsOn(
  removed: readonly Removed[],
  recorder: PackageListRecorder,
  { owned, tree }: { readonly owned: OwnedFiles; readonly tree: FileTree },
): (gone: Gone, file: Seen) => Claimed {
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
  // Builders leave out a file that was rewritten unchanged, so one file of the same package must be present: a package
  // that has nothing of another cannot take it over by claims alone.
  const takenOver = new Map(
    removed.map(({ gone, files }) => {
      const written = files.flatMap(([path, layer]) => others(gone, path).filter((claim) => claim.layer <= layer));
      return [gone, new Set(written.map(({ layer }) => layer))];
    }),
  );
  const isSame = (gone: Gone, { scope, name, layer }: Claim) =>
    (recorder.sourceOf(scope, name) ?? name) === (gone.listed.source ?? gone.listed.name) ||
    layer <= Math.min(...owned.of(gone).map((claim) => claim.layer));
  return (gone, [path, layer]) => {
    const claims = others(gone, path).filter(
      (claim) => claim.layer <= layer || (takenOver.get(gone)?.has(claim.layer) && installed(claim)),
    );
    if (claims.length === 0) return 'none';
    return claims.some((claim) => isSame(gone, claim)) ? 'same software' : 'other software';
  };
}

function isOwn(claim: Claim, { listed, path, place }: Gone): boolean {
  return (claim.scope === place.scope && claim.name === listed.name) || claim.scope === path;
}

/**
 * A new package brings files. A package that is only a new name for old files does not, nor does one that claims more
 * files later.
 */
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
