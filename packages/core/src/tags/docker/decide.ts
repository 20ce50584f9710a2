import { branchOf, type Decided, gitTagOf, inapplicable, one, subjectOf } from '../decision.ts';
import { nameTag } from '../name-tags.ts';
import { rendered } from './expressions.ts';
import type { DockerLine } from './line.ts';
import { matchLine } from './match-line.ts';
import { affixesOf, emptied, type LineFacts, refused, tagOfText } from './named.ts';
import { versionLine } from './version-line.ts';
import { SCHEMES } from './version-schemes.ts';

/** The tag of one line of docker/metadata-action for this run. */
export function decideDockerLine(line: DockerLine, facts: LineFacts): Decided {
  const enabled = rendered(line.enable, facts, 'text');
  if (enabled !== 'true') return inapplicable(line.text, `its enable= is ${JSON.stringify(enabled ?? '')}`);
  switch (line.type) {
    case 'semver':
    case 'pep440':
      return versionLine(line, SCHEMES[line.type], facts);
    case 'match':
      return matchLine(line, facts);
    case 'ref':
      return line.event === 'pr' ? pullLine(line, facts) : refLine(line, line.event ?? 'branch', facts);
    case 'schedule':
      return scheduleLine(line, facts);
    case 'edge':
      return edgeLine(line, facts);
    case 'raw':
      return rawLine(line, facts);
    case 'sha':
      return shaLine(line, facts);
  }
}

/** The names of branches and git tags follow the rules of `branch` and `tag`. */
function refLine(line: DockerLine, kind: 'branch' | 'tag', facts: LineFacts): Decided {
  const { git, reserved } = facts;
  if ((kind === 'branch' ? branchOf(git) : gitTagOf(git)) === undefined) {
    return inapplicable(line.text, `this run is for ${subjectOf(git)}`);
  }
  const affixes = affixesOf(line, facts);
  if ('none' in affixes) return affixes.none;
  return nameTag({ kind, text: line.text, naming: { ...affixes, isOwn: line.ownPrefix } }, git, reserved);
}

function pullLine(line: DockerLine, facts: LineFacts): Decided {
  const { git } = facts;
  if (git.pullRequest === undefined || git.event.kind !== 'pull_request') {
    return inapplicable(line.text, `this run is for ${subjectOf(git)}`);
  }
  const reason = `This run is for pull request ${git.pullRequest}.`;
  return withAffixes(line, String(git.pullRequest), facts, (tag) => one({ tag, kind: 'pull', reason }));
}

function scheduleLine(line: DockerLine, facts: LineFacts): Decided {
  const { event } = facts.git;
  if (event.kind !== 'schedule') return inapplicable(line.text, `this run is for the event ${event.name}`);
  const text = rendered(line.pattern, facts, 'text');
  if (text === undefined) return emptied(line, line.pattern, facts);
  const kind = line.pattern.names.size > 0 ? 'date' : 'branch';
  const reason = `The schedule ran on ${facts.now.toISOString().slice(0, 10)} (UTC).`;
  return withAffixes(line, text, facts, (tag) => one({ tag, kind, reason }));
}

function edgeLine(line: DockerLine, facts: LineFacts): Decided {
  const { git } = facts;
  const branch = line.branch ?? git.defaultBranch;
  if (branchOf(git) !== branch) {
    return inapplicable(line.text, `this run is for ${subjectOf(git)}, and edge follows branch ${branch}`);
  }
  const reason = `edge follows branch ${branch}.`;
  return withAffixes(line, 'edge', facts, (tag) => one({ tag, kind: 'branch', reason }));
}

function rawLine(line: DockerLine, facts: LineFacts): Decided {
  const text = line.value && rendered(line.value, facts, 'tag');
  if (!text) return line.value ? emptied(line, line.value, facts) : inapplicable(line.text, 'its value is empty');
  const kind = text === 'latest' ? 'latest' : 'named';
  return withAffixes(line, text, facts, (tag) => one({ tag, kind, reason: `The line ${line.text} names it.` }));
}

function shaLine(line: DockerLine, facts: LineFacts): Decided {
  const { sha } = facts.git;
  const digits = line.isLong ? sha : sha.slice(0, facts.shortSha);
  const reason = `The line ${line.text} names the commit.`;
  return withAffixes(line, digits, facts, (tag) => one({ tag, kind: 'commit', reason }));
}

function withAffixes(line: DockerLine, text: string, facts: LineFacts, decide: (tag: string) => Decided): Decided {
  const affixes = affixesOf(line, facts);
  if ('none' in affixes) return affixes.none;
  const tag = tagOfText(`${affixes.prefix}${text}${affixes.suffix}`);
  return refused(line, tag, facts) ?? decide(tag);
}
