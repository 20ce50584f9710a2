/**
 * The equivalent of a line of docker/metadata-action's `tags` input (its README, "tags input"), as a sentence;
 * undefined for other lines. Users migrate these lines, and a translation helps more than "not a rule".
 */
export function dockerRule(line: string): string | undefined {
  if (!/^type=/.test(line)) return undefined;
  const fields = line.split(/,(?=[a-z_-]+=)/).map((field) => /^([a-z_-]+)=(.*)$/.exec(field) ?? [field, '', field]);
  const value = (name: string) => fields.find(([, key]) => key === name)?.[2];
  const match = value('match');
  const translated = (): string | undefined => {
    switch (value('type')) {
      case 'semver':
      case 'pep440': {
        const prefix = value('pattern')?.startsWith('v') === true;
        if (match) return `semver,match=${match}${prefix ? ',prefix=v' : ''}`;
        return prefix ? 'semver=v' : 'semver';
      }
      case 'ref': {
        const event = value('event');
        return event === 'branch' || event === 'tag' || event === 'pr' ? event : undefined;
      }
      case 'match':
        return `tag,match=${value('pattern') ?? '(.*)'}`;
      case 'sha':
        return value('format') === 'long' ? 'sha=full' : 'sha';
      case 'schedule': {
        const pattern = value('pattern');
        return pattern && /^[\w.-]+$/.test(pattern) ? `schedule=${pattern}` : 'schedule';
      }
      case 'edge':
        return 'branch, which gives the name of the default branch in place of edge';
      default:
        return undefined;
    }
  };
  const raw = /^type=raw,(?:.*,)?value=([^,]+)/.exec(line)?.[1] ?? /^type=raw,([^=,]+)/.exec(line)?.[1];
  const rule = raw === undefined ? translated() : rawRule(raw, value('enable'));
  if (rule === undefined) return 'Rules are one word here: semver, branch, tag, sha, schedule, pr, latest or raw=TAG.';
  const more = rule.startsWith('semver') ? '; one line gives 1.2.3, 1.2 and 1' : '';
  return `Rules are one word here: write ${rule}${more}.`;
}

/** There is no `enable=`: the rule itself decides whether its tag is set. */
function rawRule(tag: string, enable: string | undefined): string {
  if (tag === 'latest') return enable?.includes('is_default_branch') ? 'latest=branch' : 'latest=true';
  return enable === undefined ? `raw=${tag}` : `raw=${tag}, which every run that publishes sets, whatever enable= says`;
}
