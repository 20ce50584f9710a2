import { PackageURL } from 'packageurl-js';
import picomatch from 'picomatch';
import { TidegateError } from './error.ts';

/** A package URL (github.com/package-url/purl-spec), taken apart and decoded. */
export interface PackageUrl {
  readonly type: string;
  /** Namespace and name, as a path: `golang.org/x/text`, `@scope/name`. */
  readonly path: string;
  readonly version?: string;
  readonly qualifiers: ReadonlyMap<string, string>;
}

/** @returns undefined for what is no package URL. */
export function readPurl(text: string): PackageUrl | undefined {
  try {
    const { type, namespace, name, version, qualifiers } = PackageURL.fromString(text);
    if (!type || !name) return undefined;
    return {
      type,
      path: namespace ? `${namespace}/${name}` : name,
      ...(version ? { version } : {}),
      qualifiers: new Map(Object.entries(qualifiers ?? {})),
    };
  } catch {
    return undefined;
  }
}

/** The type alone, in lower case: `deb`, `golang`. Undefined for what does not begin as a package URL does. */
export function purlType(text: string): string | undefined {
  return /^pkg:([a-z][a-z0-9.+-]*)\//i.exec(text)?.[1]?.toLowerCase();
}

/**
 * Whether `purl` is the package that `wanted` names: same type, namespace, name and version, and every qualifier that
 * `wanted` has. A purl without a version names no package but all its versions, and is met by none.
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

/** What of a package a pattern is held against. */
export interface PatternSubject {
  readonly name: string;
  readonly version: string;
  readonly type: string;
  readonly purl?: string;
}

export type PurlPattern = (subject: PatternSubject) => boolean;

const PATTERN = /^pkg:([a-z0-9.+*-]+)\/([^@?#\s]+)(?:@([^?#\s]+))?$/i;

/**
 * `pkg:TYPE/NAME[@VERSION]`, where each part may hold `*` (within a part of a path) and NAME `**` (over several).
 * Without a version, every version is meant. A scope is written as npm writes it, `pkg:npm/@scope/name`, or encoded.
 * @throws TidegateError `bad-input`
 */
export function purlPattern(text: string): PurlPattern {
  const decoded = text.replace(/^(pkg:[^/]+\/)(?:%40|@)/i, '$1%40');
  const [, type, rawPath, version] = PATTERN.exec(decoded) ?? [];
  if (!type || !rawPath || /[[\]{}()!\\]/.test(decoded)) {
    throw new TidegateError('bad-input', `${JSON.stringify(text.slice(0, 80))} is no pattern of package URLs.`, {
      next: 'Write pkg:TYPE/NAME, with @VERSION where one version is meant: pkg:npm/lodash@4.17.20, pkg:deb/debian/*.',
    });
  }
  const path = rawPath.replace(/^%40/i, '@');
  const glob = (pattern: string) => picomatch(pattern, { dot: true, nocase: false, noextglob: true, nobrace: true });
  const [isType, isPath, isVersion] = [glob(type.toLowerCase()), glob(path), version ? glob(version) : () => true];
  return (subject) => {
    const purl = subject.purl ? readPurl(subject.purl) : undefined;
    // A package whose purl is missing or cannot be read is still the package that its catalogue names.
    const [itsType, itsPath, itsVersion] = purl
      ? [purl.type, purl.path, purl.version ?? subject.version]
      : [subject.type, subject.name, subject.version];
    return isType(itsType.toLowerCase()) && isPath(itsPath) && (isVersion(itsVersion) || isVersion(subject.version));
  };
}
