import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The files through which a step passes results to the runner, by their variables. */
const FILES = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY'] as const;
export type FileVariable = (typeof FILES)[number];

/** Creates them, empty, as the runner does before each step. */
export async function makeFiles(folder: string): Promise<Record<FileVariable, string>> {
  await mkdir(folder, { recursive: true });
  const paths = {} as Record<FileVariable, string>;
  for (const variable of FILES) {
    paths[variable] = join(folder, variable.toLowerCase());
    await writeFile(paths[variable], '');
  }
  return paths;
}

/**
 * `name=value` and `name<<delimiter` … `delimiter` (actions/runner, FileCommandManager.cs). Fails for any other line.
 */
export async function readPairs(path: string): Promise<Record<string, string>> {
  const pairs: Record<string, string> = {};
  const lines = (await readFile(path, 'utf8')).split(/\r?\n/);
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const heredoc = /^([^=]+?)<<(.+)$/.exec(line);
    if (heredoc?.[1] && heredoc[2]) {
      const end = lines.indexOf(heredoc[2], at + 1);
      if (end < 0) throw new Error(`${path}: no line ${heredoc[2]} ends the value of ${heredoc[1]}`);
      pairs[heredoc[1]] = lines.slice(at + 1, end).join('\n');
      at = end;
      continue;
    }
    const equals = line.indexOf('=');
    if (equals < 1) throw new Error(`${path}: ${JSON.stringify(line)} is neither name=value nor name<<delimiter`);
    pairs[line.slice(0, equals)] = line.slice(equals + 1);
  }
  return pairs;
}
