import { type Entry, linesOf } from './entry.ts';

/** poetry.lock, uv.lock, pdm.lock and Cargo.lock: `[[package]]` with `name` and `version`, each on its own line. */
export function readTomlLock(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  let name: string | undefined;
  let at = 0;
  for (const [line, content] of linesOf(text)) {
    if (content.startsWith('[')) name = undefined;
    const [, key, value = ''] = /^(name|version) = "([^"]+)"$/.exec(content) ?? [];
    if (key === 'name') [name, at] = [value, line];
    if (key !== 'version' || name === undefined) continue;
    entries.push({ name, version: value, line: at });
    name = undefined;
  }
  return entries;
}
