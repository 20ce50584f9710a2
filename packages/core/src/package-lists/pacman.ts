import type { ListedPackage } from './listed.ts';

/** `%NAME%` and its lines, up to an empty one. */
function sectionsOf(content: Buffer): ReadonlyMap<string, readonly string[]> {
  const sections = new Map<string, string[]>();
  let lines: string[] | undefined;
  for (const line of content.toString('utf8').split('\n')) {
    const name = /^%([A-Z0-9]+)%$/.exec(line)?.[1];
    if (name !== undefined) {
      lines = [];
      sections.set(name, lines);
    } else if (line === '') lines = undefined;
    else lines?.push(line);
  }
  return sections;
}

/** `desc` of one package in `/var/lib/pacman/local`. */
export function readPacmanDesc(content: Buffer): readonly ListedPackage[] {
  const sections = sectionsOf(content);
  const [name = '', version = '', base = ''] = ['NAME', 'VERSION', 'BASE'].map((each) => sections.get(each)?.[0]);
  return name === '' ? [] : [{ key: name, name, version, identity: `${version} of ${base}`, source: base || name }];
}

/** `files` beside it. Folders end in a slash. */
export function readPacmanFiles(content: Buffer): readonly string[] {
  return (sectionsOf(content).get('FILES') ?? []).map((path) => `/${path}`);
}
