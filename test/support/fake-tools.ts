import { chmod, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Suite } from './suite.ts';

/** How an unreliable tool ends. Real tools do not do this on command, so these are fakes: shell scripts. */
export const MISBEHAVIOURS = {
  'is killed': 'kill -9 $$',
  'ends with exit code 1 and says nothing': 'exit 1',
  'ends well and writes nothing': 'exit 0',
  'ends well and leaves empty files': 'for file in $files; do : >"$file"; done',
  'ends well and writes rubbish': 'for file in $files; do echo "<html>not what you asked for</html>" >"$file"; done',
  'ends well and writes an empty object': 'for file in $files; do echo "{}" >"$file"; done',
} as const;
export type Misbehaviour = keyof typeof MISBEHAVIOURS;

/** For each tool: what it does before it misbehaves, so that only the work itself fails, and where it should write. */
const SCRIPTS = {
  buildx: `if [ "$1" != build ]; then exec "$real" "$@"; fi
for word in "$@"; do
  case $previous in --metadata-file) files="$files $word" ;; esac
  previous=$word
done`,
  syft: `for word in "$@"; do
  case $word in *json*=/*) files="$files \${word#*=}" ;; esac
done`,
  grype: `if [ "$1" = db ]; then exec "$real" "$@"; fi
for word in "$@"; do
  case $previous in --file) files="$files $word" ;; esac
  previous=$word
done`,
} as const;
export type FakeTool = keyof typeof SCRIPTS;

/** The tools, one of them replaced by a misbehaving one. @returns a folder for the input `tools` */
export async function fakeTool(suite: Suite, tool: FakeTool, misbehaviour: Misbehaviour): Promise<string> {
  return replaceTools(suite, { [tool]: `${SCRIPTS[tool]}\n${MISBEHAVIOURS[misbehaviour]}` });
}

/** The tools, some of them replaced by shell scripts. `$real` is the path of the replaced tool. */
export async function replaceTools(suite: Suite, scripts: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(suite.folder, 'tools-'));
  for (const name of await readdir(suite.tools)) {
    const real = join(suite.tools, name);
    const script = scripts[name];
    const path = join(folder, name);
    if (script === undefined) await symlink(real, path);
    else await writeFile(path, `#!/bin/sh\nreal='${real}'\nfiles=\nprevious=\n${script}\n`);
    if (script !== undefined) await chmod(path, 0o755);
  }
  return folder;
}
