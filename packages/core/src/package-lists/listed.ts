/** Kinds of package lists. */
const LIST_KINDS = [
  ...(['dpkg', 'apk', 'rpm', 'pacman', 'conda', 'python', 'npm', 'gem', 'composer'] as const),
  ...(['rpm-manifest', 'portage', 'pear', 'r', 'jvm', 'homebrew', 'bitnami', 'bitnami-spdx'] as const),
  ...(['os-release', 'release-text', 'debian-version'] as const),
] as const;
export type ListKind = (typeof LIST_KINDS)[number];

/** The location of a list, and the scope in which it is compared. */
export interface ListPlace {
  readonly kind: ListKind;
  /** All files of one scope are one list: distroless has one file per package, a folder of wheels one per wheel. */
  readonly scope: string;
  /** Base of the paths in the list: empty for the image's own root, otherwise without a trailing slash. */
  readonly root: string;
}

/** One package as a scanner reads it from a list. Untrusted text. */
export interface ListedPackage {
  /** Identifies it within its scope, whatever its version. */
  readonly key: string;
  readonly name: string;
  readonly version: string;
  /**
   * Everything that a scanner matches advisories by: two packages that differ in it are different packages to a
   * scanner.
   */
  readonly identity: string;
  /** The source package, without a version. Absent: the same as the name. */
  readonly source?: string | undefined;
}

/** A package as the tools of its language name it. Untrusted text. */
export interface Declared {
  readonly name: string;
  readonly version: string;
}

/** A package, and the list that names it. */
export interface Located {
  readonly listed: ListedPackage;
  readonly place: ListPlace;
  /** Path of the list. */
  readonly path: string;
  /** The layer that the list was read from. */
  readonly layer: number;
}

/** A list that a container sees. */
export interface SeenList {
  readonly path: string;
  readonly place: ListPlace;
  readonly layer: number;
  packages: readonly ListedPackage[];
  /** The packages that it declares to the tools of its language; empty for a list of a system. */
  declared: readonly Declared[];
  /** Why its content is unknown. */
  readonly unread?: string;
  readonly link?: HardLink;
  /** Target, if it is a link that names the release. */
  readonly to?: string;
}

/** A package that a lower layer lists, but the image no longer does. */
export interface Gone extends Located {
  /** The layer that removed it from the list, or listed another version under its name. */
  readonly by: number;
  /** The entries that replace it in the list; empty if the list no longer names the package. */
  readonly now: readonly ListedPackage[];
  /** Hard links that replaced a list: their content is elsewhere in the same layer. */
  readonly links: readonly HardLink[];
  /** For an os-release: names of the packages that bring it and that the same layer changed. */
  readonly owners?: { readonly changed: readonly string[] } | undefined;
}

/** A list that could not be compared. */
export interface Unread {
  readonly path: string;
  readonly layer: number;
  readonly why: string;
}

export interface HardLink {
  readonly place: ListPlace;
  readonly path: string;
  readonly target: string;
  readonly layer: number;
}

/** The result of Go's `strings.Split(…, "\n")`, without the text after the last line break. */
export function wholeLines(text: string): readonly string[] {
  const lines = text.split('\n');
  lines.pop();
  return lines;
}

/** A field by its exact name, otherwise by its name in another case; two of these are ambiguous and count as none. */
export function inAnyCase(fields: ReadonlyMap<string, string>, name: string): string | undefined {
  const exact = fields.get(name);
  if (exact !== undefined) return exact;
  const others = allInAnyCase(fields, name);
  return others.length === 1 ? others[0] : undefined;
}

/** The values of all fields with a name, in any case, in order. */
export function allInAnyCase(fields: ReadonlyMap<string, string>, name: string): readonly string[] {
  const wanted = folded(name);
  return [...fields].flatMap(([each, value]) => (folded(each) === wanted ? [value] : []));
}

/**
 * A name folded as Go compares ASCII names: the long s and the Kelvin sign equal these letters, the dotless i does not,
 * and JavaScript's case conversion differs for each.
 */
export function folded(name: string): string {
  return name
    .replaceAll('\u017f', 'S')
    .replaceAll('\u212a', 'K')
    .replace(/[a-z]/g, (letter) => letter.toUpperCase());
}
