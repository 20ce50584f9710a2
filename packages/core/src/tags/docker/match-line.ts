import { boundedMatches } from '../../text/bounded-match.ts';
import { type Decided, gitTagOf, inapplicable, kept } from '../decision.ts';
import { whyHeld } from '../held.ts';
import { GIT_TAG_PREFIX, readsLikeVersion, whyReserved } from '../reserved.ts';
import { compareVersions, parseVersion, versionAtEnd } from '../version.ts';
import type { DockerLine } from './line.ts';
import { affixesOf, type LineFacts, tagOfText } from './named.ts';
import { sourceOf } from './version-line.ts';

/**
 * The line `type=match`: a part of the git tag's name. As docker/metadata-action, with two differences: a part that
 * several git tags share is set by the newest of them only, and one that does not look like a version has the mark of
 * git tags, which keeps it apart from branches.
 */
export function matchLine(line: DockerLine, facts: LineFacts): Decided {
  const { git, reserved } = facts;
  const source = sourceOf(line, facts);
  if (typeof source !== 'string') return source;
  const [part] = partsOf(line, [source]);
  if (part === undefined) return inapplicable(line.text, `${source} does not match ${line.match?.source}`);
  const affixes = affixesOf(line, facts);
  if ('none' in affixes) return affixes.none;
  const tagOf = (text: string) => {
    const marked = line.ownPrefix || readsLikeVersion(text) ? text : `${GIT_TAG_PREFIX}${text}`;
    return tagOfText(`${affixes.prefix}${line.isLatest ? 'latest' : marked}${affixes.suffix}`);
  };
  const tag = tagOf(part);
  const hold = (why: string): Decided => ({ tags: [], left: [kept(tag, why)], version: tag });
  if (line.isLatest && !readsLikeVersion(part)) return hold(`${part} is not a version`);
  const why = line.isLatest || readsLikeVersion(part) ? undefined : whyReserved(tag, 'tag', reserved);
  if (why !== undefined) {
    const reason = `${tag} is not used as a tag for git tag ${source}, because it ${why}.`;
    return { tags: [], left: [{ subject: tag, reason, fits: true }] };
  }
  const isWhole = part === source || parseVersion(part)?.parts === 3;
  if (!isWhole || line.isLatest) {
    if (isPreRelease(source)) return hold(`${source} is a pre-release or has build metadata`);
    const held = whyHeld(git, line.value ? undefined : gitTagOf(git));
    if (held !== undefined) return hold(held);
  }
  const others = (git.tags.known ? git.tags.value : []).filter((other) => other !== source && !isPreRelease(other));
  const parts = partsOf(line, others);
  const newer = others.find((other, at) => {
    const text = parts[at];
    if (text === undefined || (line.isLatest && !readsLikeVersion(text))) return false;
    return tagOf(text) === tag && compareNames(other, source) > 0;
  });
  if (newer !== undefined) return hold(`${newer} is newer than ${source}`);
  const about = line.value ? 'The value' : 'Git tag';
  const kind = line.isLatest ? 'latest' : isWhole ? 'named' : 'minor';
  return {
    tags: [{ tag, kind, reason: `${about} ${source} matches ${line.match?.source}.` }],
    left: [],
    version: tagOfText(`${affixes.prefix}${part}${affixes.suffix}`),
  };
}

function partsOf({ match, group }: DockerLine, names: readonly string[]): readonly (string | undefined)[] {
  return match ? boundedMatches(match, names).map((found) => found?.[group]) : [];
}

function isPreRelease(name: string): boolean {
  const version = versionAtEnd(name)?.version;
  return version ? !version.stable : /[0-9][-_.]?(?:a|b|c|rc|alpha|beta|pre|preview|dev)[-_.]?[0-9]*$/i.test(name);
}

/** @returns below 0 when `a` is older than `b`: by their versions, else by the numbers in them */
function compareNames(a: string, b: string): number {
  const [first, second] = [versionAtEnd(a)?.version, versionAtEnd(b)?.version];
  return first && second ? compareVersions(first, second) : a.localeCompare(b, 'en', { numeric: true });
}
