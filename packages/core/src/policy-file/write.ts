import { canonicalJson } from '../canonical-json.ts';
import { TidegateError } from '../error.ts';
import { digestOf } from '../image/digest.ts';
import { completed } from './completed.ts';
import { KEPT_DATABASE } from './database-server.ts';
import { POLICY_FILE, type PolicyFile } from './definition.ts';
import { effectivePolicy } from './effective.ts';
import { readPolicyFile } from './read.ts';
import { everyState } from './severities.ts';

/**
 * A policy as a file in YAML, with all its defaults and without `extends`. The same policy applies if it is read again,
 * except for allow lists of extended policies: only the entries that all of them have, and that a file can have, are
 * written. The file is then stricter, and `isExact` is false.
 * @param given with the policies that it extends
 * @param isOfPreset the levels of the source rules are those of the preset: a file that sets them does not let inputs
 * switch the rules off, so they are not written
 */
export async function writePolicyFile(
  given: PolicyFile,
  isOfPreset = false,
): Promise<{ readonly text: string; readonly isExact: boolean }> {
  const { extends: _, ...file } = completed(given);
  const yaml = await import('yaml');
  const all = withoutKeptDatabase(withOneThreshold(file));
  const { sources: _sources, ...others } = all;
  const text = yaml.stringify(POLICY_FILE.write(isOfPreset ? others : all), {
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
  return { text, isExact: await isSame(text, file) };
}

/** `only-fixed` counts no other findings: one threshold says the same as one for each fix state. */
function withOneThreshold(file: PolicyFile): PolicyFile {
  const { vulnerabilities = {} } = file;
  const fixed = vulnerabilities['fail-on']?.fixed;
  if (!vulnerabilities['only-fixed'] || fixed === undefined) return file;
  return { ...file, vulnerabilities: { ...vulnerabilities, 'fail-on': everyState(fixed) } };
}

/** An extended policy may allow this source, which no policy file can name. */
function withoutKeptDatabase(file: PolicyFile): PolicyFile {
  const { mirrors, ...database } = file.database ?? {};
  if (!mirrors) return file;
  const named = mirrors.map((list) => list.filter((server) => server !== KEPT_DATABASE));
  return { ...file, database: { ...database, mirrors: named } };
}

async function isSame(text: string, file: PolicyFile): Promise<boolean> {
  try {
    const again = await readPolicyFile(Buffer.from(text), 'policy.yml');
    return digestOf(comparable(again)) === digestOf(comparable(file));
  } catch (error) {
    if (error instanceof TidegateError) return false;
    throw error;
  }
}

/** Ignore entries name the line that they come from. */
function comparable(file: PolicyFile): Uint8Array {
  const { ignore } = file;
  const placeless = ignore ? { ...file, ignore: ignore.map((entry) => ({ ...entry, from: '' })) } : file;
  return canonicalJson(effectivePolicy(placeless));
}
