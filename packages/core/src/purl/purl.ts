/** A package URL (github.com/package-url/purl-spec), parsed, decoded, and normalized by the rules of its type. */
export interface PackageUrl {
  readonly type: string;
  /** Namespace and name, as a path: `golang.org/x/text`, `@scope/name`. */
  readonly path: string;
  readonly version?: string | undefined;
  readonly qualifiers: ReadonlyMap<string, string>;
}

/**
 * Accepts more than the specification: SBOMs contain package URLs that its validators reject (maven without a
 * namespace, Go versions that are not semver), and no rule finds a package whose URL cannot be read.
 * @returns undefined for text that is not a package URL.
 */
export function readPurl(text: string): PackageUrl | undefined {
  const [beforeFragment = ''] = text.split('#', 1);
  const question = beforeFragment.indexOf('?');
  const parts = purlParts(question < 0 ? beforeFragment : beforeFragment.slice(0, question));
  if (!parts || parts.type.includes('*')) return undefined;
  const [path, version] = [decoded(parts.path), parts.version === undefined ? undefined : decoded(parts.version)];
  const qualifiers = qualifiersOf(question < 0 ? '' : beforeFragment.slice(question + 1));
  if (path === undefined || (parts.version !== undefined && version === undefined) || !qualifiers) return undefined;
  const { type } = parts;
  return { type, path: normalPath(type, path), version: version || undefined, qualifiers };
}

/** The type, path and version of a package URL without qualifiers, not decoded yet. */
export function purlParts(
  text: string,
): { readonly type: string; readonly path: string; readonly version?: string | undefined } | undefined {
  // Parsers must accept `pkg://`, and must ignore the extra slashes after the colon.
  const type = /^pkg:\/*([a-z*][a-z0-9.+*-]*)\//i.exec(text);
  if (!type?.[1]) return undefined;
  const rest = text.slice(type[0].length);
  // The scope of an npm package begins with `@`, which otherwise begins a version; people often do not encode it.
  const at = rest.lastIndexOf('@');
  const isVersion = at > 0 && rest.charAt(at - 1) !== '/';
  const path = (isVersion ? rest.slice(0, at) : rest)
    .split('/')
    .filter((part) => part !== '')
    .join('/');
  if (path === '') return undefined;
  return { type: type[1].toLowerCase(), path, version: isVersion ? rest.slice(at + 1) : undefined };
}

/** The type alone, in lower case: `deb`, `golang`. Undefined for text that does not begin like a package URL. */
export function purlType(text: string): string | undefined {
  return /^pkg:\/*([a-z][a-z0-9.+-]*)\//i.exec(text)?.[1]?.toLowerCase();
}

/** @returns undefined for percent-encoding that is not UTF-8. */
export function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function qualifiersOf(text: string): ReadonlyMap<string, string> | undefined {
  const qualifiers = new Map<string, string>();
  for (const pair of text.split('&')) {
    const equals = pair.indexOf('=');
    if (equals < 1) continue;
    const value = decoded(pair.slice(equals + 1));
    if (value === undefined) return undefined;
    if (value !== '') qualifiers.set(pair.slice(0, equals).toLowerCase(), value);
  }
  return qualifiers;
}

/** Types whose names are not case-sensitive (purl-spec, types/*-definition.json), and NuGet's, by its own rule. */
const ANY_CASE = new Set(
  'alpm apk bitbucket bitnami composer deb github gitlab golang hex nuget oci pub pypi'.split(' '),
);
/** Types with case-insensitive namespaces, but case-sensitive names. */
const ANY_CASE_NAMESPACE = new Set(['qpkg', 'rpm']);

/** One spelling for names that are equal by the rules of their type. Also for patterns: a star stays unchanged. */
export function normalPath(type: string, path: string): string {
  if (ANY_CASE_NAMESPACE.has(type)) {
    const slash = path.lastIndexOf('/');
    return path.slice(0, slash + 1).toLowerCase() + path.slice(slash + 1);
  }
  if (!ANY_CASE.has(type)) return path;
  const lower = path.toLowerCase();
  switch (type) {
    // PEP 503.
    case 'pypi':
      return lower.replace(/[-_.]+/g, '-');
    case 'pub':
      return lower.replaceAll('-', '_');
    default:
      return lower;
  }
}

/**
 * Whether `purl` is the package that `wanted` names: same type, namespace, name and version, and every qualifier that
 * `wanted` has. A package URL without a version names all versions of a package, so it never matches.
 */
export function samePackage(wanted: PackageUrl, purl: PackageUrl): boolean {
  return (
    wanted.version !== undefined &&
    wanted.type === purl.type &&
    wanted.path === purl.path &&
    wanted.version === purl.version &&
    [...wanted.qualifiers].every(([name, value]) => purl.qualifiers.get(name) === value)
  );
}
