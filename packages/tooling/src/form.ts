/**
 * Checks the form of the sources: files are short enough to read at once, exports are listed by name, and an optional
 * property is written as `name: value`, where the value may be undefined, not as a conditional spread. No generated file
 * is TypeScript.
 */
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './repository.ts';

/** Lines of a file. Tests have tables of cases; the index of a package is a list of names. */
const LIMITS = { source: 300, test: 400, index: 400 } as const;
const TEST = /^test\/|\.(test|fixture|e2e)\.ts$|\/testdata\//;
const INDEX = /^packages\/[\w-]+\/src\/index\.ts$/;
const NOT_SHIPPED = /^packages\/(testkit|tooling)\//;

/** @returns one sentence for each fault of a file */
export function complaintsAbout(path: string, text: string): string[] {
  const isTest = TEST.test(path);
  const limit = LIMITS[isTest ? 'test' : INDEX.test(path) ? 'index' : 'source'];
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  const complaints =
    lines > limit ? [`${path}:${limit + 1} has ${lines} lines, more than ${limit} → split it by subject`] : [];
  if (isTest || NOT_SHIPPED.test(path)) return complaints;
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const visit = (node: ts.Node): void => {
    if (ts.isExportDeclaration(node) && node.exportClause === undefined) {
      const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      complaints.push(`${path}:${line} exports everything of another file → list the names`);
    }
    if (ts.isSpreadAssignment(node) && isConditional(bare(node.expression))) {
      const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      complaints.push(
        `${path}:${line} spreads an object under a condition → write \`name: condition ? value : undefined\`, and use \`defined()\` of core where the property must be absent`,
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return complaints;
}

/** `x ? { a } : {}`, `x ? {} : { a }`, `x && { a }`. */
function isConditional(node: ts.Expression): boolean {
  if (ts.isConditionalExpression(node)) return isEmpty(node.whenTrue) || isEmpty(node.whenFalse);
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.AmpersandAmpersandToken) return false;
  const right = bare(node.right);
  return ts.isObjectLiteralExpression(right) || isConditional(right);
}

/** `{}` and `undefined`: spread, both are nothing. */
function isEmpty(node: ts.Expression): boolean {
  const value = bare(node);
  if (ts.isIdentifier(value)) return value.text === 'undefined';
  return ts.isObjectLiteralExpression(value) && value.properties.length === 0;
}

function bare(node: ts.Expression): ts.Expression {
  const isAround = ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node);
  return isAround ? bare(node.expression) : node;
}

async function checkForm(root: string): Promise<string[]> {
  const complaints: string[] = [];
  for await (const path of glob('{actions,test,packages/*/src}/**/*.ts', { cwd: root })) {
    complaints.push(...complaintsAbout(path, await readFile(join(root, path), 'utf8')));
  }
  return complaints.sort();
}

if (import.meta.main) {
  const complaints = await checkForm(ROOT);
  for (const complaint of complaints) console.log(complaint);
  if (complaints.length > 0) process.exitCode = 1;
}
