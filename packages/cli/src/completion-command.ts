import { flagsOf } from './command-flags.ts';
import { ACTION_COMMANDS } from './commands.ts';
import { type Completed, completionScript } from './completion.ts';
import { INIT_FLAGS } from './init/command.ts';
import type { Io } from './io.ts';
import { EXIT } from './terminal/exit.ts';
import { usageError } from './usage.ts';

const HELP = `Usage: tidegate completion bash|zsh|fish

Print the completion script of this shell. To load it:

  bash   source <(tidegate completion bash)
  zsh    source <(tidegate completion zsh)
  fish   tidegate completion fish | source
`;

/** `completion SHELL` */
export async function runCompletion(argv: readonly string[], io: Io): Promise<number> {
  const [shell, ...others] = argv;
  if (shell === '--help' || shell === '-h') {
    io.print(HELP);
    return EXIT.ok;
  }
  if (shell === undefined || others.length > 0) {
    throw usageError('completion takes one argument.', 'Write tidegate completion bash, zsh or fish.');
  }
  const commands = await Promise.all(
    ACTION_COMMANDS.map(async (command): Promise<Completed> => {
      const { name, summary } = command;
      return { name, summary, flags: flagsOf(command, await command.schema()) };
    }),
  );
  const init = { name: 'init', summary: 'Propose workflow, policy and .dockerignore.', flags: INIT_FLAGS };
  io.print(completionScript(shell, [...commands, init]));
  return EXIT.ok;
}
