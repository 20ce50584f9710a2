import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { ActionSpec, InputSpec } from '@tidegate/runner';
import { isAddress } from './address.ts';
import type { InputTexts } from './inputs.ts';

interface Folders {
  /** The current folder, which paths on a command line start at. */
  readonly folder: string;
  /** The folder in which the commands of an action start: the top of a checkout. */
  readonly workspace: string;
}

type Change = (text: string) => string;

/** The paths among the inputs, from the current folder to the workspace. */
export function fromFolder(
  texts: InputTexts,
  { inputs }: ActionSpec,
  folder: string,
  workspace: string = folder,
): InputTexts {
  const isRemote = isAddress(texts.get('context') ?? '');
  return new Map(
    [...texts].map(([name, text]) => {
      const spec = inputs[name];
      const isElsewhere = spec?.path === 'in-context' && isRemote;
      return [name, spec === undefined || isElsewhere ? text : inWorkspace(text, spec, { folder, workspace })];
    }),
  );
}

/** The text of one input. */
function inWorkspace(text: string, { path, type, words = [] }: InputSpec, folders: Folders): string {
  if (path === undefined || words.includes(text) || text.includes('-----BEGIN ')) return text;
  if (path === 'or-name') return pathOrName(text, folders);
  if (path === 'of-programs') return text.trim() === '' ? text : resolve(folders.folder, text);
  const moved: Change = (one) => movedPath(one, folders);
  const changes: Readonly<Record<`${typeof path}`, Change>> = {
    true: moved,
    'in-context': moved,
    'several-after-name': (line) => afterName(line, (paths) => paths.split(',').map(moved).join(',')),
    'in-fields': (line) => inFields(line, moved),
  };
  const ofLine: Change = type === 'pairs' ? (line) => afterName(line, moved) : changes[`${path}`];
  return text.split('\n').map(ofLine).join('\n');
}

/** The same file or folder, seen from the workspace; absolute if it is outside of it. */
function movedPath(path: string, { folder, workspace }: Folders): string {
  if (path.trim() === '' || isAbsolute(path) || isAddress(path)) return path;
  if (resolve(workspace) === resolve(folder)) return path;
  const below = relative(workspace, folder);
  const isOutside = /^\.\.(?:$|[/\\])/.test(below);
  return isOutside ? resolve(folder, path) : join(below, path);
}

/** A name of something published stays as it is. */
function pathOrName(text: string, { folder }: Folders): string {
  const path = resolve(folder, text);
  return existsSync(path) ? path : text;
}

/** `NAME=PATH`; a name alone has no path. */
function afterName(line: string, moved: Change): string {
  const start = line.indexOf('=') + 1;
  return start === 0 ? line : `${line.slice(0, start)}${moved(line.slice(start))}`;
}

/** `type=local,src=PATH`: other fields have no paths. */
function inFields(line: string, moved: Change): string {
  const fields = line.split(',');
  return fields.map((field) => (/^\s*(?:src|dest)=/.test(field) ? afterName(field, moved) : field)).join(',');
}
