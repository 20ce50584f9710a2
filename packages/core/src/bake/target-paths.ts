import { problem } from './problem.ts';

const CWD = 'cwd://';

/** buildx, urlutil.IsRemoteURL, and more: nothing with a scheme is a folder. */
export function isAddress(text: string): boolean {
  return (
    /^[a-z][a-z0-9+.-]*:/i.test(text) || /^[^/][^/@]*@[^/][^/:]*:/.test(text) || /^(www\.|github\.com\/)/i.test(text)
  );
}

/**
 * A path below the top of the repository: `.`, `services/api`. buildx prints local paths relative to its working
 * folder, which is the top of the repository here.
 * @throws TargetProblem for a path that leads outside
 */
export function pathInRepository(field: string, text: string, base = '.'): string {
  const isOfCwd = text.startsWith(CWD);
  const given = isOfCwd ? text.slice(CWD.length) : text;
  const path = given.startsWith('/') ? undefined : cleaned(isOfCwd ? given : `${base}/${given}`);
  if (path !== undefined) return path;
  throw problem(
    `its ${field} ${JSON.stringify(text)} is outside of the repository`,
    'use a path below the top of the repository.',
  );
}

/** Without `.`, `..` and empty parts; undefined for a path that leads outside. */
function cleaned(path: string): string | undefined {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined;
    if (part !== '' && part !== '.' && part !== '..') parts.push(part);
  }
  return parts.length === 0 ? '.' : parts.join('/');
}

/** The build context of a target. @throws TargetProblem */
export function contextInRepository(text: string): string {
  if (!text.startsWith(CWD) && isAddress(text)) {
    throw problem(
      `its context ${JSON.stringify(text)} is not a folder of this repository`,
      'make the other repository a submodule, or build it in a workflow of its own.',
    );
  }
  return pathInRepository('context', text);
}
