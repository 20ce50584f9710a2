import { badInput } from '../error.ts';
import { formatPlatform, type Platform, parsePlatform } from '../image/platform.ts';

/** `runs-on` of a job: one label, or several that a runner must all have. */
export type RunsOn = string | readonly string[];

/**
 * The runner of each platform. A line with a platform before `=` is for that platform, a line without is for all others:
 * `linux/arm64=[self-hosted, arm]`.
 * @param lines of the input `input`
 * @throws TidegateError `bad-input` for a line that cannot be read, or that is for no platform of the image
 */
export function planRunners(
  lines: readonly string[],
  platforms: readonly Platform[],
  input = 'runner',
): (platform: Platform) => RunsOn {
  const own = new Map<string, RunsOn>();
  for (const line of lines) {
    const [, names = '', labels = ''] = /^([^=[]+)=(.*)$/.exec(line) ?? [undefined, '', line];
    const keys = names === '' ? [''] : names.split(',').map((name) => formatPlatform(parsePlatform(name, input)));
    const unknown = keys.find((key) => key !== '' && !platforms.some((one) => formatPlatform(one) === key));
    if (unknown !== undefined) {
      const next = 'Remove the line, or add the platform.';
      throw badInput('platform-invalid', input, unknown, 'platforms of this image', next);
    }
    for (const key of keys) {
      if (own.has(key))
        throw badInput('input-format-wrong', input, line, 'one runner per platform', 'Remove the duplicate.');
      own.set(key, runsOn(labels, line, input));
    }
  }
  return (platform) => own.get(formatPlatform(platform)) ?? own.get('') ?? hosted(platform);
}

/** GitHub's own runner. */
function hosted({ architecture }: Platform): string {
  return architecture === 'arm64' ? 'ubuntu-24.04-arm' : 'ubuntu-24.04';
}

function runsOn(text: string, line: string, input: string): RunsOn {
  const [, list] = /^\[(.*)\]$/.exec(text.trim()) ?? [];
  const labels = (list === undefined ? [text] : list.split(',')).map((label) =>
    label.trim().replace(/^(["'])(.*)\1$/, '$2'),
  );
  const [first = ''] = labels;
  if (labels.every((label) => /^[\w.-]+(?: [\w.-]+)*$/.test(label))) return list === undefined ? first : labels;
  throw badInput(
    'input-format-wrong',
    input,
    line,
    'a runner label or [LABEL, LABEL], with PLATFORM= before it for one platform',
    'Write for example linux/arm64=[self-hosted, arm].',
  );
}
