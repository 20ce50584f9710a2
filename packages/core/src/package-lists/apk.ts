import type { ListedPackage } from './listed.ts';

interface ApkEntry extends ListedPackage {
  /** Absolute path in the root of its system. */
  readonly files: readonly string[];
}

/** Syft stops at a line longer than this and drops the whole list. */
const LONGEST_LINE = 10 * 1024 * 1024;

/**
 * apk's `installed`: letters with a colon, an empty line between packages. Read like Syft, which drops the whole list
 * for a mode line without a preceding file or folder.
 */
export function readApkInstalled(content: Buffer): readonly ApkEntry[] {
  const found: ApkEntry[] = [];
  let [fields, files]: [Map<string, string>, string[]] = [new Map(), []];
  let folder: string | undefined;
  let file = false;
  const end = () => {
    if (fields.size === 0) return;
    const [name = '', version = '', origin = ''] = ['P', 'V', 'o'].map((letter) => fields.get(letter));
    const key = `${name}:${fields.get('A') ?? ''}`;
    if (name !== '')
      found.push({ key, name, version, identity: `${version} of ${origin}`, source: origin || name, files });
    [fields, files, folder, file] = [new Map(), [], undefined, false];
  };
  for (const full of content.toString('utf8').split('\n')) {
    if (full.length > LONGEST_LINE) return [];
    const line = full.endsWith('\r') ? full.slice(0, -1) : full;
    if (line === '') {
      end();
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0 || colon === line.length - 1) continue;
    const [letter, value] = [line.slice(0, colon), line.slice(colon + 1)];
    if (letter === 'F') folder = `/${value}`;
    else if (letter === 'R') {
      files.push(`${folder ?? ''}/${value}`);
      file = true;
    } else if (letter === 'M' && folder === undefined) return [];
    else if ((letter === 'a' || letter === 'Z') && !file) return [];
    fields.set(letter, value);
  }
  end();
  return found;
}
