import type { Decided } from '../decision.ts';
import { decideLatest } from '../latest.ts';
import type { Affixes, TagRule } from '../rules.ts';
import { decideDockerLine } from './decide.ts';
import type { Flavor } from './flavor.ts';
import { asLatest, isOfVersions } from './line.ts';
import type { LineFacts } from './named.ts';

/**
 * `latest` as docker/metadata-action adds it without a line: if the first line, by priority, that gives a tag is one of
 * a git tag. Unlike there, only the newest stable version moves it.
 * @param first the first rule of all that gave a tag or a version
 * @returns the rule to write again, and its decision; undefined if `latest` is none of its business
 */
export function automaticLatest(
  first: TagRule | undefined,
  flavor: Flavor,
  affixes: Affixes,
  facts: LineFacts,
): { readonly rule: TagRule; readonly decision: Decided } | undefined {
  if (first?.kind !== 'docker' || first.decided !== undefined || flavor.latest === 'false') return undefined;
  const { line } = first;
  const always = flavor.latest === 'true';
  if (always || (line.type === 'ref' && line.event === 'tag')) {
    const when = always ? 'true' : 'auto';
    const rule: TagRule = { kind: 'latest', when, text: `latest=${when}`, affixes };
    return { rule, decision: decideLatest(rule, facts.git, []) };
  }
  if (!isOfVersions(line.type)) return undefined;
  const latest = asLatest(line, flavor);
  return { rule: { kind: 'docker', line: latest, text: latest.text }, decision: decideDockerLine(latest, facts) };
}
