import { parseArgs } from 'node:util';
import { quoted } from '@tidegate/core';
import { nearest, UnknownFlag, usageError } from '../usage.ts';
import type { Flag } from './flags.ts';

/** Arguments of a command, checked against its flags. */
export interface Parsed {
  /** The values of each flag, in order; `true` or `false` for a flag without value. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly positionals: readonly string[];
}

/**
 * @throws TidegateError `command-line-invalid` for an unknown flag, a missing or superfluous value, and a flag that is
 * given twice but may not be.
 */
export function parseFlags(argv: readonly string[], flags: readonly Flag[], command: string): Parsed {
  const byName = new Map(flags.map((flag) => [flag.name, flag]));
  const names = flags.flatMap((flag) => (flag.value === undefined ? [flag.name, `no-${flag.name}`] : [flag.name]));
  const options = Object.fromEntries(
    names.map((name) => [name, { type: byName.get(name)?.value === undefined ? 'boolean' : 'string' } as const]),
  );
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  const help = `Run tidegate ${command} --help for its flags.`;
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const { rawName, inlineValue } = token;
    const negated = !byName.has(token.name) && token.name.startsWith('no-') && names.includes(token.name);
    const name = negated ? token.name.slice('no-'.length) : token.name;
    const flag = rawName.startsWith('--') ? byName.get(name) : undefined;
    if (!flag) throw unknown(token.name, rawName, flags, names, help);
    const value = takeValue(flag, rawName, token.value, inlineValue === true, negated, help);
    const before = values.get(name) ?? [];
    if (before.length > 0 && !flag.many) {
      throw usageError(`${rawName} is given more than once, but has one value.`, `Give it once. ${help}`);
    }
    values.set(name, [...before, value]);
  }
  return { values, positionals };
}

function takeValue(
  flag: Flag,
  rawName: string,
  value: string | undefined,
  isInline: boolean,
  negated: boolean,
  help: string,
): string {
  if (flag.value === undefined) {
    if (value === undefined) return String(!negated);
    throw usageError(`${rawName} takes no value.`, `Write ${rawName} or --no-${flag.name}.`);
  }
  if (value === undefined) throw usageError(`${rawName} needs a value: ${flag.value}.`, help);
  // A forgotten value would take the next flag as its own.
  if (!isInline && value.startsWith('-') && value !== '-') {
    throw usageError(
      `${rawName} needs a value, and is followed by ${quoted(value)}.`,
      `Write ${rawName}=VALUE if the value begins with a dash.`,
    );
  }
  return value;
}

function unknown(name: string, rawName: string, flags: readonly Flag[], names: readonly string[], help: string): Error {
  const secret = flags.find((flag) => flag.isSecretFile && flag.input === name);
  if (secret) {
    return usageError(
      `${rawName} is a secret, and other users of this machine can read arguments.`,
      `Write --${secret.name} FILE, --${secret.name} - for stdin, or set the variable TIDEGATE_${name.replaceAll('-', '_').toUpperCase()}.`,
    );
  }
  // --key of cosign is --verification-key here.
  const [longer, ...others] = names.filter((one) => one.endsWith(`-${name}`));
  const meant = nearest(name, names) ?? (others.length === 0 ? longer : undefined);
  return new UnknownFlag(rawName, meant === undefined ? help : `Did you mean --${meant}? ${help}`);
}
