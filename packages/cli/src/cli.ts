import { quoted } from '@tidegate/core';
import { ACTION_COMMANDS } from './commands.ts';
import { overview } from './help.ts';
import type { Io } from './io.ts';
import { EXIT } from './terminal/exit.ts';
import { nearest, usageError } from './usage.ts';

/** A command line, and its code, which is loaded when it is used. */
interface Command {
  readonly name: string;
  readonly summary: string;
  /** @returns the exit code */
  readonly run: (argv: readonly string[], io: Io) => Promise<number>;
}

const COMMANDS: readonly Command[] = [
  ...ACTION_COMMANDS.map((command): Command => {
    const { name, summary } = command;
    return {
      name,
      summary,
      run: async (argv, io) => (await import('./run-action-command.ts')).runActionCommand(command, argv, io),
    };
  }),
  {
    name: 'init',
    summary: "Propose workflow, policy and .dockerignore; convert a workflow of docker's actions.",
    run: async (argv, io) => (await import('./init/command.ts')).runInit(argv, io),
  },
  {
    name: 'completion',
    summary: 'Print the completion script for bash, zsh or fish.',
    run: async (argv, io) => (await import('./completion-command.ts')).runCompletion(argv, io),
  },
];

/** Run a command line. @returns the exit code. @throws TidegateError for what fails before an action runs */
export async function runCommandLine(argv: readonly string[], version: string, io: Io): Promise<number> {
  const [name, ...others] = argv;
  if (name === 'help' && others.length > 0) return runCommandLine([...others, '--help'], version, io);
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    io.print(overview(COMMANDS));
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  if (name === '--version' || name === '-V') {
    io.print(`${version}\n`);
    return EXIT.ok;
  }
  const command = COMMANDS.find((one) => one.name === name);
  if (command) return command.run(others, io);
  const [second = '', ...rest] = others;
  const nested = COMMANDS.find((one) => one.name === `${name} ${second}`);
  if (nested) return nested.run(rest, io);
  const names = COMMANDS.map((one) => one.name);
  const below = names.filter((one) => one.startsWith(`${name} `));
  if (below.length > 0 && (second === '--help' || second === '-h')) {
    io.print(overview(COMMANDS.filter((one) => below.includes(one.name))));
    return EXIT.ok;
  }
  const meant = below.length > 0 ? below.join(' or tidegate ') : nearest(name, names);
  throw usageError(
    `Unknown command ${quoted([name, ...(below.length > 0 && second !== '' ? [second] : [])].join(' '))}.`,
    meant === undefined ? 'Run tidegate --help.' : `Did you mean tidegate ${meant}?`,
  );
}
