import { secretAssignmentsIn, withoutAssignments } from '../credentials/assignments.ts';
import { secretsOfEnvFile } from '../credentials/env-file.ts';
import { isEnvFile, secretFilesLike, secretPlaceIn } from '../credentials/files.ts';
import { credentialsIn, type TextKind } from '../credentials/find.ts';
import { isInstalled, isPublishedTestFile } from '../credentials/installed.ts';
import { isSecretValue } from '../credentials/names.ts';
import { type NamedValue, secretPairs } from '../credentials/pairs.ts';
import { realCredentialsIn } from '../credentials/real.ts';
import { nameOf } from './layer-path.ts';

/** Files up to this size are searched: credentials are in small text files. Bytes. */
export const MOST_SEARCHED = 1024 * 1024;

export interface Secret {
  readonly what: string;
  /** A git repository has its own kind of finding. */
  readonly kind?: 'history' | undefined;
  /** From 1; undefined for the whole file. */
  readonly line?: number | undefined;
}

/**
 * Secrets of one file: by its name and content, or by the form of a credential in its text. Each kind is reported once
 * per file, at its first place. UTF-16 is read as text, if it begins with its mark: PowerShell writes it for `>`.
 * Binary files (with a NUL in the first 8 KiB, like git) and tests of installed software are not searched: keys of
 * tests are public.
 * @param content the whole content; undefined for a file that is too large to search, then only the name is checked
 */
export function secretsIn(path: string, content: Buffer | undefined): readonly Secret[] {
  const isPublished = isPublishedTestFile(path);
  const named = isPublished ? [] : secretFilesLike(path);
  const searched = content && !isPublished ? textOf(content) : undefined;
  if (named.length === 0 && searched === undefined) return [];
  const text = searched ?? '';
  const found = new Map<string, { readonly at?: number; readonly kind?: 'history' | undefined }>();
  for (const { what, holds, kind } of named) {
    if (found.has(what)) continue;
    if (!holds) {
      if (content === undefined || content.length > 0) found.set(what, kind ? { kind } : {});
      continue;
    }
    const at = secretPlaceIn(text, holds);
    if (at !== undefined) found.set(what, { at });
  }
  for (const { name, at } of isEnvFile(path) && !isInstalled(path) ? secretsOfEnvFile(text) : []) {
    const what = `value of ${name}`;
    if (!found.has(what)) found.set(what, { at });
  }
  for (const { what, at } of realCredentialsIn(text, kindOf(path))) {
    if (!found.has(what)) found.set(what, { at });
  }
  return [...found].map(([what, { at, kind }]) => ({
    what,
    kind,
    line: at === undefined ? undefined : lineOf(text, at),
  }));
}

/** Undefined for a binary file. Latin-1, because all forms are ASCII. */
function textOf(content: Buffer): string | undefined {
  const mark = content.toString('latin1', 0, 2);
  if (mark === '\xff\xfe') return content.toString('utf16le', 2);
  if (mark === '\xfe\xff')
    return Buffer.from(content.subarray(2, content.length & ~1))
      .swap16()
      .toString('utf16le');
  const nul = content.indexOf(0);
  if (nul >= 0 && nul < 8192) return undefined;
  return content.toString('latin1', content.toString('latin1', 0, 3) === '\xef\xbb\xbf' ? 3 : 0);
}

const CONFIGURATION = /\.(?:env|conf|cfg|ini|properties|toml|ya?ml|json)$|^\.env(?:[._-]|$)/i;

/** Weaker forms count in the configuration of an application, but not in installed software. */
function kindOf(path: string): TextKind {
  return CONFIGURATION.test(nameOf(path)) && !isInstalled(path) ? 'configuration' : 'file';
}

/**
 * Secrets in an image's config: environment, labels, and the build arguments in its history
 * (`RUN |1 NPM_TOKEN=… /bin/sh -c …`).
 * @param text the config as stored in the image
 */
export function secretsInConfig(text: string): readonly Secret[] {
  const found = new Set<string>();
  const config = parsed(text);
  for (const each of textsIn(config)) {
    for (const { what } of realCredentialsIn(each, 'configuration')) found.add(what);
  }
  for (const { name } of secretPairs(pairsOf(config))) found.add(`value of ${name}`);
  for (const createdBy of historyOf(config)) {
    for (const { name, value } of secretAssignmentsIn(createdBy)) {
      if (isSecretValue(value)) found.add(`value of ${name}`);
    }
  }
  return [...found].map((what) => ({ what }));
}

/** Replaces secrets by `***`: history lines are shown to people, and may contain a build argument. */
export function withoutSecrets(text: string): string {
  const bare = withoutAssignments(text);
  let clean = '';
  let from = 0;
  for (const { at, length } of credentialsIn(bare, 'configuration')) {
    clean += `${bare.slice(from, at)}***`;
    from = at + length;
  }
  return clean + bare.slice(from);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Readers of the config reject it, but its text is searched all the same.
    return text;
  }
}

/** Every text in a value, including names. Without recursion, because the value may be deeply nested. */
function textsIn(value: unknown): readonly string[] {
  const texts: string[] = [];
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === 'string') texts.push(next);
    else if (Array.isArray(next)) for (const each of next) left.push(each);
    else if (typeof next === 'object' && next !== null) {
      for (const [name, each] of Object.entries(next)) left.push(name, each);
    }
  }
  return texts;
}

/** Variables and labels, with their values. */
function pairsOf(config: unknown): readonly NamedValue[] {
  const { config: inner } = fieldsOf(config);
  const { Env, Labels } = fieldsOf(inner);
  const variables = (Array.isArray(Env) ? Env : []).flatMap((entry): NamedValue[] => {
    const equals = typeof entry === 'string' ? entry.indexOf('=') : -1;
    return equals > 0 ? [{ name: entry.slice(0, equals), value: entry.slice(equals + 1) }] : [];
  });
  const labels = Object.entries(fieldsOf(Labels)).flatMap(([name, value]): NamedValue[] =>
    typeof value === 'string' ? [{ name, value }] : [],
  );
  return [...variables, ...labels];
}

function historyOf(config: unknown): readonly string[] {
  if (typeof config === 'string') return [config];
  const { history } = fieldsOf(config);
  return (Array.isArray(history) ? history : []).flatMap((entry) => {
    const { created_by: by } = fieldsOf(entry);
    return typeof by === 'string' ? [by] : [];
  });
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function lineOf(text: string, at: number): number {
  let line = 1;
  for (let next = text.indexOf('\n'); next >= 0 && next < at; next = text.indexOf('\n', next + 1)) line += 1;
  return line;
}
