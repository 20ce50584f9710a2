/** What makes a list of packages. */
const LIST_KINDS = [
  ...(['dpkg', 'apk', 'rpm', 'pacman', 'conda', 'python', 'npm', 'gem', 'composer'] as const),
  ...(['rpm-manifest', 'portage', 'pear', 'r', 'jvm', 'homebrew', 'bitnami', 'bitnami-spdx'] as const),
  ...(['os-release', 'release-text', 'debian-version'] as const),
] as const;
export type ListKind = (typeof LIST_KINDS)[number];

/** Where a list lies, and what it is compared with. */
export interface ListPlace {
  readonly kind: ListKind;
  /** Files of one scope are one list: distroless has a file for each package, a folder of wheels one for each wheel. */
  readonly scope: string;
  /** What the paths in the list are relative to: empty for the image's own root, else without a slash at its end. */
  readonly root: string;
}

/** One package as a scanner reads it from a list. Text from the image. */
export interface ListedPackage {
  /** Tells it from the others of its scope, whatever its version. */
  readonly key: string;
  readonly name: string;
  readonly version: string;
  /** All that a scanner matches advisories by: two that differ are two packages to it. */
  readonly identity: string;
  /** What it was built from, without a version. Absent: what it is called. */
  readonly source?: string;
}

/** A package as the tools of its language call it. Text from the image. */
export interface Declared {
  readonly name: string;
  readonly version: string;
}

/** A package, and the list that names it. */
export interface Located {
  readonly listed: ListedPackage;
  readonly place: ListPlace;
  /** Of the list. */
  readonly path: string;
  /** The layer that the list as it was read is from. */
  readonly layer: number;
}

/** A list that a container sees. */
export interface SeenList {
  readonly path: string;
  readonly place: ListPlace;
  readonly layer: number;
  packages: readonly ListedPackage[];
  /** What it says to the tools of its language; of a list of a system, nothing. */
  declared: readonly Declared[];
  /** Why nobody knows what it says. */
  readonly unread?: string;
  readonly link?: HardLink;
  /** Of a link that says the release: where it leads. */
  readonly to?: string;
}

/** A package that a lower layer lists and the image no longer does. */
export interface Gone extends Located {
  /** The layer that took it off the list, or wrote another version beside its name. */
  readonly by: number;
  /** What the list says in its place: empty where it says nothing of the package. */
  readonly now: readonly ListedPackage[];
  /** Hard links that took the place of a list: what they say lies elsewhere in the same layer. */
  readonly links: readonly HardLink[];
  /** Of an os-release: the packages that bring it, as they were before and are afterwards. */
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

/** What Go's `strings.Split(…, "\n")` of a text gives, without what follows the last line break. */
export function wholeLines(text: string): readonly string[] {
  const lines = text.split('\n');
  lines.pop();
  return lines;
}

/** A field by its name, or else by its name in another case; two of these could be either one, and count as none. */
export function inAnyCase(fields: ReadonlyMap<string, string>, name: string): string | undefined {
  const exact = fields.get(name);
  if (exact !== undefined) return exact;
  const others = allInAnyCase(fields, name);
  return others.length === 1 ? others[0] : undefined;
}

/** What all fields of a name say, in whatever case it is written, in their order. */
export function allInAnyCase(fields: ReadonlyMap<string, string>, name: string): readonly string[] {
  const wanted = folded(name);
  return [...fields].flatMap(([each, value]) => (folded(each) === wanted ? [value] : []));
}

/**
 * A name in the one case that Go compares ASCII names in: the long s and the sign of Kelvin are letters of these to it,
 * the dotless i is not, and JavaScript's own change of case says otherwise of each.
 */
export function folded(name: string): string {
  return name
    .replaceAll('\u017f', 'S')
    .replaceAll('\u212a', 'K')
    .replace(/[a-z]/g, (letter) => letter.toUpperCase());
}
