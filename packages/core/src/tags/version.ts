import compare from 'semver/functions/compare.js';
import parse from 'semver/functions/parse.js';

/** A version as git tags write it: `1.2.3` by semver.org, or `0.29`, with or without a `v`. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** `0.29` has two. It is older than `0.29.1`, and its tag is also the tag that follows 0.29.x. */
  readonly parts: 2 | 3;
  /** Neither a pre-release nor a build with metadata: only such versions move tags that others follow. */
  readonly stable: boolean;
  /** As a registry tag. A tag cannot contain `+`, so it becomes `_`, as in Helm. */
  readonly tag: string;
  /** As semver.org writes it, for comparing. */
  readonly text: string;
}

/** Two numbers and an optional suffix, in semver's grammar. */
const TWO = /^v?((?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*))((?:[-+][0-9A-Za-z.+-]*)?)$/;

/** @returns undefined for anything else: `1`, `1.2.3.4`, `01.2`, `release-7`. */
export function parseVersion(text: string): Version | undefined {
  const [, two, rest = ''] = TWO.exec(text) ?? [];
  const version = two !== undefined ? parse(`${two}.0${rest}`) : /^v?[0-9]/.test(text) ? parse(text) : null;
  if (!version) return undefined;
  const { major, minor, patch, prerelease, build } = version;
  const shown =
    two === undefined ? version.version : `${two}${prerelease.length > 0 ? `-${prerelease.join('.')}` : ''}`;
  return {
    major,
    minor,
    patch,
    parts: two === undefined ? 3 : 2,
    stable: prerelease.length === 0 && build.length === 0,
    tag: build.length > 0 ? `${shown}_${build.join('.')}` : shown,
    text: version.version,
  };
}

/** @returns below 0 when `a` is older than `b`. */
export function compareVersions(a: Version, b: Version): number {
  return compare(a.text, b.text);
}

/** The version at the end of a longer name: `app/v1.2.3`, `@acme/app@1.2.3`, `app-v1.2.3`. */
export function versionAtEnd(name: string): { readonly before: string; readonly version: Version } | undefined {
  // semver reads at most 256 characters.
  const first = Math.max(0, name.length - 256);
  for (let at = first; at < name.length; at++) {
    if (/[0-9A-Za-z.]/.test(name[at - 1] ?? '')) continue;
    const version = parseVersion(name.slice(at));
    if (version) return { before: name.slice(0, at), version };
  }
  return undefined;
}
