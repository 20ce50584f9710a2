import type { GitState } from '../plan/git-state.ts';
import { type Decided, inapplicable, one, subjectOf } from './decision.ts';
import { decideDockerLine } from './docker/decide.ts';
import type { LineFacts } from './docker/named.ts';
import { flavoredTag, NO_AFFIXES } from './flavored.ts';
import { nameTag } from './name-tags.ts';
import type { Affixes, TagRule } from './rules.ts';
import { asDecided } from './superseded.ts';
import { versionTags } from './version-tags.ts';

const SHORT_SHA = 12;
/** Fewest digits that name a commit: git's own abbreviation. */
const FEWEST_DIGITS = 7;

/** The decision of a rule, with the flavor around its tags. */
export function flavoredDecision(rule: TagRule, facts: LineFacts, affixes: Affixes | undefined): Decided {
  const state = asDecided(facts.git, rule.decided);
  if (rule.kind === 'docker') return decideDockerLine(rule.line, { ...facts, git: state });
  if (!affixes && rule.decided === undefined) {
    return inapplicable(rule.text, `the flavor has an expression without a value for ${subjectOf(facts.git)}`);
  }
  const { tags, ...decision } = decide(rule, state, facts);
  return {
    ...decision,
    tags: tags.map((planned) => ({ ...planned, tag: flavoredTag(rule, planned.tag, affixes ?? NO_AFFIXES) })),
  };
}

function decide(rule: Exclude<TagRule, { kind: 'docker' }>, git: GitState, { reserved, now }: LineFacts): Decided {
  switch (rule.kind) {
    case 'semver':
      return versionTags(git, rule.text, rule.naming);
    case 'tag':
    case 'branch':
      return nameTag(rule, git, reserved);
    case 'sha': {
      const tag = `sha-${rule.full ? git.sha : git.sha.slice(0, SHORT_SHA)}`;
      return one({ tag, kind: 'commit', reason: `The rule ${rule.text} names the commit.` });
    }
    case 'schedule': {
      if (git.event.kind !== 'schedule') return inapplicable(rule.text, `this run is for the event ${git.event.name}`);
      const day = now.toISOString().slice(0, 10);
      const tag = `${rule.prefix}-${day.replaceAll('-', '')}`;
      return one({ tag, kind: 'date', reason: `The schedule ran on ${day} (UTC).` });
    }
    case 'pr':
      return git.pullRequest === undefined || git.event.kind !== 'pull_request'
        ? inapplicable(rule.text, `this run is for ${subjectOf(git)}`)
        : one({
            tag: `pr-${git.pullRequest}`,
            kind: 'pull',
            reason: `This run is for pull request ${git.pullRequest}.`,
          });
    case 'raw': {
      const kind = isOfCommit(rule.tag, git) ? 'commit' : rule.tag === 'latest' ? 'latest' : 'named';
      return one({ tag: rule.tag, kind, reason: `The input tags names ${rule.tag}.` });
    }
    case 'latest':
    case 'auto':
      return { tags: [], left: [] };
  }
}

/** A tag that is unique to this commit, as it contains its first digits: `sha-860c190`, `860c190-alpine`. */
function isOfCommit(tag: string, { sha }: GitState): boolean {
  return tag.split(/[._-]/).some((part) => part.length >= FEWEST_DIGITS && sha.startsWith(part));
}
