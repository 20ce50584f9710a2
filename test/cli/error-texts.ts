/** The texts of errors in the sources that the command line runs. */
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ERRORS } from '@tidegate/core';
import { repositoryRoot } from '@tidegate/testkit';
import ts from 'typescript';

const SOURCES = ['packages/{core,oci,attest,source,tools,pipeline,runner,cli}/src/**/*.ts', 'actions/**/*.ts'];
/** Tests, the catalog, and the actions that no command runs. */
const LEFT_OUT =
  /\.(?:test|fixture)\.ts$|node_modules|^packages\/core\/src\/errors\/|^actions\/(?:serve-layout|join-layouts|read-baseline)\//;

/** Where errors keep their words, if the call does not contain them. */
const NAMES = new Set(['next', 'message', 'expected', 'fix']);

/** Words of messages and of next steps, with `…` for each part that varies, and where they are. */
export async function errorTexts(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for await (const path of glob(SOURCES, { cwd: repositoryRoot, exclude: (name) => name.includes('node_modules') })) {
    if (LEFT_OUT.test(path)) continue;
    const source = await readFile(join(repositoryRoot, path), 'utf8');
    for (const text of textsIn(path, source)) found.set(text, path);
  }
  for (const [id, { title, fix }] of Object.entries(ERRORS)) found.set(title, id).set(fix, id);
  return found;
}

function textsIn(path: string, source: string): readonly string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node, isOfError: boolean): void => {
    const text = wordsOf(node);
    if (text !== undefined && isOfError && /[a-z]{2} [a-z]/.test(text)) texts.push(text);
    const inside = isOfError || isErrorCall(node) || isNamed(node);
    ts.forEachChild(node, (child) => visit(child, inside));
  };
  visit(ts.createSourceFile(path, source, ts.ScriptTarget.ESNext, true), false);
  return texts;
}

function isErrorCall(node: ts.Node): boolean {
  if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return false;
  return /^(?:TidegateError|badInput|usageError|refused?|wrong)$/.test(node.expression.getText());
}

function isNamed(node: ts.Node): boolean {
  return (ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)) && NAMES.has(node.name.getText());
}

function wordsOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
}
