/** The context of a workflow step: its variables, its shell, and the values of expressions. */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, visit, type YAMLMap } from 'yaml';
import type { Setting } from '../shell/runs.ts';

export interface Context {
  readonly variables: ReadonlyMap<string, readonly string[]>;
  /** `env.x`, `matrix.x`, `inputs.x`, in lower case. */
  readonly known: ReadonlyMap<string, readonly string[]>;
  /** `bash`, `pwsh`, `python {0}` */
  readonly shell?: string | undefined;
}

export const NOTHING: Context = { variables: new Map(), known: new Map() };

/** Maximum number of names: a file may have any number. */
const MOST = 500;

/** Anchors of each document by name, in order. */
const anchors = new WeakMap<Document, ReadonlyMap<string, readonly Node[]>>();

/** Resolves an alias to the last anchor of its name before it. The library's own method walks the whole document. */
export function resolved(node: unknown, document: Document): unknown {
  if (!isAlias(node)) return node;
  let known = anchors.get(document);
  if (!known) {
    known = anchorsIn(document);
    anchors.set(document, known);
  }
  const at = node.range?.[0] ?? 0;
  const named = known.get(node.source) ?? [];
  let [low, high] = [0, named.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((named[middle]?.range?.[0] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return named[low - 1];
}

function anchorsIn(document: Document): ReadonlyMap<string, readonly Node[]> {
  const found = new Map<string, Node[]>();
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node) || node.anchor === undefined) return;
      const named = found.get(node.anchor);
      if (named) named.push(node);
      else found.set(node.anchor, [node]);
    },
  });
  return found;
}

function textsIn(node: unknown, document: Document): readonly string[] {
  const value = resolved(node, document);
  if (isScalar(value)) return value.value === null || value.value === undefined ? [] : [String(value.value)];
  if (isSeq(value)) return value.items.slice(0, 20).flatMap((item) => (isScalar(item) ? [String(item.value)] : []));
  if (!isMap(value)) return [];
  const inner = value.get('default', true) ?? value.get('value', true) ?? value.get('options', true);
  return inner === undefined ? [] : textsIn(inner, document);
}

function* pairsOf(map: YAMLMap, document: Document): Generator<readonly [string, unknown]> {
  for (const { key, value } of map.items.slice(0, MOST)) {
    if (isScalar(key)) yield [String(key.value), resolved(value, document)];
  }
}

const VARIABLES = /^(?:env|variables|environment|vars)$/;

/** The context inside this map, from its outer context. */
export function contextIn(map: YAMLMap, around: Context, document: Document): Context {
  let variables: Map<string, readonly string[]> | undefined;
  let known: Map<string, readonly string[]> | undefined;
  let { shell } = around;
  const learn = (prefix: string, name: string, texts: readonly string[]) => {
    if (texts.length === 0) return;
    known ??= new Map(around.known);
    const key = `${prefix}.${name}`.toLowerCase();
    if (known.size < MOST) known.set(key, [...new Set([...(known.get(key) ?? []), ...texts])].slice(0, 20));
  };
  const inputs = (node: unknown) => {
    if (!isMap(node)) return;
    for (const [name, value] of pairsOf(node, document)) {
      for (const prefix of ['inputs', 'github.event.inputs', 'parameters'])
        learn(prefix, name, textsIn(value, document));
    }
  };
  for (const [key, value] of pairsOf(map, document)) {
    if (VARIABLES.test(key) && isMap(value)) {
      variables ??= new Map(around.variables);
      for (const [name, text] of pairsOf(value, document)) {
        const texts = textsIn(text, document).flatMap((one) => settled(one, known ?? around.known));
        if (texts.length > 0 && variables.size < MOST) variables.set(name, texts);
        learn('env', name, texts);
        learn('variables', name, texts);
      }
    } else if (key === 'matrix' && isMap(value)) {
      for (const [name, texts] of pairsOf(value, document)) {
        if (name === 'include' && isSeq(texts)) {
          for (const item of texts.items.slice(0, 50)) {
            if (isMap(item))
              for (const [one, text] of pairsOf(item, document)) learn('matrix', one, textsIn(text, document));
          }
        } else learn('matrix', name, textsIn(texts, document));
      }
    } else if (key === 'strategy' && isMap(value)) {
      known = new Map(contextIn(value, { ...around, known: known ?? around.known }, document).known);
    } else if (key === 'inputs' || key === 'parameters') inputs(value);
    else if (key === 'on' && isMap(value)) {
      for (const [, event] of pairsOf(value, document))
        if (isMap(event)) inputs(resolved(event.get('inputs', true), document));
    } else if (key === 'defaults' && isMap(value)) {
      const run = resolved(value.get('run', true), document);
      const given = isMap(run) ? run.get('shell') : undefined;
      if (typeof given === 'string') shell = given;
    } else if (key === 'shell' && isScalar(value) && map.has('run')) shell = String(value.value);
  }
  if (!variables && !known && shell === around.shell) return around;
  return {
    variables: variables ?? around.variables,
    known: known ?? around.known,
    shell,
  };
}

/** A value may be an expression itself: `${{ vars.TOOL || 'docker' }}`. */
function settled(text: string, known: Context['known']): readonly string[] {
  const [, inner] = /^\$\{\{([^}]{1,500})\}\}$/.exec(text.trim()) ?? [];
  return (inner === undefined ? undefined : expressed(inner, known)) ?? [text];
}

/** Values passed on by earlier steps: `echo "EXE=docker" >> "$GITHUB_ENV"`. */
export function handedOn(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  if (!text.includes('GITHUB_ENV')) return found;
  for (const line of text.split('\n')) {
    if (!line.includes('GITHUB_ENV') || line.length > 1000) continue;
    const [, name, value] = appended(line) ?? [];
    if (name !== undefined && value !== undefined && found.size < 100) found.set(name, [value.trim()]);
  }
  return found;
}

/** The name and the value of `NAME=value" >>`. */
function appended(line: string): RegExpExecArray | undefined {
  for (const text of line.split('>>').slice(0, -1)) {
    const last = text.trimEnd().replace(/["']$/, '').split(/["'>]/).at(-1);
    const found = /\b\d*([A-Za-z_]\w*)=(.*)/.exec(last ?? '');
    if (found) return found;
  }
  return undefined;
}

export function settingOf({ variables, known }: Context): Setting {
  return { variables, expression: (text) => expressed(text, known) };
}

/** Possible values of an expression: the literals and the known names between `&&` and `||`. */
function expressed(text: string, known: Context['known']): readonly string[] | undefined {
  if (text.length > 2000) return undefined;
  const found = text.split(/&&|\|\|/).flatMap((part) => {
    const operand = withoutParentheses(part.trim());
    const [, literal] = /^'((?:[^']|'')*)'$/.exec(operand) ?? [];
    if (literal !== undefined) return [literal.replaceAll("''", "'")];
    return known.get(operand.toLowerCase()) ?? [];
  });
  return found.length > 0 ? [...new Set(found)] : undefined;
}

function withoutParentheses(text: string): string {
  let [from, to] = [0, text.length];
  while (text[from] === '(') from += 1;
  while (to > from && text[to - 1] === ')') to -= 1;
  return text.slice(from, to).trim();
}
