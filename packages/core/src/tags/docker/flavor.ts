import { badInput } from '../../error.ts';
import { globalTemplate } from './expressions.ts';
import { csvFields } from './fields.ts';
import { TemplateError } from './template.ts';

/** The input `flavor`: what applies to every rule. docker/metadata-action, README, "flavor input". */
export interface Flavor {
  readonly latest: 'auto' | 'true' | 'false';
  readonly prefix: string;
  readonly suffix: string;
  /** Whether `latest` has them, too. */
  readonly prefixLatest: boolean;
  readonly suffixLatest: boolean;
}

export const NO_FLAVOR: Flavor = { latest: 'auto', prefix: '', suffix: '', prefixLatest: false, suffixLatest: false };

/** @throws TidegateError `bad-input` for a line that is not one of `latest=`, `prefix=`, `suffix=`. */
export function parseFlavor(lines: readonly string[]): Flavor {
  let flavor = NO_FLAVOR;
  for (const line of lines) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    let target: 'prefix' | 'suffix' | undefined;
    for (const field of csvFields(line) ?? [line]) {
      const [, key = '', value = ''] = /^\s*([A-Za-z]+)\s*=(.*)$/s.exec(field) ?? [];
      const text = value.trim();
      const name = key.toLowerCase();
      if (name === 'latest') flavor = { ...flavor, latest: latestOf(text, line) };
      else if (name === 'prefix' || name === 'suffix') {
        checkTemplate(text, line);
        target = name;
        flavor = { ...flavor, [name]: text };
      } else if (name === 'onlatest' && target && /^(true|false)$/.test(text)) {
        flavor = { ...flavor, [`${target}Latest`]: text === 'true' };
      } else throw refused(line, 'Write latest=auto, prefix=TEXT or suffix=TEXT; onlatest=true follows the last two.');
    }
  }
  return flavor;
}

function latestOf(text: string, line: string): Flavor['latest'] {
  if (text === 'auto' || text === 'true' || text === 'false') return text;
  throw refused(line, 'Write latest=auto, latest=true or latest=false.');
}

function checkTemplate(text: string, line: string): void {
  try {
    globalTemplate(text);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw refused(line, error.next);
  }
}

function refused(line: string, next: string): Error {
  return badInput('flavor-invalid', 'flavor', line, 'latest=, prefix= or suffix=, one per line', next);
}
