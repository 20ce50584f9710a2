import type { Document, Node, ParsedNode } from 'yaml';
import { messageOf, TidegateError } from '../error.ts';
import { isCompose } from './format.ts';
import { jsonIn, utf8In } from './json.ts';
import { lateMerge } from './merges.ts';
import {
  type ManifestAlias,
  type ManifestList,
  type ManifestMap,
  type ManifestNode,
  type ManifestScalar,
  MERGE_KEY,
} from './node.ts';
import { documentsIn } from './yaml-documents.ts';

/** Maximum size of a file of manifests, in bytes. The largest published ones, with all CRDs of an operator, have 3 MiB. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
/** Deeper than any manifest, and far below the depth at which the parser exhausts stack or memory. */
const DEEPEST = 100;
const WIDEST_INDENT = 500;
/** More aliases than any real file has. */
const MOST_ALIASES = 10_000;
/** Nodes that aliases add when they are followed. A small file may otherwise describe millions of containers. */
const MOST_REPEATED = 200_000;

/** A file of one or more YAML documents, with the place of every node. */
export interface ManifestFile {
  /** As errors name it. */
  readonly name: string;
  readonly text: string;
  /** Without the empty ones. */
  readonly documents: readonly ManifestDocument[];
}

export interface ManifestDocument {
  readonly root: ManifestNode;
  /** The line on which the document begins. */
  readonly line: number;
}

/**
 * Read a file of YAML documents with the place of every node, for tools that report lines or change values in place.
 * It is strict where programs differ or a change could damage something: UTF-8, no duplicate keys, no circles, and valid
 * JSON in a file with this extension.
 * @param name the file in errors
 * @param options.isForCluster whether it is not for Compose, whatever it looks like
 * @throws TidegateError `manifest-unreadable`, with the line if it is known
 */
export async function readManifestFile(
  bytes: Uint8Array,
  name: string,
  { isForCluster = false } = {},
): Promise<ManifestFile> {
  const fail = (why: string, next: string, line?: number): never => {
    throw new TidegateError('manifest-unreadable', `${name}${line ? `:${line}` : ''} ${why}.`, {
      next,
      place: line ? { file: name, line } : undefined,
    });
  };
  if (bytes.length > MAX_MANIFEST_BYTES) {
    fail(`has ${bytes.length} bytes; the maximum is ${MAX_MANIFEST_BYTES}`, DIVIDE);
  }
  const text = utf8In(bytes) ?? fail('is not UTF-8 text', 'Convert the file to UTF-8.');
  const odd = oddBreak(text);
  if (odd) fail(`has a line break (${odd.name}) that programs read differently`, 'Use ordinary line ends.', odd.line);
  const mark = text.indexOf('\ufeff', 1);
  if (mark > 0) {
    // go-yaml skips one at the start of any line, such as before the first key of the second document.
    fail('has a byte order mark (U+FEFF) that programs read differently', 'Remove it.', lineOf(text, mark));
  }
  const marker = oddMarker(text);
  if (marker !== undefined) {
    fail('has text after a document marker (---) that programs read differently', 'Put it on its own line.', marker);
  }
  const deep = tooDeep(text);
  if (deep !== undefined) fail('is nested too deeply', 'Simplify the file, or leave it out.', deep);
  if (/\.json$/i.test(name) && !jsonIn(text)) fail('is not valid JSON', nextFor(text));
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line);
  let parsed: readonly Document.Parsed<ParsedNode>[];
  try {
    parsed = [...documentsIn(yaml, text, lines)];
  } catch (error) {
    const line = error instanceof yaml.YAMLParseError ? lineAt(error.pos[0]) : undefined;
    const why = firstLine(messageOf(error));
    return fail(`cannot be read as YAML: ${why}`, why.startsWith('More than ') ? DIVIDE : nextFor(text), line);
  }
  const documents: ManifestDocument[] = [];
  for (const document of parsed) {
    const root = document.contents && converted(document.contents, { yaml, text, lineAt, fail });
    if (!root) continue;
    const late = !isForCluster && isCompose(root, name) ? undefined : lateMerge(root);
    if (late) {
      const { key, line } = late;
      fail(`has the key ${JSON.stringify(key)} before a merge key (<<) that sets it again`, FIRST_MERGE, line);
    }
    documents.push({ root, line: lineAt(document.range[0]) });
  }
  return { name, text, documents };
}

