/** A package URL (github.com/package-url/purl-spec), taken apart, decoded, and spelled in the one way that its type has. */
export interface PackageUrl {
  readonly type: string;
  /** Namespace and name, as a path: `golang.org/x/text`, `@scope/name`. */
  readonly path: string;
  readonly version?: string | undefined;
  readonly qualifiers: ReadonlyMap<string, string>;
}

/**
 * Reads more than the specification allows: catalogues hold package URLs that its validators refuse (maven without a
 * namespace, versions of Go that are no semver), and a package that cannot be read is a package that no rule finds.
 * @returns undefined for text that is no package URL.
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
): { readonly type: string; readonly path: string; readonly version?: string } | undefined {
  // Parsers must accept `pkg://`, and must ignore what follows the colon but says nothing.
  const type = /^pkg:\/*([a-z*][a-z0-9.+*-]*)\//i.exec(text);
  if (!type?.[1]) return undefined;
  const rest = text.slice(type[0].length);
  // The scope of an npm package begins with a character that otherwise begins a version; people leave it as it is.
  const at = rest.lastIndexOf('@');
  const isVersion = at > 0 && rest.charAt(at - 1) !== '/';
  const path = (isVersion ? rest.slice(0, at) : rest)
    .split('/')
    .filter((part) => part !== '')
    .join('/');
  if (path === '') return undefined;
  return { type: type[1].toLowerCase(), path, ...(isVersion ? { version: rest.slice(at + 1) } : {}) };
}

/** The type alone, in lower case: `deb`, `golang`. Undefined for text that does not begin as a package URL does. */
export function purlType(text: string): string | undefined {
  return /^pkg:\/*([a-z][a-z0-9.+-]*)\//i.exec(text)?.[1]?.toLowerCase();
}

/** @returns undefined for a percent sign that encodes no UTF-8. */
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
/** Types whose namespaces are not, but whose names are. */
const ANY_CASE_NAMESPACE = new Set(['qpkg', 'rpm']);

/** One spelling for what a type calls the same name. Of patterns, too: a star is left as it is. */
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
 * `wanted` has. A purl without a version names all versions of a package, and none meets it.
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
