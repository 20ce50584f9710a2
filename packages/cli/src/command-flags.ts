import type { ActionSpec } from '@tidegate/runner';
import { ACTION_COMMANDS, type ActionCommand } from './commands.ts';
import {
  COMMIT_FLAGS,
  COMMON_FLAGS,
  DRY_RUN,
  type Flag,
  inputFlags,
  NO_PUBLISH,
  OPEN,
  OWN_BUILDKIT,
} from './flags/flags.ts';
import { type Parsed, parseFlags } from './flags/parse.ts';
import { UnknownFlag, usageError } from './usage.ts';

/** The flags of an action's command. */
export function flagsOf(command: ActionCommand, schema: ActionSpec): readonly Flag[] {
  return [
    ...inputFlags(schema),
    ...(command.commit === 'needed' || command.commit === 'used' ? COMMIT_FLAGS : []),
    ...(command.publishes ? [DRY_RUN, NO_PUBLISH] : []),
    ...(command.name !== 'doctor' && schema.inputs.builder ? [OWN_BUILDKIT] : []),
    ...(command.page ? [OPEN] : []),
    ...COMMON_FLAGS,
  ];
}

/** An error for a flag of other commands says which these are: their schemas are read only then. */
export async function parsedFlags(argv: readonly string[], flags: readonly Flag[], name: string): Promise<Parsed> {
  try {
    return parseFlags(argv, flags, name);
  } catch (error) {
    if (!(error instanceof UnknownFlag)) throw error;
    const having = await commandsWith(error.flag);
    if (having.length === 0) throw error;
    throw usageError(
      `tidegate ${name} has no flag ${error.flag}, which is one of ${having.join(', ')}.`,
      `Leave it out: it would have no effect here. Run tidegate ${name} --help for the flags.`,
    );
  }
}

/** @param flag with its dashes */
async function commandsWith(flag: string): Promise<readonly string[]> {
  const found = await Promise.all(
    ACTION_COMMANDS.map(async (command) => {
      const names = flagsOf(command, await command.schema()).map(({ name }) => name);
      return names.some((name) => flag === `--${name}`) ? [command.name] : [];
    }),
  );
  return found.flat();
}
