import { clipped } from '@tidegate/core';
import type { Dockerfile } from './dockerfile/parse.ts';
import { findingOf, isSourceRule, type SourceFinding, type SourceRuleSettings } from './finding.ts';

/** `# tidegate: ignore=RULE[,RULE] reason`: a reviewed finding, with the reason. */
export interface Ignore {
  readonly line: number;
  readonly rules: readonly string[];
  readonly reason: string;
  /** Lines that it covers, both included. */
  readonly from: number;
  readonly to: number;
}

/** More than in any real file. Further ones have no effect. */
const MOST = 500;

const COMMENT = /^tidegate:\s*ignore=(\S*)(.*)/is;
/** In any file: after a comment sign at the line's start or after a blank. */
const ANYWHERE = /(?:^|\s)(?:#|\/\/|::|rem)\s*(tidegate:\s*ignore=.*)/is;

function read(comment: string): Pick<Ignore, 'rules' | 'reason'> | undefined {
  const [, rules, rest = ''] = COMMENT.exec(comment.trim()) ?? [];
  if (rules === undefined) return undefined;
  const names = rules.split(',').filter((name) => name !== '');
  return { rules: names, reason: rest.replace(/^[\s:–—-]+/, '').trim() };
}

/** Above an instruction or inside it: covers the whole instruction. */
export function ignoresInDockerfile(file: Dockerfile): Ignore[] {
  const ignores: Ignore[] = [];
  let at = 0;
  for (const { line, text } of file.comments) {
    const found = read(text);
    if (!found) continue;
    while (at < file.instructions.length - 1 && (file.instructions[at]?.endLine ?? 0) < line) at += 1;
    const instruction = file.instructions[at];
    const isAfter = !instruction || instruction.endLine < line;
    ignores.push({
      line,
      ...found,
      // Comments before the first instruction also apply to directives, which no comment may precede.
      from: isAfter ? line : at === 0 ? 1 : instruction.startLine,
      to: isAfter ? line : instruction.endLine,
    });
  }
  return ignores.slice(0, MOST);
}

/** On the line itself, or on comment lines directly above it. */
export function ignoresInText(text: string): Ignore[] {
  if (!/tidegate:/i.test(text)) return [];
  const lines = text.split('\n');
  const ignores: Ignore[] = [];
  for (const [index, line] of lines.entries()) {
    const [whole, comment = ''] = line.length > 2000 ? [] : (ANYWHERE.exec(line.replace(/\r$/, '')) ?? []);
    const found = whole === undefined ? undefined : read(comment);
    if (!found || whole === undefined) continue;
    let to = index + 1;
    if (line.slice(0, line.length - whole.length).trim() === '') {
      to += 1;
      while (/^\s*(?:#|\/\/|::|rem\b)/i.test(lines[to - 1] ?? '')) to += 1;
    }
    if (ignores.push({ line: index + 1, ...found, from: index + 1, to }) >= MOST) break;
  }
  return ignores;
}

/**
 * Removes findings that are ignored with a reason. An ignore without a reason or without a finding is itself a finding.
 */
export function honourIgnores(
  file: string,
  findings: readonly SourceFinding[],
  ignores: readonly Ignore[],
  settings: SourceRuleSettings,
  /** Whether a checker of this name looked at the file: `tidegate`, `buildkit`, `hadolint`. */
  ran: (checker: string) => boolean = (checker) => checker === 'tidegate',
): { readonly findings: readonly SourceFinding[]; readonly ignored: number } {
  const used = new Set<string>();
  const left = findings.filter((finding) => {
    const names = [finding.rule, ...(finding.also ?? [])];
    const by = ignores.flatMap((ignore, at) => {
      const covers =
        ignore.reason !== '' && ignore.from <= (finding.endLine ?? finding.line) && finding.line <= ignore.to;
      return covers ? ignore.rules.filter((rule) => names.includes(rule)).map((rule) => `${at} ${rule}`) : [];
    });
    for (const one of by) used.add(one);
    return by.length === 0;
  });
  const complaints = ignores.flatMap(({ line, rules, reason }, at): SourceFinding[] => {
    const shown = clipped(rules.join(','), 60);
    if (reason === '' || rules.length === 0) {
      const message = `The comment ignores ${shown || 'nothing'} and gives no reason.`;
      return [findingOf(file, { rule: 'ignore-without-reason', line, message }, settings) ?? []].flat();
    }
    return rules.flatMap((rule): SourceFinding[] => {
      if (used.has(`${at} ${rule}`)) return [];
      const checker = /^(buildkit|hadolint)\//.exec(rule)?.[1] ?? 'tidegate';
      if (!ran(checker)) return [];
      const known = checker !== 'tidegate' || isSourceRule(rule);
      const message = known
        ? `${clipped(rule, 60)} has no finding here.`
        : `The rule ${clipped(rule, 60)} does not exist.`;
      return [findingOf(file, { rule: 'ignore-unused', line, message }, settings) ?? []].flat();
    });
  });
  return { findings: [...left, ...complaints], ignored: findings.length - left.length };
}
