/**
 * No regular expression of the product takes more than linear time, whatever the text: recheck searches for a text that
 * causes backtracking. Its results are kept in expressions.json, so that a run checks only new expressions; `--write`
 * adds those that pass and removes those that are gone, and `--all` ignores the stored results (some minutes).
 */

import { glob, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { groupBy } from '@tidegate/core';
import ts from 'typescript';
import { ROOT } from './repository.ts';

export interface Expression {
  readonly path: string;
  readonly line: number;
  /** As written, `/…/flags`; undefined for one that is built at run time. */
  readonly literal: string | undefined;
}

/** The content of expressions.json. */
export interface Verdicts {
  /** Checked by recheck, and linear. */
  readonly linear: readonly string[];
  /** Those that recheck cannot decide, each with the reason why it is linear. */
  readonly reviewed: Readonly<Record<string, string>>;
  /** Files that build expressions: their number, and why each is linear. */
  readonly built: Readonly<Record<string, { readonly count: number; readonly why: string }>>;
}

/** @returns the problem: the text that makes it slow, or that there was no result in time */
export type Check = (source: string, flags: string) => string | undefined;

/** Every expression of one file. */
export function expressionsIn(path: string, text: string): Expression[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const found: Expression[] = [];
  const visit = (node: ts.Node): void => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
    if (ts.isRegularExpressionLiteral(node)) found.push({ path, line: line + 1, literal: node.text });
    const isBuilt =
      (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText(file) === 'RegExp';
    if (isBuilt) found.push({ path, line: line + 1, literal: undefined });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/**
 * @param believed expressions that passed an earlier check and need no other
 * @returns one sentence for each expression that may be slow, and the verdicts to store
 */
export function judge(
  expressions: readonly Expression[],
  known: Verdicts,
  check: Check,
  believed: readonly string[] = known.linear,
): { readonly complaints: readonly string[]; readonly verdicts: Verdicts } {
  const complaints: string[] = [];
  const passed = new Set(believed);
  const linear = new Set<string>();
  const reviewed: Record<string, string> = {};
  for (const { path, line, literal } of expressions) {
    if (literal === undefined || linear.has(literal)) continue;
    const reason = known.reviewed[literal];
    if (reason !== undefined) {
      reviewed[literal] = reason;
      continue;
    }
    const [source, flags] = partsOf(literal);
    const problem = passed.has(literal) ? undefined : check(source, flags);
    if (problem === undefined) linear.add(literal);
    else complaints.push(`${path}:${line} ${literal} ${problem}`);
  }
  const built: Record<string, { count: number; why: string }> = {};
  const builders = groupBy(
    expressions.filter(({ literal }) => literal === undefined),
    ({ path }) => path,
  );
  for (const [path, { length, 0: first }] of builders) {
    const entry = known.built[path];
    if (entry?.count === length && entry.why !== '') built[path] = entry;
    else {
      const said = `expressions.json explains ${entry?.count ?? 0}`;
      complaints.push(`${path}:${first?.line} builds ${length} expressions, and ${said}.`);
    }
  }
  const verdicts = { linear: [...linear].sort(), reviewed, built };
  if (complaints.length === 0 && JSON.stringify(verdicts) !== JSON.stringify(inOrder(known, verdicts))) {
    complaints.push('expressions.json is not what the sources hold: run packages/tooling/src/expressions.ts --write.');
  }
  return { complaints, verdicts };
}

/** The known verdicts with their keys in the order of the found ones: the order has no meaning. */
function inOrder(known: Verdicts, found: Verdicts): Verdicts {
  const sorted = <T>(record: Readonly<Record<string, T>>, like: Readonly<Record<string, T>>) =>
    Object.fromEntries(
      [...Object.keys(like), ...Object.keys(record)].filter((key) => key in record).map((key) => [key, record[key]]),
    );
  return {
    linear: known.linear,
    reviewed: sorted(known.reviewed, found.reviewed) as Verdicts['reviewed'],
    built: sorted(known.built, found.built) as Verdicts['built'],
  };
}

function partsOf(literal: string): [source: string, flags: string] {
  const end = literal.lastIndexOf('/');
  return [literal.slice(1, end), literal.slice(end + 1)];
}

/**
 * Limits are in steps and not in time, otherwise a busy machine would report linear expressions as slow. The only time
 * limit, in milliseconds, means that an expression could not be decided.
 */
const PARAMETERS = {
  ...{ timeout: 120_000, attackTimeout: null, incubationTimeout: null, seedingTimeout: null },
  // Characters read for a text of 300,000: more than a bounded repetition can cause.
  attackLimit: 200_000_000,
};

/** The library of recheck, without its program: loaded only for new expressions. */
function recheck(): Check {
  let load: (() => typeof import('recheck')) | undefined;
  return (source, flags) => {
    load ??= () => createRequire(import.meta.url)('recheck/lib/browser.js');
    const found = load().checkSync(source, flags, PARAMETERS);
    if (found.status === 'safe') return undefined;
    if (found.status === 'unknown') return `could not be decided (${found.error.kind}): write it more plainly.`;
    return `takes ${found.complexity.summary} time on ${found.attack.pattern.slice(0, 200)}.`;
  };
}

async function productExpressions(root: string): Promise<Expression[]> {
  const found: Expression[] = [];
  for await (const path of glob('{actions,packages/*/src}/**/*.ts', { cwd: root })) {
    if (/\.(?:test|fixture)\.ts$|^packages\/(?:testkit|tooling)\//.test(path)) continue;
    found.push(...expressionsIn(path, await readFile(join(root, path), 'utf8')));
  }
  return found.sort((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1));
}

if (import.meta.main) {
  const file = join(ROOT, 'packages/tooling/expressions.json');
  const kept = JSON.parse(await readFile(file, 'utf8')) as Verdicts;
  const believed = process.argv.includes('--all') ? [] : kept.linear;
  const { complaints, verdicts } = judge(await productExpressions(ROOT), kept, recheck(), believed);
  const writes = process.argv.includes('--write');
  if (writes) await writeFile(file, `${JSON.stringify(verdicts, null, 2)}\n`);
  const left = writes ? complaints.filter((complaint) => !complaint.startsWith('expressions.json')) : complaints;
  for (const complaint of left) console.log(complaint);
  if (left.length > 0) process.exitCode = 1;
}
