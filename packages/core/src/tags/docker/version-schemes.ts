import operator from '@renovatebot/pep440/lib/operator.js';
import pep440 from '@renovatebot/pep440/lib/version.js';
import compareSemver from 'semver/functions/compare.js';
import parseSemver from 'semver/functions/parse.js';

/** A version of a git tag, as the patterns of docker/metadata-action print it. */
export interface SchemedVersion {
  readonly raw: string;
  /** As a tag. A tag cannot contain `+`, so it becomes `_`, as in Helm. */
  readonly version: string;
  readonly major: string;
  readonly minor: string;
  readonly patch: string;
  /** No pre-release, post-release, development release or build with metadata: these move no shared tag. */
  readonly stable: boolean;
}

export interface Scheme {
  readonly name: string;
  parse(text: string): SchemedVersion | undefined;
  /** @returns below 0 when `a` is older than `b` */
  compare(a: SchemedVersion, b: SchemedVersion): number;
}

/** semver.org. */
const SEMVER: Scheme = {
  name: 'a version of semver.org',
  parse: (raw) => {
    const parsed = parseSemver(raw);
    if (!parsed) return undefined;
    const { version, major, minor, patch, prerelease, build } = parsed;
    return {
      raw,
      version: build.length > 0 ? `${version}_${build.join('.')}` : version,
      ...{ major: String(major), minor: String(minor), patch: String(patch) },
      stable: prerelease.length === 0 && build.length === 0,
    };
  },
  compare: (a, b) => compareSemver(a.raw, b.raw),
};

/** PEP 440, the versions of Python packages. */
const PEP440: Scheme = {
  name: 'a version of PEP 440',
  parse: (raw) => {
    const found = pep440.explain(raw);
    if (!found) return undefined;
    const [major = 0, minor = 0, patch = 0] = found.release;
    return {
      raw,
      version: (pep440.clean(raw) ?? raw).replaceAll('+', '_').replaceAll(',', '.').replaceAll('!', '-'),
      ...{ major: String(major), minor: String(minor), patch: String(patch) },
      stable: !found.is_prerelease && !found.is_postrelease && !found.is_devrelease && !found.local,
    };
  },
  compare: (a, b) => operator.compare(a.raw, b.raw),
};

export const SCHEMES = { semver: SEMVER, pep440: PEP440 } as const;
