import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseAllDocuments,
  Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { ScriptLanguage } from '../shell/launch-parts.ts';
import { lineIndex, lineStarts } from '../shell/lines.ts';
import { YAML_OPTIONS } from '../yaml.ts';
import { placesIn as placesOfLanguage } from './inner-programs.ts';
import type { Commands, Place } from './places.ts';
import { commandOf, lineOfNode } from './yaml-argv.ts';
import { containerPlaces, scriptsGiven, shellPlaces } from './yaml-containers.ts';
import { type Context, contextIn, handedOn, NOTHING, resolved, settingOf } from './yaml-context.ts';
import type { Keys } from './yaml-keys.ts';

/** package.json and similar files are JSON, which is a subset of YAML. */
const JSON_SCRIPTS: Keys = { scripts: /./ };

/** @throws Error for invalid YAML, unless its keys are a guess. */
export function yamlPlaces(text: string, keys: Keys): Place[] {
  try {
    return placesIn(keys.isJson ? withoutComments(text) : text, keys);
  } catch (error) {
    // Helm templates and similar files are not valid YAML before rendering.
    if (keys.isGuess) return [];
    throw error;
  }
}

/** Comments of `.jsonc`, on separate lines or after a comma or bracket. */
function withoutComments(text: string): string {
  return text.replace(/^([ \t]{0,200}|.{0,2000}?[,[{]\s{0,20})\/\/.*$/gm, '$1');
}

function placesIn(text: string, keys: Keys): Place[] {
  refuseDepth(text);
  const lines = new LineCounter();
  const places: Place[] = [];
  const handed = handedOn(text);
  for (const document of parseAllDocuments(text, { ...YAML_OPTIONS, lineCounter: lines })) {
    if ('empty' in document) break;
    const [error] = document.errors;
    if (error) throw new Error(error.message.split('\n', 1)[0] ?? 'no YAML');
    const source: Source = { text, lines, keys, document };
    walk(document, { ...NOTHING, variables: handed }, (map, scope, isRemote, context) => {
      if (places.length >= MOST) return;
      for (const place of placesAt(map, source, context)) {
        places.push(isRemote && place.kind === 'script' ? { ...place, scope, isRemote } : { ...place, scope });
      }
    });
  }
  return places;
}

/** The state for reading a node. */
interface Source {
  readonly text: string;
  readonly lines: LineCounter;
  readonly keys: Keys;
  readonly document: Document;
}

/** The commands of `scripts` in package.json, composer.json, and of `tasks` in deno.json. */
export function jsonPlaces(text: string): Place[] {
  const bare = withoutComments(text);
  refuseDepth(bare);
  const lines = new LineCounter();
  const [document] = parseAllDocuments(bare, { ...YAML_OPTIONS, lineCounter: lines });
  if (!document || 'empty' in document || !isMap(document.contents)) return [];
  const source: Source = { text: bare, lines, keys: JSON_SCRIPTS, document };
  return document.contents.items.flatMap(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : '';
    if (!/^(?:scripts|tasks|husky|lint-staged|simple-git-hooks|pre-commit)$/.test(name) || !isMap(value)) return [];
    const hooks = name === 'husky' ? value.get('hooks') : value;
    if (!isMap(hooks)) return [];
    return hooks.items.flatMap((script) => {
      const scope = isScalar(script.key) ? String(script.key.value) : '';
      return placesOf(script, source, NOTHING).map((place) => ({ ...place, scope }));
    });
  });
}

/** A parser takes minutes for a hundred thousand nested levels, which real files do not have. */
const DEEPEST = 1000;

function refuseDepth(text: string): void {
  let depth = 0;
  for (const [mark] of text.matchAll(/[[\]{}]/g)) {
    depth = Math.max(0, depth + (mark === '[' || mark === '{' ? 1 : -1));
    if (depth > DEEPEST) throw new Error('it is nested too deep');
  }
}

/**
 * Visits every mapping once, without recursion: a hostile file may be nested deeper than the stack. Its scope is its
 * job: below `jobs`, `tasks` and similar keys the entry of that name, otherwise the top-level key.
 */
function walk(
  document: Document,
  context: Context,
  visit: (map: YAMLMap, scope: string, isRemote: boolean, context: Context) => void,
): void {
  interface Waiting {
    readonly node: unknown;
    readonly path: readonly string[];
    readonly isRemote: boolean;
    readonly context: Context;
  }
  const seen = new Set<unknown>();
  const waiting: Waiting[] = [{ node: document.contents, path: [], isRemote: false, context }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { path } = next;
    const node = resolved(next.node, document);
    if (seen.has(node)) continue;
    if (isMap(node)) {
      seen.add(node);
      const isRemote = next.isRemote || RUNS_THERE.test(usedBy(node) ?? '');
      const inside = contextIn(node, next.context, document);
      visit(node, path.join('/'), isRemote, inside);
      for (const { key, value } of node.items) {
        const name = isScalar(key) ? String(key.value) : '';
        const isAbove = path.length === 0 || (path.length === 1 && OF_JOBS.test(path[0] ?? ''));
        waiting.push({ node: value ?? null, path: isAbove ? [...path, name] : path, isRemote, context: inside });
      }
    } else if (isSeq(node)) {
      seen.add(node);
      // Azure's jobs are a list.
      const isOfJobs = path.length === 1 && OF_JOBS.test(path[0] ?? '');
      for (const [at, item] of node.items.entries()) {
        waiting.push({ ...next, node: item, path: isOfJobs ? [...path, String(at)] : path });
      }
    }
  }
}

const OF_JOBS = /^(?:jobs|tasks|services|stages|pipelines|phases)$/;
/** Maximum number of places of one file. */
const MOST = 10_000;

/** Actions that send files to another machine, a bucket or a release, but not artifacts of the run. */
const SENDS = /scp|ssh|rsync|ftp|release|s3|gcs|cloud-storage|blob/i;
const RUNS_THERE = /[/-]ssh(?:[/-]|$)/i;

/** `owner/name` of the action that a step uses. */
function usedBy(map: YAMLMap): string | undefined {
  const uses = map.get('uses');
  return typeof uses === 'string' ? uses.replace(/@.*/s, '') : undefined;
}

/** Inputs of an action that may be a script. */
const GIVEN: Keys = { scripts: /^(?:run|script|commands?|cmd|args|inlineScript|[\w-]+[_-](?:script|commands?|run))$/ };

function placesAt(map: YAMLMap, source: Source, context: Context): Place[] {
  const { keys, document, lines } = source;
  const lineOf = (node: unknown) => lineOfNode(node, (offset) => lines.linePos(offset));
  const uses = usedBy(map);
  const given = resolved(map.get('with', true), document);
  const own = map.items.flatMap((pair) => placesOf(pair, source, context));
  if (keys.isTemplate && isMap(map.get('tasks'))) own.push(...shortTasks(map.get('tasks') as YAMLMap, source, context));
  own.push(...shellPlaces(resolved(map.get('shell', true), document), context, lineOf));
  if (uses === undefined || !isMap(given)) return [...own, ...commandOf(map, keys, document, lineOf)];
  own.push(...containerPlaces(uses, given, context, lineOf));
  const scripts = scriptsGiven(uses, given).flatMap((pair) =>
    placesOf(pair, { ...source, keys: GIVEN }, { ...context, shell: JAVASCRIPT_ACTIONS.test(uses) ? 'node {0}' : '' }),
  );
  own.push(...scripts.filter((_, at) => at < MOST));
  if (!SENDS.test(uses)) return own;
  const values = given.items.flatMap(({ value }) =>
    isScalar(value) && typeof value.value === 'string' ? [value.value] : [],
  );
  const words = values.flatMap((value) => value.split(/[\s,]+/));
  return [...own, { kind: 'upload', words: words.slice(0, 1000) }];
}

/** Taskfiles: a task may be just its command, or a list of commands. */
function shortTasks(tasks: YAMLMap, source: Source, context: Context): Commands[] {
  const short: Source = { ...source, keys: { ...source.keys, scripts: /./ } };
  return tasks.items.flatMap((pair) => (isMap(pair.value) ? [] : placesOf(pair, short, context)));
}

function placesOf(pair: Pair<unknown, unknown>, source: Source, context: Context): Commands[] {
  const { keys, document, lines } = source;
  if (!isScalar(pair.key)) return [];
  const name = String(pair.key.value);
  const value = resolved(pair.value, document);
  const isArgv = keys.argv?.test(name) ?? false;
  const isScript = keys.scripts.test(name);
  if (!isArgv && !isScript) return [];
  if (isScalar(value) && typeof value.value === 'string') return scalarPlaces(value, source, name, context);
  if (!isSeq(value)) return [];
  const items = flat(value, document);
  if (!isArgv) return items.flatMap((item) => scalarPlaces(item, source, name, context));
  const args = items.map((item) => String(item.value));
  if (args[0] === 'CMD-SHELL' || args[0] === 'CMD') args.shift();
  // `["sh", "-c", "…"]` may be long: its script is at the line of the last word.
  const last = items.at(-1);
  const at = items.length > 2 && /^(?:ba)?sh$/.test(args[0] ?? '') ? last : items[0];
  if (!last) return [];
  if (at === last && last.type === Scalar.BLOCK_LITERAL) return scalarPlaces(last, source, name, context);
  return [{ kind: 'arguments', args, line: lineOfNode(at, (offset) => lines.linePos(offset)) }];
}

/** The strings of a list, including nested lists (created by anchors). */
function flat(list: YAMLSeq, document: Document): Scalar<string>[] {
  const found: Scalar<string>[] = [];
  let left = MOST;
  const add = (items: readonly unknown[], depth: number) => {
    for (const item of items) {
      left -= 1;
      if (left < 0) return;
      const value = resolved(item, document);
      if (isSeq(value)) {
        if (depth < 3) add(value.items, depth + 1);
      } else if (isScalar<string>(value) && typeof value.value === 'string') found.push(value as Scalar<string>);
    }
  };
  add(list.items, 0);
  return found;
}

const JAVASCRIPT_ACTIONS = /(?:^|\/)github-script$/;
const JAVASCRIPT = /\b(?:await|const|require\(|=>)/;

function scalarPlaces(node: Scalar, source: Source, key: string, context: Context): Commands[] {
  const { text, lines, keys } = source;
  const value = keys.isTemplate
    ? String(node.value).replace(/\{\{\s*\.(\w+)\s*\}\}/g, (_, name) => `\${${name}}`)
    : String(node.value);
  const [start = 0, end = text.length] = node.range ?? [];
  const { line } = lines.linePos(start);
  const lineAt = linesOf(node, value, text.slice(start, end), line);
  // actions/github-script expects JavaScript under the same key as ssh actions expect a shell script.
  const isJavaScript = key === 'script' && JAVASCRIPT.test(value);
  const language = isJavaScript ? 'javascript' : languageOf(key, context.shell, value);
  if (language === undefined) return [{ kind: 'script', text: value, lineAt, setting: settingOf(context) }];
  return placesOfLanguage(language, value).flatMap((inner): Commands[] => {
    if (inner.kind === 'upload' || inner.kind === 'cut') return [];
    if (inner.kind === 'arguments') return [{ ...inner, line: lineAt(offsetOfLine(value, inner.line)) }];
    return [
      { ...inner, setting: settingOf(context), lineAt: (offset) => lineAt(offsetOfLine(value, inner.lineAt(offset))) },
    ];
  });
}

/** Positions of a scalar's text in its file. */
function linesOf(node: Scalar, value: string, raw: string, line: number): (offset: number) => number {
  if (node.type === Scalar.BLOCK_LITERAL) {
    const starts = lineStarts(value);
    return (offset) => line + 1 + lineIndex(starts, offset);
  }
  const rawLines = raw.split('\n');
  if (rawLines.length === 1) return () => line;
  // Folded text has other lines than its file, so the text is searched for where possible.
  return (offset) => line + lineOfWords(rawLines, value.slice(offset, offset + 200));
}

/** @returns undefined for a shell script */
function languageOf(key: string, shell: string | undefined, value: string): ScriptLanguage | undefined {
  const [, program = ''] = /^#!\s*\S*\/(?:env\s+)?(\w+)/.exec(value) ?? [];
  const name = program || (key === 'run' || shell === 'node {0}' ? (shell ?? '') : key);
  if (/^(?:pwsh|powershell|ps)\b/.test(name)) return 'powershell';
  if (/^cmd\b/.test(name) && (key !== 'cmd' || /\^|%/.test(value))) return 'batch';
  if (/^python/.test(name)) return 'python';
  if (/^(?:node|deno|bun)\b/.test(name)) return 'javascript';
  return /^(?:perl|ruby|php)/.test(name) ? (name.replace(/\W.*$/s, '') as ScriptLanguage) : undefined;
}

/** Index of the line, from 0, with the first words of `value`. */
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
