import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../testdata/init', import.meta.url));

/** A repository before and after `init`. */
interface Shape {
  readonly name: string;
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

/** Each file of testdata/init: parts that begin with `--- before: PATH`, `--- after: PATH` or `--- notes`. */
export async function readShapes(): Promise<readonly Shape[]> {
  const files = (await readdir(FOLDER)).toSorted();
  return Promise.all(files.map(async (name) => parseShape(name, await readFile(join(FOLDER, name), 'utf8'))));
}

function parseShape(name: string, text: string): Shape {
  const [before, after] = [new Map<string, string>(), new Map<string, string>()];
  const notes: string[] = [];
  for (const part of text.split(/^--- (?=before: |after: |notes$)/m).slice(1)) {
    const [heading = '', ...lines] = part.split('\n');
    const [kind, path = '', ends] = heading.split(' ');
    if (kind === 'notes') notes.push(...lines.filter((line) => line !== ''));
    else (kind === 'before:' ? before : after).set(path, lines.join(ends === 'crlf' ? '\r\n' : '\n'));
  }
  return { name, before, after, notes };
}
