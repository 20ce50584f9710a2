import { type ExpressionFacts, globalTemplate, rendered } from './docker/expressions.ts';
import type { Flavor } from './docker/flavor.ts';
import { attributesText } from './rule-attributes.ts';
import type { Affixes, TagRule } from './rules.ts';

export const NO_AFFIXES: Affixes = { prefix: '', suffix: '' };

/**
 * The flavor's prefix and suffix for this run.
 * @returns undefined if one has an expression without a value, such as `{{branch}}` for a git tag
 */
export function affixesOfFlavor({ prefix, suffix }: Flavor, facts: ExpressionFacts): Affixes | undefined {
  const [before, after] = [prefix, suffix].map((text) => rendered(globalTemplate(text), facts, 'tag'));
  return before === undefined || after === undefined ? undefined : { prefix: before, suffix: after };
}

/** Around `latest`, which has only what `onlatest=true` follows. */
export function affixesOfLatest({ prefixLatest, suffixLatest }: Flavor, { prefix, suffix }: Affixes): Affixes {
  return { prefix: prefixLatest ? prefix : '', suffix: suffixLatest ? suffix : '' };
}

/** A short rule with the flavor, which its own prefix and suffix override. Lines of docker have it already. */
export function flavored(rule: TagRule, flavor: Flavor, affixes: Affixes): TagRule {
  if (rule.decided !== undefined || (affixes.prefix === '' && affixes.suffix === '')) return rule;
  switch (rule.kind) {
    case 'semver':
    case 'branch':
    case 'tag': {
      const { match } = rule.naming;
      const isOwn = rule.naming.prefix !== '';
      const prefix = isOwn ? rule.naming.prefix : affixes.prefix;
      const suffix = rule.naming.suffix ?? affixes.suffix;
      const text = `${rule.kind}${attributesText({ match, prefix: prefix || undefined, suffix: suffix || undefined })}`;
      return { ...rule, naming: { match, prefix, suffix, isOwn }, text: rule.kind === 'semver' ? text : rule.text };
    }
    case 'latest': {
      const own = rule.affixes ?? affixesOfLatest(flavor, affixes);
      return { ...rule, affixes: own };
    }
    default:
      return rule;
  }
}

/** The tag of a short rule with no prefix or suffix of its own. As there, `sha-` and `pr-` replace the prefix. */
export function flavoredTag(rule: TagRule, tag: string, { prefix, suffix }: Affixes): string {
  if (rule.decided !== undefined) return tag;
  switch (rule.kind) {
    case 'raw':
    case 'schedule':
      return `${prefix}${tag}${suffix}`;
    case 'sha':
    case 'pr':
      return `${tag}${suffix}`;
    default:
      return tag;
  }
}
