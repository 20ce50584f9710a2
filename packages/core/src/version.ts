import compare from 'semver/functions/compare.js';
import parse from 'semver/functions/parse.js';

/** A git tag that is a version by semver.org: `1.2.3` or `v1.2.3`, whole. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** Neither a pre-release nor a build with metadata: only such versions move tags that others follow. */
  readonly stable: boolean;
  /** As a registry's tag. A tag cannot hold `+`; `_` stands for it, as Helm does. */
  readonly tag: string;
  /** As semver.org writes it, for comparing. */
  readonly text: string;
}

export function parseVersion(gitTag: string): Version | undefined {
  const version = /^v?[0-9]/.test(gitTag) ? parse(gitTag) : null;
  if (!version) return undefined;
  const { major, minor, patch, prerelease, build } = version;
  const text = version.version;
  const tag = build.length > 0 ? `${text}_${build.join('.')}` : text;
  return { major, minor, patch, stable: prerelease.length === 0 && build.length === 0, tag, text };
}

/** @returns below 0 when `a` is older than `b`. */
export function compareVersions(a: Version, b: Version): number {
  return compare(a.text, b.text);
}
