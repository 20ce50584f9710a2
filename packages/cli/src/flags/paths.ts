import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { ActionSpec } from '@tidegate/runner';
import type { InputTexts } from './inputs.ts';

/** An address, a git repository, or the text of a key. */
const NO_PATH = /^[a-z][a-z0-9+.-]{0,20}:\/\/|^[\w.-]{1,64}@[\w.-]{1,253}:|-----BEGIN /i;

/**
 * The paths among the inputs, relative to the workspace: the commands of an action start there, which for a checkout is
 * its top, and a path on a command line starts at the current folder.
 */
export function fromFolder(
  texts: InputTexts,
  { inputs }: ActionSpec,
  folder: string,
  workspace: string | undefined,
): InputTexts {
  if (workspace === undefined || resolve(workspace) === resolve(folder)) return texts;
  const below = relative(workspace, folder);
  const isInside = !/^\.\.(?:$|[/\\])/.test(below);
  const moved = (path: string) => {
    if (NO_PATH.test(path)) return path;
    return isInside && resolve(path) !== path ? join(below, path) : resolve(folder, path);
  };
  return new Map(
    [...texts].map(([name, text]) => {
      const path = inputs[name]?.path;
      if (path === 'or-name') {
        const whole = resolve(folder, text);
        return [name, existsSync(whole) ? whole : text] as const;
      }
      if (!path || text.includes('-----BEGIN ')) return [name, text] as const;
      return [name, text.split('\n').map(moved).join('\n')] as const;
    }),
  );
}
