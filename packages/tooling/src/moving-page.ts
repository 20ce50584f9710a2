/** The tables of docs/guides/moving.md, from the file that test/moving walks. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const PAGE = 'docs/guides/moving.md';
const DATA = 'test/moving/inputs.json';

/** Inputs that have the same name and meaning here: the test tries each. Or text about anything else. */
type Row =
  | { readonly same: readonly string[]; readonly note?: string }
  | { readonly theirs: string; readonly ours: string };

export interface Peer {
  readonly peer: string;
  /** Whose inputs are listed. */
  readonly version: string;
  readonly inputs: readonly string[];
  readonly rows: readonly Row[];
}

async function readPeers(root: string): Promise<readonly Peer[]> {
  return JSON.parse(await readFile(join(root, DATA), 'utf8'));
}

/** @throws Error for an input without a row */
export async function movingPage(root: string): Promise<readonly [path: string, text: string]> {
  let text = await readFile(join(root, PAGE), 'utf8');
  for (const one of await readPeers(root)) {
    const [start, end] = [`<!-- moving:${one.peer} -->\n`, `<!-- /moving:${one.peer} -->`];
    const [from, to] = [text.indexOf(start) + start.length, text.indexOf(end)];
    if (from < start.length || to < from) throw new Error(`${PAGE} has no markers for ${one.peer}`);
    text = text.slice(0, from) + tableOf(one) + text.slice(to);
  }
  return [PAGE, text];
}

export function tableOf({ peer, inputs, rows }: Peer): string {
  const cells = rows.map((row) =>
    'same' in row
      ? [row.same.map((name) => `\`${name}\``).join(', '), row.note ? `the same; ${row.note}` : 'the same']
      : [row.theirs, row.ours],
  );
  const missing = inputs.filter((name) => !cells.some(([theirs = '']) => new RegExp(`\`${name}[\`:]`).test(theirs)));
  if (missing.length > 0) throw new Error(`${DATA}: no row of ${peer} is about ${missing.join(', ')}`);
  return [['Input', 'Tidegate'], ['---', '---'], ...cells].map((row) => `| ${row.join(' | ')} |\n`).join('');
}
