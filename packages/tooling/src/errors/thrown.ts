/** Reads from the sources where each error of the catalog is thrown, and with which words. */
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ERRORS, type ErrorId } from '@tidegate/core';
import ts from 'typescript';

/** Shipped sources; the catalog itself throws nothing. */
const SOURCES = ['packages/{core,oci,attest,source,tools,pipeline,runner,cli}/src/**/*.ts', 'actions/**/*.ts'];
const NOT_SHIPPED = /\.(?:test|fixture)\.ts$|^packages\/core\/src\/errors\/|node_modules/;

export interface Thrown {
  /** Names of the catalog that occur as text in the sources: the first argument of an error, or what decides on it. */
  readonly ids: ReadonlySet<ErrorId>;
  /** Messages by error, with `…` for each part that varies; only those that have words of their own. */
  readonly messages: ReadonlyMap<ErrorId, readonly string[]>;
}

export async function readThrown(root: string): Promise<Thrown> {
  const ids = new Set<ErrorId>();
  const messages = new Map<ErrorId, Set<string>>();
  const files: string[] = [];
  for await (const path of glob(SOURCES, { cwd: root })) if (!NOT_SHIPPED.test(path)) files.push(path);
  for (const path of files.sort()) {
    const text = await readFile(join(root, path), 'utf8');
    for (const { id, message } of thrownIn(path, text)) {
      ids.add(id);
      if (message === undefined) continue;
      const known = messages.get(id) ?? new Set();
      messages.set(id, known.add(message));
    }
  }
  return { ids, messages: new Map([...messages].map(([id, some]) => [id, [...some]])) };
}

interface Found {
  readonly id: ErrorId;
  readonly message?: string | undefined;
}

export function thrownIn(path: string, text: string): readonly Found[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const found: Found[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) && isErrorId(node.text)) found.push({ id: node.text, message: messageAt(node) });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isErrorId(text: string): text is ErrorId {
  return Object.hasOwn(ERRORS, text);
}

/** The message beside an id that is the first argument of an error. */
function messageAt(id: ts.StringLiteral): string | undefined {
  const { parent } = id;
  // A cause that is thrown elsewhere: `{ id: 'base-denied', message: … }`.
  if (ts.isPropertyAssignment(parent)) return lineOf(wordsOf(messageBeside(parent)));
  if (!(ts.isNewExpression(parent) || ts.isCallExpression(parent)) || parent.arguments?.[0] !== id) return undefined;
  const [, first, , expected] = parent.arguments;
  const isInput = parent.expression.getText() === 'badInput';
  const words = isInput ? `Input ${wordsOf(first)}: got …, expected ${wordsOf(expected)}.` : wordsOf(first);
  return lineOf(words);
}

function messageBeside({ parent }: ts.PropertyAssignment): ts.Expression | undefined {
  const message = parent.properties.find(({ name }) => name?.getText() === 'message');
  return message && ts.isPropertyAssignment(message) ? message.initializer : undefined;
}

/** The first line, if it has words of its own: less than two are found in any message. */
function lineOf(words: string): string | undefined {
  const line = words.split('\n')[0]?.replace(/…(?:[ ,]*…)+/g, '…') ?? '';
  return (line.match(/[A-Za-z]{3,}/g) ?? []).length < 2 ? undefined : line;
}

function wordsOf(node: ts.Expression | undefined): string {
  if (node === undefined) return '…';
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return '…';
  return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
}
