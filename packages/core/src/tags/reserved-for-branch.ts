/**
 * The tags that rules set in the runs of one branch: `main-alpine` of `branch,suffix=-alpine`, `main-860c190` of
 * `type=sha,prefix={{branch}}-`. Another branch could have such a name, and must not get such a tag.
 */

import { SlowExpression } from '../text/bounded-match.ts';
import { hasChosenName } from './docker/expressions.ts';
import type { DockerLine } from './docker/line.ts';
import { printable } from './docker/printable.ts';
import { type Template, templateOf } from './docker/template.ts';
import { captured, type Naming } from './match.ts';
import { tagOfName } from './name.ts';
import { withSuffix } from './name-tags.ts';
import type { ReservedBy } from './reserved.ts';

/** Tags of the rule `branch`: the name before and after it is made a tag. */
export function tagsOfBranch(naming: Naming, branch: string): readonly string[] {
  const part = partOf(naming, branch);
  if (part === undefined) return [];
  const wanted = `${naming.prefix}${part}`;
  return [`${wanted}${naming.suffix ?? ''}`, withSuffix(wanted, naming.suffix)];
}

function partOf(naming: Naming, branch: string): string | undefined {
  try {
    return captured(naming, [branch])[0]?.text;
  } catch (error) {
    // Reported in the branch's own run, which then sets no tag.
    if (error instanceof SlowExpression) return undefined;
    throw error;
  }
}

/** Tags of the line `type=ref,event=branch`. */
export function reservedByRefLine(
  line: DockerLine,
  branch: string,
  shortSha: number,
): Pick<ReservedBy, 'names' | 'patterns'> {
  const [before, after] = [line.prefix, line.suffix].map(({ parts }) => inBranch(parts, branch) ?? []);
  const [start, end] = [templateOf([...(before ?? []), branch]), templateOf(after ?? [])];
  if (start.names.size + end.names.size === 0) {
    const naming = { prefix: (before ?? []).join(''), suffix: end.parts.join('') };
    return { names: tagsOfBranch(naming, branch), patterns: [] };
  }
  const [suffix = ''] = printable(end.parts, shortSha);
  // A name that is not a tag gets its hash before the suffix; a text that is none, behind it.
  const sources = [
    ...printable(start.parts, shortSha).map((source) => `${source}${suffix}`),
    ...printable([...start.parts, ...end.parts], shortSha),
  ];
  return {
    names: [],
    patterns: sources.map((source) => ({ expression: new RegExp(`^${source}$`), rule: line.text })),
  };
}

/**
 * The parts as a run of this branch fills them in.
 * @returns undefined if others choose a part that a branch does not have: `{{tag}}`
 */
export function inBranch(parts: Template['parts'], branch: string | undefined): Template['parts'] | undefined {
  const template = templateOf(parts);
  if (!hasChosenName(template)) return parts;
  if (branch === undefined || !template.names.has('branch')) return undefined;
  return parts.map((part) => {
    if (typeof part === 'string') return part;
    if (part.name === 'branch') return tagOfName(branch);
    // Empty in a push of a branch.
    return part.name === 'tag' || part.name === 'base_ref' ? '' : part;
  });
}
