import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
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
    if (path.trim() === '' || isAbsolute(path) || NO_PATH.test(path)) return path;
    return isInside ? join(below, path) : resolve(folder, path);
  };
  const movedPair = (pair: string) => {
    const source = pair.indexOf('=') + 1;
    return source === 0 ? pair : `${pair.slice(0, source)}${moved(pair.slice(source))}`;
  };
  const isRemote = NO_PATH.test(texts.get('context') ?? '');
  return new Map(
    [...texts].map(([name, text]) => {
      const { path, type } = inputs[name] ?? {};
      if (path === 'or-name') {
        const whole = resolve(folder, text);
        return [name, existsSync(whole) ? whole : text] as const;
      }
      const isElsewhere = path === 'in-context' && isRemote;
      if (!path || isElsewhere || text.includes('-----BEGIN ')) return [name, text] as const;
      const lines = text.split('\n');
      return [name, lines.map(type === 'pairs' ? movedPair : moved).join('\n')] as const;
    }),
  );
}
