import { hasChosenName } from './docker/expressions.ts';
import type { DockerLine } from './docker/line.ts';
import { tagOfText } from './docker/named.ts';
import { literalSource, printable } from './docker/printable.ts';
import { type Expression, literalHead, literalTail, type Template, templateOf } from './docker/template.ts';
import { flavoredTag } from './flavored.ts';
import type { Naming } from './match.ts';
import { GIT_TAG_PREFIX, type ReservedBy, whyReserved } from './reserved.ts';
import { inBranch, reservedByRefLine, tagsOfBranch } from './reserved-for-branch.ts';
import type { Affixes, TagRule } from './rules.ts';

export interface OfRun {
  /** The flavor's prefix and suffix. */
  readonly affixes: Affixes;
  /** Those around `latest`. */
  readonly around: Affixes;
  /** Digits of `type=sha` and `{{sha}}`. */
  readonly shortSha: number;
  /** The default branch, in runs of other refs: its tags are its own. */
  readonly mainBranch?: string | undefined;
}

/**
 * Tags that the rules of this run set themselves, so that no name of a branch or git tag may imitate it. A rule counts
 * whatever its `enable` says: that may have another value in the next run.
 */
export function reservedBy(rules: readonly TagRule[], run: OfRun): ReservedBy {
  const own = merged(
    rules.map((rule) => reservedByRule(rule, run)),
    run,
  );
  const { mainBranch: branch } = run;
  if (branch === undefined) return own;
  const ofBranch = rules.map((rule) => reservedForBranch(rule, branch, run.shortSha));
  return {
    ...own,
    // A tag that the branch itself does not get belongs to another rule: git tags may have it.
    branchTags: ofBranch.flatMap(({ names }) => names).filter((name) => !whyReserved(name, 'branch', own)),
    patterns: [...own.patterns, ...ofBranch.flatMap(({ patterns }) => patterns)],
  };
}

function merged(all: readonly Partial<ReservedBy>[], run: OfRun): ReservedBy {
  const list = (name: Exclude<keyof ReservedBy, 'patterns'>) => [...new Set(all.flatMap((one) => one[name] ?? []))];
  return {
    versionPrefixes: list('versionPrefixes'),
    versionSuffixes: list('versionSuffixes').filter((suffix) => suffix !== ''),
    tagPrefixes: [GIT_TAG_PREFIX, ...list('tagPrefixes')],
    schedulePrefixes: ['nightly', ...list('schedulePrefixes')],
    names: [`${run.around.prefix}latest${run.around.suffix}`, ...list('names')].filter((name) => name !== ''),
    branchTags: [],
    patterns: all.flatMap(({ patterns = [] }) => patterns),
  };
}

function reservedByRule(rule: TagRule, { affixes, shortSha }: OfRun): Partial<ReservedBy> {
  const like = (middle: string): Pick<ReservedBy, 'patterns'> => {
    const [before = '', after = ''] = flavoredTag(rule, '\0', affixes).split('\0').map(literalSource);
    return { patterns: [{ expression: new RegExp(`^${before}${middle}${after}$`, 'i'), rule: rule.text }] };
  };
  switch (rule.kind) {
    case 'semver':
      return { versionPrefixes: [rule.naming.prefix], versionSuffixes: [rule.naming.suffix ?? ''] };
    case 'tag':
      return gitTags(rule.naming);
    case 'branch':
      return branches(rule.naming);
    case 'schedule':
      return { schedulePrefixes: [rule.prefix], ...like(`${literalSource(rule.prefix)}-[0-9]{8}`) };
    case 'sha':
      return like('sha-[0-9a-f]{7,64}');
    case 'pr':
      return like('pr-[0-9]+');
    case 'raw':
      return { names: [flavoredTag(rule, rule.tag, affixes)] };
    case 'latest':
      return { names: [`${rule.affixes?.prefix ?? ''}latest${rule.affixes?.suffix ?? ''}`] };
    case 'docker':
      return reservedByLine(rule.line, shortSha);
    case 'auto':
      return {};
  }
}

function gitTags({ prefix, suffix = '', isOwn = prefix !== '' }: Naming): Partial<ReservedBy> {
  if (isOwn) return { tagPrefixes: [prefix] };
  return { tagPrefixes: [`${prefix}${GIT_TAG_PREFIX}`], versionPrefixes: [prefix], versionSuffixes: [suffix] };
}

