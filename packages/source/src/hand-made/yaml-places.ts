import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  Scalar,
  type YAMLMap,
} from 'yaml';
import { type Commands, type Place, scriptAt, scriptFrom } from './places.ts';
import { programPlaces } from './program-places.ts';

/** Keys that hold commands, by kind of file. A list under `scripts` holds one script an item, under `argv` one command. */
interface Keys {
  readonly scripts: RegExp;
  readonly argv?: RegExp;
}

const WORKFLOW: Keys = { scripts: /^(?:run|script)$/ };
const KEYS: readonly { readonly file: RegExp; readonly keys: Keys }[] = [
  { file: /(?:^|\/)\.(?:github|gitea|forgejo)\/(?:workflows|actions)\/.*\.ya?ml$/, keys: WORKFLOW },
  { file: /(?:^|\/)action\.ya?ml$/, keys: WORKFLOW },
  {
    file: /(?:^|\/)(?:docker-)?compose(?:[.-][^/]*)?\.ya?ml$/,
    keys: { scripts: /^$/, argv: /^(?:command|entrypoint|test)$/ },
  },
  { file: /(?:^|\/)Taskfile(?:\.dist)?\.ya?ml$/i, keys: { scripts: /^(?:cmds?|sh|status|preconditions)$/ } },
  { file: /(?:^|\/)\.gitlab-ci(?:[.-][^/]*)?\.ya?ml$/, keys: { scripts: /^(?:script|before_script|after_script)$/ } },
  { file: /(?:^|\/)\.circleci\/[^/]*\.ya?ml$/, keys: { scripts: /^(?:run|command)$/ } },
  { file: /(?:^|\/)azure-pipelines[^/]*\.ya?ml$/, keys: { scripts: /^(?:script|bash|pwsh|powershell)$/ } },
  { file: /(?:^|\/)bitbucket-pipelines\.ya?ml$/, keys: { scripts: /^(?:script|after-script)$/ } },
  { file: /(?:^|\/)\.(?:drone|woodpecker)[^/]*\.ya?ml$/, keys: { scripts: /^commands$/ } },
  { file: /(?:^|\/)\.travis\.ya?ml$/, keys: { scripts: /^(?:before_|after_)?(?:script|install|deploy|success)$/ } },
  { file: /(?:^|\/)buildspec[^/]*\.ya?ml$/, keys: { scripts: /^commands$/ } },
  { file: /(?:^|\/)\.?(?:lefthook|pre-commit-config)\.ya?ml$/, keys: { scripts: /^(?:run|entry)$/ } },
];

/** package.json and its like are JSON, which is YAML. */
const JSON_SCRIPTS: Keys = { scripts: /./ };

export function yamlKeysOf(file: string): Keys | undefined {
  return KEYS.find((one) => one.file.test(file))?.keys;
}

/** @throws Error for what is no YAML. */
export function yamlPlaces(text: string, keys: Keys): Place[] {
  refuseDepth(text);
  const lines = new LineCounter();
  const places: Place[] = [];
  for (const document of parseAllDocuments(text, { lineCounter: lines, logLevel: 'silent' })) {
    if ('empty' in document) break;
    const [error] = document.errors;
    if (error) throw new Error(error.message.split('\n', 1)[0] ?? 'no YAML');
    walk(document.contents, (map, scope, isRemote) => {
      if (places.length >= MOST) return;
      for (const place of placesAt(map, keys, text, lines)) {
        places.push({ ...place, scope, ...(isRemote && place.kind === 'script' ? { isRemote } : {}) });
      }
    });
  }
  return places;
}

/** The commands of `scripts` in package.json, composer.json, and of `tasks` in deno.json. */
export function jsonPlaces(text: string): Place[] {
  refuseDepth(text);
  const lines = new LineCounter();
  const places: Place[] = [];
  const [document] = parseAllDocuments(text, { lineCounter: lines, logLevel: 'silent' });
  if (!document || 'empty' in document || !isMap(document.contents)) return [];
  for (const pair of document.contents.items) {
    if (!isScalar(pair.key) || !/^(?:scripts|tasks)$/.test(String(pair.key.value))) continue;
    if (isMap(pair.value)) {
      for (const script of pair.value.items) {
        const scope = isScalar(script.key) ? String(script.key.value) : '';
        for (const place of placesOf(script, JSON_SCRIPTS, text, lines)) places.push({ ...place, scope });
      }
    }
  }
  return places;
}

/** A parser takes minutes over what is nested a hundred thousand deep, and nobody writes it. */
const DEEPEST = 1000;

function refuseDepth(text: string): void {
  let depth = 0;
  for (const [mark] of text.matchAll(/[[\]{}]/g)) {
    depth = Math.max(0, depth + (mark === '[' || mark === '{' ? 1 : -1));
    if (depth > DEEPEST) throw new Error('it is nested too deep');
  }
}

/**
 * Every mapping, without recursion: a hostile file may be nested deeper than the stack. Its scope is the job that it is
 * in: below `jobs`, `tasks` and the like the one of that name, else what stands at the top.
 */
