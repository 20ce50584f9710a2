import { readFile } from 'node:fs/promises';
import type { Explained, Host } from '@tidegate/runner';
import { flagsOf, parsedFlags } from './command-flags.ts';
import { type ActionCommand, actionCommandNamed } from './commands.ts';
import { argumentInput } from './flags/arguments.ts';
import { readInputs, withoutSecrets } from './flags/inputs.ts';
import type { Parsed } from './flags/parse.ts';
import { fromFolder } from './flags/paths.ts';
import { argumentOf, commandHelp } from './help.ts';
import type { Io } from './io.ts';
import { documentText, jsonText, type Result, resultText } from './result.ts';
import { errorOf } from './result-error.ts';
import { terminalCommands } from './terminal/commands.ts';
import { EXIT } from './terminal/exit.ts';
import { exitCodeOf, showFailure } from './terminal/failure.ts';
import { failureInFlags, wordingFor } from './terminal/in-flags.ts';
import { statusProgress } from './terminal/progress.ts';

/** Run an action for the arguments of its command. @returns the exit code */
export async function runActionCommand(command: ActionCommand, argv: readonly string[], io: Io): Promise<number> {
  const schema = await command.schema();
  const flags = flagsOf(command, schema);
  const parsed = await parsedFlags(argv, flags, command.name);
  if (isSet(parsed, 'help')) {
    io.print(commandHelp(command, flags, argumentOf(flags, argumentInput(schema))));
    return EXIT.ok;
  }
  const given = await readInputs(schema, parsed, command.name, io);
  const browser = command.page === undefined ? undefined : await import('./open-page.ts');
  const isOpening = browser?.opensPage(parsed, io) === true;
  const isDry = isSet(parsed, 'dry-run');
  // The plan is the part of these commands that changes nothing.
  const acting = isDry ? (actionCommandNamed('plan') ?? command) : command;
  // Loaded here, because help needs none of it.
  const { environmentOf } = await import('./environment.ts');
  const environment = await environmentOf(command, parsed, given, isDry, io);
  const inputs = fromFolder(given, schema, io.folder, environment.variables.GITHUB_WORKSPACE);
  const wording = wordingFor(flags);
  const outputs: Record<string, string> = {};
  let failure: Explained | undefined;
  const host: Host = {
    commands: terminalCommands({
      terminal: io.terminal,
      isDebug: isSet(parsed, 'debug'),
      wording,
      read: (name) => inputs.get(name) ?? '',
      onOutput: (name, value) => {
        outputs[name] = value;
      },
    }),
    env: withoutSecrets(environment.variables, schema),
    signal: io.signal,
    progress: io.terminal.isInteractive ? statusProgress(io.terminal) : undefined,
    onFailure: (found) => {
      failure ??= failureInFlags(found, wording);
    },
  };
  // The plan reads "Will publish", as in a run that does.
  if (isDry) io.terminal.line('Dry run: nothing is published.');
  const code = await acting.run(host);
  io.terminal.status('');
  const exitCode = failure ? exitCodeOf(failure) : code;
  if (failure) showFailure(failure, io.terminal);
  const result: Result = {
    command: command.name,
    ...{ exitCode, outputs },
    dryRun: isDry ? true : undefined,
    error: failure && errorOf(failure),
    report: isSet(parsed, 'json') ? await reportOf(outputs[command.report ?? '']) : undefined,
    summary: environment.summary,
  };
  const forReader = resultText(outputs, acting.shown) + documentText(outputs[acting.document ?? ''] ?? '');
  io.print(isSet(parsed, 'json') ? jsonText(result, await acting.schema()) : forReader);
  const page = outputs[command.page ?? ''];
  if (isOpening && page) await browser?.openPage(page, environment.variables.GITHUB_WORKSPACE ?? io.folder, io);
  return exitCode;
}

/** Read from the file that the action wrote: one line of an output has no place for thousands of findings. */
async function reportOf(path: string | undefined): Promise<unknown> {
  return path ? JSON.parse(await readFile(path, 'utf8')) : undefined;
}

function isSet({ values }: Parsed, name: string): boolean {
  return values.get(name)?.[0] === 'true';
}