/** A prefix or suffix of the flavor is also that of versions and git tags, in other runs. */
function branches({ prefix, suffix = '', isOwn = prefix !== '' }: Naming): Partial<ReservedBy> {
  const own = isOwn ? undefined : gitTags({ prefix, isOwn });
  return { ...own, versionSuffixes: [suffix] };
}

function reservedForBranch(rule: TagRule, branch: string, shortSha: number): Pick<ReservedBy, 'names' | 'patterns'> {
  if (rule.kind === 'branch') return { names: tagsOfBranch(rule.naming, branch), patterns: [] };
  if (rule.kind !== 'docker') return { names: [], patterns: [] };
  const { line } = rule;
  if (line.type === 'ref' && line.event === 'branch') return reservedByRefLine(line, branch, shortSha);
  const chosen = affixed(line).filter((parts) => hasChosenName(templateOf(parts)));
  return tagsOf(
    line,
    chosen.flatMap((parts) => {
      const filled = inBranch(parts, branch);
      return filled ? [filled] : [];
    }),
    shortSha,
  );
}

function reservedByLine(line: DockerLine, shortSha: number): Partial<ReservedBy> {
  // A part that others choose is not the line's own: `{{branch}}-x`.
  const own = affixed(line).filter((parts) => !hasChosenName(templateOf(parts)));
  return { ...byAffixes(line), ...tagsOf(line, own, shortSha) };
}

function affixed(line: DockerLine): readonly Template['parts'][] {
  return middlesOf(line).map((middle) => [...line.prefix.parts, ...middle, ...line.suffix.parts]);
}

/** All tags that these texts with expressions can give. */
function tagsOf(
  line: DockerLine,
  texts: readonly Template['parts'][],
  shortSha: number,
): Pick<ReservedBy, 'names' | 'patterns'> {
  const own = texts.map(templateOf);
  return {
    names: own.filter(({ names }) => names.size === 0).flatMap(({ parts }) => namesOf(parts.join(''))),
    patterns: own
      .filter(({ names }) => names.size > 0)
      .flatMap(({ parts }) => printable(parts, shortSha))
      .map((source) => ({ expression: new RegExp(`^${source}$`, 'i'), rule: line.text })),
  };
}

/** A branch has the name before or after it is made a tag. */
function namesOf(text: string): readonly string[] {
  return [text, text.replaceAll('+', '_'), tagOfText(text)];
}

/** The text between the prefix and the suffix, for lines that do not take it from the name of the ref. */
function middlesOf(line: DockerLine): readonly Template['parts'][] {
  switch (line.type) {
    case 'semver':
    case 'pep440':
      // A version that is not stable sets `{{version}}` only.
      return line.isLatest ? [['latest']] : [line.pattern.parts, [expression('version')]];
    case 'schedule':
      return [line.pattern.parts];
    case 'edge':
      return [['edge']];
    case 'raw':
      return line.value ? [line.value.parts] : [];
    case 'sha':
      return [[expression('sha')]];
    case 'ref':
      return line.event === 'pr' ? [[expression('number')]] : [];
    case 'match':
      return [];
  }
}

function expression(name: string): Expression {
  return { name, args: [], options: new Map() };
}

function byAffixes(line: DockerLine): Partial<ReservedBy> {
  const prefix = literalHead(line.prefix);
  const suffix = line.suffix.names.size > 0 ? literalTail(line.suffix) : literalHead(line.suffix);
  switch (line.type) {
    case 'semver':
    case 'pep440': {
      const { pattern } = line;
      if (pattern.names.size === 0) return {};
      return {
        versionPrefixes: [prefix, `${prefix}${literalHead(pattern)}`],
        versionSuffixes: [suffix, `${literalTail(pattern)}${suffix}`],
      };
    }
    case 'match':
      return gitTags({ prefix, suffix, isOwn: line.ownPrefix });
    case 'ref':
      if (line.event === 'pr') return {};
      return (line.event === 'tag' ? gitTags : branches)({ prefix, suffix, isOwn: line.ownPrefix });
    case 'schedule': {
      if (line.pattern.names.size === 0) return {};
      return { schedulePrefixes: [`${prefix}${literalHead(line.pattern)}`.replace(/-$/, '')] };
    }
    case 'raw':
      return line.value?.names.has('tag')
        ? gitTags({ prefix: `${prefix}${literalHead(line.value)}`, suffix, isOwn: false })
        : {};
    case 'edge':
    case 'sha':
      return {};
  }
}
