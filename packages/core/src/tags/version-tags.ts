import type { GitState } from '../plan/git-state.ts';
import { type Decided, gitTagOf, inapplicable, kept, subjectOf } from './decision.ts';
import { whyHeld } from './held.ts';
import { affixed, captured, type Naming } from './match.ts';
import { compareVersions, parseVersion, type Version } from './version.ts';

/** The version of a git tag, as one rule reads it. */
export interface Released {
  readonly version: Version;
  /** The git tag. */
  readonly name: string;
  /** The git tag's other versions that the same rule reads, of the same component of a monorepo. */
  others(tags: readonly string[]): readonly { readonly name: string; readonly version: Version }[];
}

/** @returns undefined if this run is not for a git tag that the rule reads as a version. */
export function releasedVersion(git: GitState, naming: Naming): Released | undefined {
  const name = gitTagOf(git);
  const [own] = name === undefined ? [] : captured(naming, [name]);
  const version = own && parseVersion(own.text);
  if (name === undefined || !own || !version) return undefined;
  return {
    version,
    name,
    others: (tags) => {
      const names = tags.filter((other) => other !== name);
      return captured(naming, names).flatMap((part, at) => {
        const found = part?.around === own.around ? parseVersion(part.text) : undefined;
        return found ? [{ name: names[at] ?? '', version: found }] : [];
      });
    },
  };
}

/** The rule `semver`: the version itself, and the tags of its minor and major version if it is the newest of these. */
export function versionTags(git: GitState, rule: string, naming: Naming): Decided {
  const released = releasedVersion(git, naming);
  if (!released) return inapplicable(rule, whyNoVersion(git, naming));
  const { version, name } = released;
  const { major, minor } = version;
  const own = {
    tag: affixed(naming, version.tag),
    kind: 'version' as const,
    reason: `Git tag ${name} is version ${version.tag}.`,
  };
  const lines = [
    // 0.29 is its own minor version's tag.
    ...(version.parts === 2 ? [] : [{ kind: 'minor' as const, line: `${major}.${minor}`, within: sameMinor(version) }]),
    // semver.org, 4: below 1.0.0 every minor version may be incompatible, so there is no tag `0`.
    ...(major === 0 ? [] : [{ kind: 'major' as const, line: `${major}`, within: sameMajor(version) }]),
  ];
  const tags: Decided['tags'][number][] = [];
  const left: Decided['left'][number][] = [];
  const overtaken = version.parts === 2 && version.stable ? newerThan(released, git, sameMinor(version)) : undefined;
  if (overtaken) left.push(staysBehind(own.tag, overtaken, version));
  else tags.push(own);
  const held = whyStays(released, git);
  for (const { kind, line, within } of lines) {
    const tag = affixed(naming, line);
    const newer = held === undefined ? newerThan(released, git, within) : undefined;
    if (held !== undefined) left.push(kept(tag, held));
    else if (newer) left.push(staysBehind(tag, newer, version));
    else tags.push({ tag, kind, reason: `${version.tag} is the newest stable version of ${line}${doubt(git)}.` });
  }
  return { tags, left, version: own.tag };
}

/** Whether `latest` moves to this version. Only for a run of a git tag that is a version. */
export function latestOfVersion(git: GitState, released: Released, tag: string): Decided {
  const { version } = released;
  const held = whyStays(released, git);
  if (held !== undefined) return { tags: [], left: [kept(tag, held)] };
  const newer = newerThan(released, git, () => true);
  if (newer) return { tags: [], left: [staysBehind(tag, newer, version)] };
  const reason = `${version.tag} is the newest stable version${doubt(git)}.`;
  return { tags: [{ tag, kind: 'latest', reason }], left: [] };
}

const sameMajor = (version: Version) => (other: Version) => other.major === version.major;
const sameMinor = (version: Version) => (other: Version) =>
  other.major === version.major && other.minor === version.minor;

/** Why a version moves no shared tag; undefined if it may. */
function whyStays({ version, name }: Released, git: GitState): string | undefined {
  return version.stable ? whyHeld(git, name) : `${version.tag} is a pre-release or has build metadata`;
}

/** The git tag of the newest stable version that is newer: a fix for 1.2 must not move `1` back from 1.3. */
function newerThan({ version, others }: Released, { tags }: GitState, within: (other: Version) => boolean) {
  if (!tags.known) return undefined;
  return others(tags.value)
    .filter((other) => other.version.stable && within(other.version) && compareVersions(other.version, version) > 0)
    .toSorted((a, b) => compareVersions(b.version, a.version))[0]?.name;
}

function staysBehind(tag: string, newer: string, version: Version): Decided['left'][number] {
  return kept(tag, `${newer} is newer than ${version.tag}`);
}

function doubt({ release }: GitState): string {
  return release.known ? '' : `; whether its release is a pre-release is not known, because ${release.why}`;
}

function whyNoVersion(git: GitState, naming: Naming): string {
  const name = gitTagOf(git);
  if (name === undefined) return `this run is for ${subjectOf(git)}, not of a git tag`;
  const [part] = captured(naming, [name]);
  if (!part) return `git tag ${name} does not match ${naming.match}`;
  return part.text === name ? `git tag ${name} is not a version` : `${part.text} in git tag ${name} is not a version`;
}