function walk(root: unknown, visit: (map: YAMLMap, scope: string, isRemote: boolean) => void): void {
  interface Waiting {
    readonly node: unknown;
    readonly path: readonly string[];
    readonly isRemote: boolean;
  }
  const waiting: Waiting[] = [{ node: root, path: [], isRemote: false }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, path } = next;
    if (isMap(node)) {
      const isRemote = next.isRemote || RUNS_THERE.test(usedBy(node) ?? '');
      visit(node, path.join('/'), isRemote);
      for (const { key, value } of node.items) {
        const name = isScalar(key) ? String(key.value) : '';
        const isAbove = path.length === 0 || (path.length === 1 && OF_JOBS.test(path[0] ?? ''));
        waiting.push({ node: value ?? null, path: isAbove ? [...path, name] : path, isRemote });
      }
    } else if (isSeq(node)) {
      // Azure's jobs are a list.
      const isOfJobs = path.length === 1 && OF_JOBS.test(path[0] ?? '');
      for (const [at, item] of node.items.entries()) {
        waiting.push({ ...next, node: item, path: isOfJobs ? [...path, String(at)] : path });
      }
    }
  }
}

const OF_JOBS = /^(?:jobs|tasks|services|stages|pipelines|phases)$/;
/** Of one file: who has read so many does not need the others. */
const MOST = 10_000;

/** Actions that send files to another machine, to a bucket or a release; artifacts of the run are no such. */
const SENDS = /scp|ssh|rsync|ftp|release|s3|gcs|cloud-storage|blob/i;
const RUNS_THERE = /[/-]ssh(?:[/-]|$)/i;

/** `owner/name` of the action that a step uses. */
function usedBy(map: YAMLMap): string | undefined {
  const uses = map.get('uses');
  return typeof uses === 'string' ? uses.replace(/@.*$/, '') : undefined;
}

function placesAt(map: YAMLMap, keys: Keys, text: string, lines: LineCounter): Place[] {
  const uses = usedBy(map);
  const given = map.get('with');
  if (uses === undefined || !isMap(given)) return map.items.flatMap((pair) => placesOf(pair, keys, text, lines));
  if (!SENDS.test(uses)) return [];
  const values = given.items.flatMap(({ value }) =>
    isScalar(value) && typeof value.value === 'string' ? [value.value] : [],
  );
  const words = values.flatMap((value) => value.split(/[\s,]+/));
  return [{ kind: 'upload', words: words.slice(0, 1000) }];
}

function placesOf(pair: Pair<unknown, unknown>, keys: Keys, text: string, lines: LineCounter): Commands[] {
  const { key, value } = pair;
  if (!isScalar(key)) return [];
  const name = String(key.value);
  const isArgv = keys.argv?.test(name) ?? false;
  if (!isArgv && !keys.scripts.test(name)) return [];
  const lineOf = (node: unknown) => lines.linePos((node as Node).range?.[0] ?? 0).line;
  if (isScalar(value) && typeof value.value === 'string') return scalarPlaces(value, text, lines, name);
  if (!isSeq(value)) return [];
  const items = value.items.filter(
    (item) => isScalar<string>(item) && typeof item.value === 'string',
  ) as Scalar<string>[];
  if (!isArgv) return items.flatMap((item) => scalarPlaces(item, text, lines, name));
  const args = items.map((item) => item.value);
  if (args[0] === 'CMD-SHELL' || args[0] === 'CMD') args.shift();
  // `["sh", "-c", "…"]` may be long: the line of the last word is where its script stands.
  const last = items.at(-1);
  return last
    ? [
        {
          kind: 'arguments',
          args,
          line: lineOf(items.length > 2 && /^(?:ba)?sh$/.test(args[0] ?? '') ? last : items[0]),
        },
      ]
    : [];
}

function scalarPlaces(node: Scalar, text: string, lines: LineCounter, key: string): Commands[] {
  const value = String(node.value);
  const [start = 0, end = text.length] = node.range ?? [];
  const { line } = lines.linePos(start);
  let place: Commands;
  if (node.type === Scalar.BLOCK_LITERAL) place = scriptFrom(value, line + 1);
  else {
    const raw = text.slice(start, end);
    const rawLines = raw.split('\n');
    const spans = rawLines.length > 1;
    // Folded text has other lines than its file: what stands there is looked for where it can be.
    place = spans
      ? {
          kind: 'script',
          text: value,
          lineAt: (offset) => line + lineOfWords(rawLines, value.slice(offset, offset + 200)),
        }
      : scriptAt(value, line);
  }
  // actions/github-script takes JavaScript under the same key as ssh actions take a shell's.
  if (key === 'script' && /\b(?:await|const|require\(|=>)/.test(value) && place.kind === 'script') {
    const { lineAt } = place;
    return programPlaces(value, 'javascript').map((inner) =>
      inner.kind === 'arguments'
        ? { ...inner, line: lineAt(offsetOfLine(value, inner.line)) }
        : { ...inner, lineAt: (offset: number) => lineAt(offsetOfLine(value, inner.lineAt(offset))) },
    );
  }
  return [place];
}

/** Which of these lines, from 0, holds the words that `value` begins with. */
function lineOfWords(lines: readonly string[], value: string): number {
  const words = value.trimStart().split(/\s+/, 3);
  const together = words.join(' ').trim();
  const index = lines.findIndex((line) => line.includes(together));
  return index >= 0
    ? index
    : Math.max(
        0,
        lines.findIndex((line) => line.includes(words[0] ?? '')),
      );
}

function offsetOfLine(text: string, line: number): number {
  let at = 0;
  for (let left = line - 1; left > 0; left -= 1) at = text.indexOf('\n', at) + 1;
  return at;
}
