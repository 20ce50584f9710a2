import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { unreadablePath } from '@tidegate/core';
import type { ActionSpec, InputSpec } from '@tidegate/runner';
import { usageError } from '../usage.ts';
import { takeArguments } from './arguments.ts';
import { type Flag, inputFlags, isSecret, secretVariable } from './flags.ts';
import type { Parsed } from './parse.ts';

/** The texts of an action's inputs, as `with:` of a workflow gives them. */
export type InputTexts = ReadonlyMap<string, string>;

export interface SecretSources {
  /** The current folder, which relative paths start at. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: () => Promise<string>;
}

/**
 * The inputs from flags, files and variables. Arguments are the input that `argumentInput` names.
 * @throws TidegateError `command-line-invalid`
 */
export async function readInputs(
  action: ActionSpec,
  { values, positionals }: Parsed,
  command: string,
  sources: SecretSources,
): Promise<InputTexts> {
  const texts = new Map<string, string>();
  const flags = inputFlags(action);
  for (const flag of flags) {
    const { input = '' } = flag;
    const spec = action.inputs[input];
    const given = values.get(flag.name);
    if (!spec) continue;
    if (isSecret(input, spec)) {
      const secret = await secretOf(flag, given?.[0], sources);
      if (secret !== undefined) texts.set(input, secret);
    } else if (given) texts.set(input, given.map((value) => asLine(value, spec)).join('\n'));
  }
  takeArguments(texts, action, positionals, command, sources.folder);
  const missing = flags.find(({ input = '', required }) => required && !texts.get(input)?.trim());
  if (missing) {
    throw usageError(`--${missing.name} is missing. ${missing.description}`, `Run tidegate ${command} --help.`);
  }
  return texts;
}

/** A pair with line breaks or quotes is one item: see inputLines of runner. */
function asLine(value: string, spec: InputSpec): string {
  return spec.type === 'pairs' && /["\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

async function secretOf(
  { name, input = '' }: Flag,
  file: string | undefined,
  { folder, env, stdin }: SecretSources,
): Promise<string | undefined> {
  const variable = secretVariable(input);
  const given = env[variable];
  if (file === undefined) return given;
  if (given) throw usageError(`${variable} is set, and --${name} is given.`, 'Use one of them.');
  if (file === '-') return stdin();
  const path = resolve(folder, file);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadablePath(`--${name}`, file, 'a readable file, or - for stdin', error, path);
  }
}

/** The environment without the secrets of inputs: child processes do not get them. */
export function withoutSecrets(env: NodeJS.ProcessEnv, action: ActionSpec): NodeJS.ProcessEnv {
  const secrets = new Set(
    Object.entries(action.inputs).flatMap(([input, spec]) => (isSecret(input, spec) ? [secretVariable(input)] : [])),
  );
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secrets.has(name)));
}
