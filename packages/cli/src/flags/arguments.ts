import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { quoted } from '@tidegate/core';
import type { ActionSpec } from '@tidegate/runner';
import { usageError } from '../usage.ts';
import { isAddress } from './address.ts';

/** The input that arguments set: the manifests, else the image, the paths, the build context, or the layout. */
export function argumentInput({ inputs }: ActionSpec): string | undefined {
  if (inputs['pull-request'] !== undefined) return 'files';
  return ['image', 'paths', 'context', 'layout'].find((name) => inputs[name] !== undefined);
}

/** Arguments that name something on this machine. */
const LOCAL: Readonly<Record<string, string>> = {
  paths: 'a folder or a file to check; without one, the whole checkout',
  context: 'the build context: a folder, or a git URL',
  layout: 'the folder of an image layout; without one, the last image that tidegate build made in this checkout',
};
const PUBLISHED = 'A published image is read by tidegate scan, verify and report.';

/**
 * Set the input that the arguments of a command are for.
 * @throws TidegateError `command-line-invalid`
 */
export function takeArguments(
  texts: Map<string, string>,
  action: ActionSpec,
  positionals: readonly string[],
  command: string,
  folder: string,
): void {
  const [first, second] = positionals;
  if (first === undefined) return;
  const help = `Run tidegate ${command} --help.`;
  const input = argumentInput(action);
  if (input === undefined) throw unexpected(first, `tidegate ${command} takes no argument`, help);
  if (second !== undefined && action.inputs[input]?.type !== 'list') {
    throw unexpected(second, `tidegate ${command} takes one argument, and has ${quoted(first)}`, help);
  }
  if (texts.has(input)) throw usageError(`The ${input} is given twice: as an argument and as --${input}.`, help);
  const meaning = LOCAL[input];
  const missing = positionals.find((path) => !isAddress(path) && !existsSync(resolve(folder, path)));
  if (meaning !== undefined && missing !== undefined) {
    throw usageError(
      `The argument ${quoted(missing)} is not an existing path. The argument of tidegate ${command} is ${meaning}.`,
      `Correct the path. ${PUBLISHED}`,
    );
  }
  texts.set(input, positionals.join('\n'));
}

function unexpected(argument: string, why: string, next: string): Error {
  return usageError(`Unexpected argument ${quoted(argument)}: ${why}.`, next);
}