function nextFor(text: string): string {
  return text.includes('{{')
    ? 'Render the template first: only its result is YAML.'
    : 'Correct the file: programs read it differently, or not at all.';
}

const DIVIDE = 'Divide it into several files.';
const FIRST_MERGE = 'Put << first in its mapping: kubectl and Helm take the last value.';

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').replace(/[.:]$/, '');
}

/**
 * YAML 1.1, which Go programs read, ends a line here; YAML 1.2 does not. A comment of one is content of the other.
 * A carriage return alone is an end in both, but not for this parser.
 */
function oddBreak(text: string): { readonly name: string; readonly line: number } | undefined {
  const found = /\r(?!\n)|[\u0085\u2028\u2029]/.exec(text);
  if (!found) return undefined;
  const name = `U+${found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  return { name, line: lineOf(text, found.index) };
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/**
 * kubectl divides a file before it reads YAML, also at markers with spaces of Unicode behind them, which YAML reads as
 * text (apimachinery, util/yaml, LineReader). @returns the line
 */
function oddMarker(text: string): number | undefined {
  const at = text.split('\n').findIndex((line) => line.startsWith('---') && !' \t\r'.includes(line[3] ?? ' '));
  return at < 0 ? undefined : at + 1;
}

/** Before anything is parsed. Brackets in text and comments count as well. @returns the line */
function tooDeep(text: string): number | undefined {
  let depth = 0;
  let line = 1;
  let indent: number | undefined = 0;
  for (const character of text) {
    if (character === '\n') {
      line += 1;
      indent = 0;
    } else if (indent !== undefined) indent = ' \t-?'.includes(character) ? indent + 1 : undefined;
    if (character === '[' || character === '{') depth += 1;
    else if ((character === ']' || character === '}') && depth > 0) depth -= 1;
    if (depth > DEEPEST || (indent ?? 0) > WIDEST_INDENT) return line;
  }
  return undefined;
}

interface Conversion {
  readonly yaml: typeof import('yaml');
  readonly text: string;
  readonly lineAt: (offset: number) => number;
  readonly fail: (why: string, next: string, line?: number) => never;
}

const STYLES: Readonly<Record<string, ManifestScalar['style']>> = {
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'block',
  BLOCK_FOLDED: 'block',
};

type Convert = (node: Node | null, parent: ManifestMap | ManifestList | undefined, line: number) => ManifestNode;

const BINARY = 'tag:yaml.org,2002:binary';
const MERGE = 'tag:yaml.org,2002:merge';
const KEY_TAGS: ReadonlySet<string> = new Set(['tag:yaml.org,2002:str', MERGE]);
const PLAIN_MERGE = 'Write << without quotes.';

function isMergeKey(key: ManifestNode): boolean {
  return key.kind === 'scalar' && (key.tag === MERGE || (key.tag === undefined && key.style === 'plain'));
}

function converted(contents: Node, { yaml, text, lineAt, fail }: Conversion): ManifestNode {
  const anchors = new Map<string, Exclude<ManifestNode, ManifestAlias>>();
  const weights = new Map<ManifestNode, number>();
  let aliases = 0;
  let repeated = 0;
  let weight = 0;
  const lineOf = (node: Node) => lineAt(node.range?.[0] ?? 0);

  /** In the order of the text: an anchor may be defined again, and an alias means the last one before it. */
  const convert: Convert = (node, parent, line) => {
    const before = weight;
    weight += 1;
    const made = convertOne(node, parent, line);
    if (made.kind !== 'alias') weights.set(made, weight - before);
    return made;
  };

  const convertOne: Convert = (node, parent, line) => {
    if (node === null)
      return { kind: 'scalar', text: '', style: 'plain', isFolded: false, start: 0, end: 0, ...common(parent, line) };
    if (yaml.isAlias(node)) return alias(node.source, lineOf(node), parent);
    if (yaml.isMap(node)) {
      const map: ManifestMap = { kind: 'map', entries: [], ...common(parent, lineOf(node), node.tag) };
      note(node.anchor, map);
      const keys = new Set<string>();
      for (const { key, value } of node.items as { key: Node; value: Node | null }[]) {
        const keyLine = lineOf(key);
        const keyNode = convert(key, map, keyLine);
        const name = keyNode.kind === 'scalar' ? keyNode.text : undefined;
        if (keyNode.kind === 'alias' || (keyNode.tag !== undefined && !KEY_TAGS.has(keyNode.tag))) {
          fail(
            'has an alias or a tag as a key, so its name is in another place',
            'Write the name of the key.',
            keyLine,
          );
        }
        // A file that begins with {…}: is an object and an error for kubectl, which reads JSON first and applies it.
        if (name === undefined && !parent) fail('has a key that is no text', 'Correct the file.', keyLine);
        if (name === MERGE_KEY && !isMergeKey(keyNode)) {
          fail('has << in quotes or with a tag as a key, which is no merge key for all programs', PLAIN_MERGE, keyLine);
        }
        if (name !== undefined && keys.has(name)) {
          fail(`has the key ${JSON.stringify(name)} twice in one mapping`, 'Remove one of them.', keyLine);
        }
        if (name !== undefined) keys.add(name);
        map.entries.push({ key: name, line: keyLine, value: convert(value, map, keyLine) });
      }
      return map;
    }
    if (yaml.isSeq(node)) {
      const list: ManifestList = { kind: 'list', items: [], ...common(parent, lineOf(node), node.tag) };
      note(node.anchor, list);
      for (const item of node.items as (Node | null)[]) list.items.push(convert(item, list, lineOf(node)));
      return list;
    }
    if (!yaml.isScalar(node)) return fail('has an unknown kind of node', 'Correct the file.', line);
    const [start, end] = node.range ?? [0, 0];
    const scalar: ManifestScalar = {
      // The value of some tags is no text: of !!merge it is a symbol.
      ...{
        kind: 'scalar',
        text: node.source ?? String(node.value),
        style: STYLES[node.type ?? ''] ?? 'plain',
        start,
        end,
      },
      isFolded: text.slice(start, end).includes('\n'),
      ...common(parent, lineOf(node), node.tag),
    };
    if (scalar.tag === BINARY) fail('has a text in base64 (!!binary)', 'Write the text itself.', scalar.line);
    note(node.anchor, scalar);
    return scalar;
  };

  const note = (anchor: string | undefined, node: Exclude<ManifestNode, ManifestAlias>) => {
    if (anchor === undefined) return;
    // For go-yaml, the name ends before these, and the value begins.
    if (/[:?%@`]/.test(anchor)) {
      fail(`has the anchor &${anchor}, which programs read differently`, 'Use letters and digits.', node.line);
    }
    anchors.set(anchor, node);
  };

  const alias = (source: string, line: number, parent: ManifestMap | ManifestList | undefined): ManifestAlias => {
    const target =
      anchors.get(source) ?? fail(`has the alias *${source} without an anchor before it`, 'Correct the file.', line);
    for (let above = parent; above; above = above.parent) {
      if (above === target) fail(`has the alias *${source} inside of what it names`, 'Remove the circle.', line);
    }
    aliases += 1;
    if (aliases > MOST_ALIASES) fail(`has more than ${MOST_ALIASES} aliases`, 'Use fewer aliases.', line);
    const size = weights.get(target) ?? 0;
    repeated += size;
    weight += size;
    if (repeated > MOST_REPEATED) fail('repeats too much by aliases', 'Use fewer aliases.', line);
    const found: ManifestAlias = { kind: 'alias', line, target };
    target.aliases.push(found);
    return found;
  };

  return convert(contents, undefined, lineOf(contents));
}

function common(parent: ManifestMap | ManifestList | undefined, line: number, tag?: string) {
  return { line, tag, parent, aliases: [] as ManifestAlias[] };
}
