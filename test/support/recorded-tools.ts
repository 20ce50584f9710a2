import { chmod, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceTools } from './fake-tools.ts';
import type { Suite } from './suite.ts';

/** One start of a program, as the program saw it. */
export interface Started {
  readonly program: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Recorder {
  /** For the input `tools`: the real tools, each behind a script that records its call. */
  readonly tools: string;
  /** First folder in PATH: a git that does the same. */
  readonly path: string;
  started(): Promise<readonly Started[]>;
}

export async function recordedTools(suite: Suite): Promise<Recorder> {
  const records = await mkdtemp(join(suite.folder, 'records-'));
  // Not `env -0`: the kernel's own copy contains the environment that this process received, without changes by the
  // shell.
  const note = `note=$(mktemp '${records}/XXXXXXXX')
printf '%s\\0' "\${0##*/}" "$@" >"$note.argv"
cat /proc/$$/environ >"$note.env"
exec "$real" "$@"`;
  const names = await readdir(suite.tools);
  const tools = await replaceTools(suite, Object.fromEntries(names.map((name) => [name, note])));
  const path = join(records, 'path');
  await mkdir(path);
  const git = join(path, 'git');
  // The real one is found in PATH without this folder.
  await writeFile(git, `#!/bin/sh\nreal=$(PATH=\${PATH#*:} command -v git)\n${note}\n`);
  await chmod(git, 0o755);
  return {
    tools,
    path,
    async started() {
      const notes = (await readdir(records)).filter((name) => name.endsWith('.argv')).toSorted();
      return Promise.all(
        notes.map(async (name) => {
          const [program = '', ...argv] = parts(await readFile(join(records, name), 'utf8'));
          const env = parts(await readFile(join(records, name.replace(/argv$/, 'env')), 'utf8'));
          return { program, argv, env: Object.fromEntries(env.map((pair) => pair.split(/=(.*)/s).slice(0, 2))) };
        }),
      );
    },
  };
}

function parts(text: string): string[] {
  return text.split('\0').slice(0, -1);
}
