import { clipped } from '../text/wording.ts';
import type { TargetBuild } from './target-build.ts';

/** Workflows, actions and the policy: they decide about every image. */
const CONFIGURATION = '.github/';

/**
 * Why every target is built again: a file changed that concerns all of them.
 * @param changed paths relative to the top of the repository
 * @param shared the bake files and the policy file
 */
export function sharedChange(changed: readonly string[], shared: readonly string[]): string | undefined {
  const path = changed.find((one) => one.startsWith(CONFIGURATION) || shared.includes(one));
  return path === undefined ? undefined : `${clipped(path)} changed`;
}

/** git writes files into the checkout as the nearest of them says: line ends, keywords, filters such as LFS. */
const ATTRIBUTES = '.gitattributes';

/**
 * Why a target is built again: a file changed in its build context or in another local context, or its Dockerfile, or
 * the attributes by which git writes them.
 * @param isIgnored whether .dockerignore excludes a path, relative to the context
 */
export function targetChange(
  { context, file, localContexts }: Pick<TargetBuild, 'context' | 'file' | 'localContexts'>,
  changed: readonly string[],
  isIgnored: (path: string) => boolean,
): string | undefined {
  const path = changed.find((one) => {
    if (isAt(one, file) || one === `${file}.dockerignore` || one === inside(context, '.dockerignore')) return true;
    if (isAttributesOf(one, [context, file, ...localContexts])) return true;
    if (localContexts.some((folder) => below(folder, one) !== undefined)) return true;
    const own = below(context, one);
    return own !== undefined && (own === '' || !isIgnored(own));
  });
  return path === undefined ? undefined : `${clipped(path)} changed`;
}

/** Above or below one of the paths: a file that .dockerignore excludes still changes the others of its folder. */
function isAttributesOf(path: string, paths: readonly string[]): boolean {
  if (path !== ATTRIBUTES && !path.endsWith(`/${ATTRIBUTES}`)) return false;
  const folder = path.slice(0, -ATTRIBUTES.length - 1) || '.';
  return paths.some((one) => below(folder, one) !== undefined || below(one, folder) !== undefined);
}

/**
 * The path relative to the folder; undefined if it is not in it. Empty for the folder itself and for one above it: git
 * names a folder only where it is a submodule, or was a file.
 */
function below(folder: string, path: string): string | undefined {
  if (folder === '.') return path;
  if (isAt(path, folder)) return '';
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
}

function isAt(changed: string, path: string): boolean {
  return path === changed || path.startsWith(`${changed}/`);
}

function inside(folder: string, name: string): string {
  return folder === '.' ? name : `${folder}/${name}`;
}
