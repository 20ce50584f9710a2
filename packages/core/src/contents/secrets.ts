import { secretAssignmentsIn, withoutAssignments } from '../credentials/assignments.ts';
import { secretFilesLike } from '../credentials/files.ts';
import { credentialsIn, type FoundCredential, type TextKind } from '../credentials/find.ts';
import { isInstalled, isPublishedTestFile } from '../credentials/installed.ts';
import { isSecretName, isSecretValue } from '../credentials/names.ts';
import { nameOf } from './layer-path.ts';

/** Content is searched up to this size: what holds credentials is a text that somebody wrote. Bytes. */
export const MOST_SEARCHED = 1024 * 1024;

export interface Secret {
  readonly what: string;
  /** A git repository is a finding of its own kind. */
  readonly kind?: 'history';
  /** From 1; undefined where the whole file is meant. */
  readonly line?: number;
}

/**
 * Secrets of one file: known by its name and what it holds, or by the form of a credential in its text. Each kind is
 * told once for a file, where it stands first. A binary file (a NUL in its first 8 KiB, as git tells them) is not
 * searched, and neither are the tests of installed software: their keys are public.
 * @param content all of it; undefined for a file that is too large to search, of which only the name is judged
 */
export function secretsIn(path: string, content: Buffer | undefined): readonly Secret[] {
  const named = secretFilesLike(path);
  const nul = content?.indexOf(0) ?? -1;
  const searched = content && (nul < 0 || nul >= 8192) && !isPublishedTestFile(path);
  if (named.length === 0 && !searched) return [];
  const text = searched ? content.toString('latin1', 0, content.length) : '';
  const found = new Map<string, { readonly at?: number; readonly kind?: 'history' }>();
  for (const { what, holds, kind } of named) {
    if (found.has(what)) continue;
    if (!holds) {
      if (content === undefined || content.length > 0) found.set(what, kind ? { kind } : {});
      continue;
    }
    const match = holds.exec(text);
    if (match) found.set(what, { at: match.index });
  }
  for (const credential of credentialsIn(text, kindOf(path))) {
    const { what, at } = credential;
    if (!found.has(what) && !isFromDocumentation(text, credential)) found.set(what, { at });
  }
  return [...found].map(([what, { at, kind }]) => ({
    what,
    ...(kind ? { kind } : {}),
    ...(at === undefined ? {} : { line: lineOf(text, at) }),
  }));
}

const CONFIGURATION = /\.(?:env|conf|cfg|ini|properties|toml|ya?ml|json)$|^\.env(?:\.|$)/i;

/** Weaker forms count where somebody configures an application, and not in the software that it uses. */
function kindOf(path: string): TextKind {
  return CONFIGURATION.test(nameOf(path)) && !isInstalled(path) ? 'configuration' : 'file';
}

/** `https://user:password@host`: documentation and defaults are written so. */
function isFromDocumentation(text: string, { what, at, length }: FoundCredential): boolean {
  if (what !== 'password in an address') return false;
  const [user = '', password = ''] = text
    .slice(at + '://'.length, at + length)
    .replace(/@.*$/, '')
    .split(':');
  return user.toLowerCase() === password.toLowerCase() || /^(?:pass(?:word|wd)?|pwd?|secret|x+)$/i.test(password);
}

/**
 * Secrets in an image's config: environment, labels, and the build arguments that its history repeats word for word
 * (`RUN |1 NPM_TOKEN=… /bin/sh -c …`).
 * @param text the config as it lies in the image
 */
export function secretsInConfig(text: string): readonly Secret[] {
  const found = new Set<string>();
  const config = parsed(text);
  for (const each of textsIn(config)) {
    for (const { what } of credentialsIn(each, 'configuration')) found.add(what);
  }
  for (const [name, value] of pairsOf(config)) {
    if (isSecretName(name) && isSecretValue(value)) found.add(`value of ${name}`);
  }
  for (const createdBy of historyOf(config)) {
    for (const { name } of secretAssignmentsIn(createdBy)) found.add(`value of ${name}`);
  }
  return [...found].map((what) => ({ what }));
}

/** A text in which secrets stand as `***`: a line of history is shown to people, and may repeat a build argument. */
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
    // Whoever reads the config refuses it; what it holds is looked at all the same.
    return text;
  }
}

/** Every text in a value, names included. Without recursion: the value is as deep as its author likes. */
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
function pairsOf(config: unknown): readonly (readonly [name: string, value: string])[] {
  const { config: inner } = fieldsOf(config);
  const { Env, Labels } = fieldsOf(inner);
  const variables = (Array.isArray(Env) ? Env : []).flatMap((entry): [string, string][] => {
    const equals = typeof entry === 'string' ? entry.indexOf('=') : -1;
    return equals > 0 ? [[entry.slice(0, equals), entry.slice(equals + 1)]] : [];
  });
  const labels = Object.entries(fieldsOf(Labels)).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
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
