import type { ListedPackage } from './listed.ts';

/** A portage package's name and version (PMS, "Package naming"), as Syft reads it. */
const FOLDER =
  /\/([^/]+\/[\w+][\w+-]*)-([0-9]+(?:\.[0-9]+)*[a-z]?(?:_(?:pre|p|beta|alpha|rc)[0-9]*)*(?:-r[0-9]+)?)\/CONTENTS$/;

/** One package: its folder names it, whatever the file contains. */
export function readPortageContents(_: Buffer, path: string): readonly ListedPackage[] {
  const [, name, version] = FOLDER.exec(path) ?? [];
  return name === undefined || version === undefined ? [] : [{ key: name, name, version, identity: version }];
}

/** `obj /usr/bin/curl MD5 TIME`. Folders and links are left out. */
export function readPortageFiles(content: Buffer): readonly string[] {
  return content
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      const words = line.split(' ');
      return words[0] === 'obj' && words.length > 3 ? [words.slice(1, -2).join(' ')] : [];
    });
}
