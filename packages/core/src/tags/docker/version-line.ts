import { boundedMatches } from '../../text/bounded-match.ts';
import { type Decided, gitTagOf, inapplicable, kept, subjectOf } from '../decision.ts';
import { whyHeld } from '../held.ts';
import { rendered } from './expressions.ts';
import type { DockerLine } from './line.ts';
import { affixesOf, emptied, type LineFacts, tagOfText } from './named.ts';
import { render, type Template } from './template.ts';
import type { Scheme, SchemedVersion } from './version-schemes.ts';

/**
 * The lines `type=semver` and `type=pep440`. As docker/metadata-action, with one difference: a tag that several
 * versions share (`1.2`, `latest`) is set by the newest of them only.
 */
export function versionLine(line: DockerLine, scheme: Scheme, facts: LineFacts): Decided {
  const { git } = facts;
  const source = sourceOf(line, facts);
  if (typeof source !== 'string') return source;
  const [text] = versionTexts(line, [source]);
  if (text === undefined) return inapplicable(line.text, `${source} does not match ${line.match?.source}`);
  const version = scheme.parse(text);
  if (!version) return inapplicable(line.text, `${text} is not ${scheme.name}`);
  const affixes = affixesOf(line, facts);
  if ('none' in affixes) return affixes.none;
  const { prefix, suffix } = affixes;
  const pattern = patternFor(line, version);
  const tagOf = (one: SchemedVersion) => tagOfText(`${prefix}${printed(patternFor(line, one), one)}${suffix}`);
  const tag = tagOf(version);
  const about = line.value ? `The value ${source}` : `Git tag ${source}`;
  if (isExact(pattern)) {
    const why = version.stable || isExact(line.pattern) ? '' : '; versions that are not stable set no other tag';
    return decided(tag, 'version', `${about} is version ${version.version}${why}.`);
  }
  const { names } = pattern;
  const kind = names.has('minor') || names.has('patch') ? 'minor' : names.has('major') ? 'major' : 'latest';
  const hold = (why: string): Decided => ({ tags: [], left: [kept(tag, why)], version: tag });
  if (kind === 'latest' && !version.stable) return hold(`${version.version} is not a stable version`);
  if (kind === 'major' && version.major === '0') {
    return hold('below 1.0.0 every minor version may be incompatible, so there is no tag for 0');
  }
  const held = whyHeld(git, line.value ? undefined : gitTagOf(git));
  if (held !== undefined) return hold(held);
  const others = git.tags.known ? readAs(line, scheme, git.tags.value) : [];
  const [newer] = others
    .filter((one) => one.version.stable && scheme.compare(one.version, version) > 0 && tagOf(one.version) === tag)
    .toSorted((a, b) => scheme.compare(b.version, a.version));
  if (newer) return hold(`${newer.name} is newer than ${version.version}`);
  return decided(tag, kind, `${version.version} is the newest stable version of ${tag}.`);
}

function decided(tag: string, kind: Decided['tags'][number]['kind'], reason: string): Decided {
  return { tags: [{ tag, kind, reason }], left: [], version: tag };
}

/** `value=`, else the git tag's name; or the decision that there is none. */
export function sourceOf(line: DockerLine, facts: LineFacts): string | Decided {
  const { git } = facts;
  const subject = subjectOf(git);
  if (!line.value) {
    const name = gitTagOf(git);
    return name ?? inapplicable(line.text, `this run is for ${subject}, not of a git tag`);
  }
  if (line.value.names.has('branch') || line.value.names.has('base_ref')) {
    return inapplicable(line.text, 'its value is the name of a branch, and versions come from git tags');
  }
  const value = rendered(line.value, facts, 'text');
  return value ? value : emptied(line, line.value, facts);
}

/** The part of each name that is the version; undefined if `match=` does not match. */
function versionTexts({ match }: DockerLine, names: readonly string[]): readonly (string | undefined)[] {
  return match ? boundedMatches(match, names).map((found) => found?.[1]) : names;
}

interface ReadTag {
  readonly name: string;
  readonly version: SchemedVersion;
}

function readAs(line: DockerLine, scheme: Scheme, names: readonly string[]): readonly ReadTag[] {
  return versionTexts(line, names).flatMap((text, at) => {
    const version = text === undefined ? undefined : scheme.parse(text);
    return version ? [{ name: names[at] ?? '', version }] : [];
  });
}

const VERSION: Template = { parts: [{ name: 'version', args: [], options: new Map() }], names: new Set(['version']) };
const LATEST: Template = { parts: ['latest'], names: new Set() };

/** As docker/metadata-action: versions that are not stable give only `{{version}}`, or `{{raw}}` alone. */
function patternFor(line: DockerLine, { stable }: SchemedVersion): Template {
  if (line.isLatest) return LATEST;
  const isRaw = line.pattern.parts.length === 1 && line.pattern.names.has('raw');
  return stable || isRaw ? line.pattern : VERSION;
}

/** Whether every version has its own text. */
function isExact({ names }: Template): boolean {
  return names.has('raw') || names.has('version') || ['major', 'minor', 'patch'].every((name) => names.has(name));
}

function printed(pattern: Template, version: SchemedVersion): string {
  return render(pattern, ({ name }) => String(version[name as keyof SchemedVersion]));
}
