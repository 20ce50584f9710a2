import { TidegateError } from '../error.ts';
import { type Glob, glob } from '../text/glob.ts';
import { quoted } from '../text/wording.ts';
import { decoded, normalPath, purlParts, readPurl } from './purl.ts';

/** The facts of a package that a pattern is compared with. */
interface PatternSubject {
  readonly name: string;
  readonly version: string;
  readonly type: string;
  readonly purl?: string | undefined;
}

export type PurlPattern = (subject: PatternSubject) => boolean;

const LONGEST = 1000;

/** Syft's package types, and the types of their package URLs (syft/pkg/type.go). */
const SYFT_TYPES: Readonly<Record<string, string>> = {
  'dart-pub': 'pub',
  dotnet: 'nuget',
  'erlang-otp': 'otp',
  'github-action': 'github',
  'github-action-workflow': 'github',
  'go-module': 'golang',
  'java-archive': 'maven',
  'jenkins-plugin': 'maven',
  'linux-kernel': 'generic',
  'linux-kernel-module': 'generic',
  'lua-rocks': 'luarocks',
  'php-composer': 'composer',
  'php-pear': 'pear',
  'php-pecl': 'pear',
  pod: 'cocoapods',
  python: 'pypi',
  'r-package': 'cran',
  'rust-crate': 'cargo',
};
/** All types of packages in an SBOM: those of the specification and of Syft. */
const TYPES = [
  ...Object.entries(SYFT_TYPES).flat(),
  ...'alpm apk apple-app-bundle binary bitbucket bitnami cargo cocoapods composer conan conda cpan cran deb'.split(' '),
  ...'docker gem generic github gitlab golang graalvm-native-image hackage hex homebrew huggingface julia'.split(' '),
  ...'luarocks maven mlflow model msrc-kb nix npm nuget oci opam otp pear portage pub pypi qpkg rpm swid'.split(' '),
  ...'swift swiplpack terraform vcpkg vscode-extension wordpress-plugin yocto'.split(' '),
];
/** Types whose names belong to a distribution, which is their namespace. */
const OF_DISTRIBUTIONS: ReadonlyMap<string, string> = new Map([
  ['alpm', 'arch'],
  ['apk', 'alpine'],
  ['deb', 'debian'],
  ['rpm', 'redhat'],
]);

/**
 * `pkg:TYPE/NAME[@VERSION]`, where each part may contain `*` (within a segment of a path) and NAME `**` (across
 * segments). Without a version, it matches every version. Names are compared by the rules of their type,
 * percent-encoded or not.
 * @throws TidegateError `bad-input` for a pattern that no package can match.
 */
export function purlPattern(text: string): PurlPattern {
  const parts = text.length <= LONGEST && !/[\s?#[\]{}()!\\\p{Cc}]/u.test(text) ? purlParts(text) : undefined;
  const path = parts && decoded(parts.path);
  const version = parts?.version === undefined ? undefined : decoded(parts.version);
  if (!parts || !path || (parts.version !== undefined && !version)) {
    throw refused(text, 'is not a valid package URL pattern');
  }
  const { type } = parts;
  const why = neverMatches(type, path);
  if (why) throw refused(text, why);
  const isType = glob(type);
  // A pattern may be for several types, each with its own spelling of names.
  const paths = new Map<string, Glob>();
  const isPath = (itsType: string, itsPath: string) => {
    const known = paths.get(itsType) ?? glob(normalPath(itsType, path));
    paths.set(itsType, known);
    return known(itsPath);
  };
  const isVersion = version === undefined ? () => true : glob(version);
  return (subject) => {
    const purl = subject.purl ? readPurl(subject.purl) : undefined;
    // A package whose purl is missing or unreadable is still the package that its SBOM names.
    const word = subject.type.toLowerCase();
    const itsType = purl?.type ?? (Object.hasOwn(SYFT_TYPES, word) ? SYFT_TYPES[word] : undefined) ?? word;
    const itsPath = purl?.path ?? normalPath(itsType, subject.name);
    if (!(isType(itsType) || isType(word)) || !isPath(itsType, itsPath)) return false;
    return isVersion(purl?.version ?? subject.version) || isVersion(subject.version);
  };
}

function neverMatches(type: string, path: string): string | undefined {
  if (!TYPES.some(glob(type))) return `can never match: no package has the type ${type}`;
  if (path.includes('**')) return undefined;
  const vendor = OF_DISTRIBUTIONS.get(type);
  const folders = path.split('/').length - 1;
  if (vendor && folders === 0) {
    return `can never match: packages of type ${type} name their distribution, as in pkg:${type}/${vendor}/${path}`;
  }
  if (type === 'pypi' && folders > 0) return 'can never match: names on PyPI have no slash';
  if (type === 'npm' && folders === 0 && path.startsWith('@')) return 'can never match: it is a scope without a name';
  if (type === 'npm' && (folders > 1 || (folders === 1 && !/^[@*]/.test(path)))) {
    return 'can never match: only a scope, which begins with @, comes before a name on npm';
  }
  return undefined;
}

function refused(text: string, why: string): TidegateError {
  return new TidegateError('policy-invalid', `${quoted(text)} ${why}.`, {
    next: 'Write pkg:TYPE/NAME, with @VERSION for one version: pkg:npm/lodash@4.17.20, pkg:deb/debian/*.',
  });
}
