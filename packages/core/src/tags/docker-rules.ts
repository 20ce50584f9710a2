/**
 * What to write for a line of docker/metadata-action's `tags` input (its README, "tags input"), as a sentence; undefined
 * for a line that is not one. People bring these lines along, and a translation is worth more than "not a rule".
 */
export function dockerRule(line: string): string | undefined {
  if (!/^type=/.test(line)) return undefined;
  const fields = line.split(/,(?=[a-z_-]+=)/).map((field) => /^([a-z_-]+)=(.*)$/.exec(field) ?? [field, '', field]);
  const value = (name: string) => fields.find(([, key]) => key === name)?.[2];
  const match = value('match');
  const translated = (): string | undefined => {
    switch (value('type')) {
      case 'semver':
      case 'pep440':
        return match ? `semver,match=${match}` : 'semver';
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
        return 'raw=edge';
      default:
        return undefined;
    }
  };
  const raw = /^type=raw,(?:.*,)?value=([^,]+)/.exec(line)?.[1] ?? /^type=raw,([^=,]+)/.exec(line)?.[1];
  const rule = raw === undefined ? translated() : `raw=${raw}`;
  if (rule === undefined) return 'Rules are one word here: semver, branch, tag, sha, schedule, pr, latest or raw=TAG.';
  const more = rule.startsWith('semver') ? '; one line gives 1.2.3, 1.2 and 1' : '';
  return `Rules are one word here: write ${rule}${more}.`;
}
