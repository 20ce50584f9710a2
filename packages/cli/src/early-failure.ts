import { inspect } from 'node:util';
import { harmlessLines } from '@tidegate/core';
import { explain } from '@tidegate/runner';
import type { Io } from './io.ts';
import { jsonText } from './result.ts';
import { errorOf } from './result-error.ts';
import { exitCodeOf, showFailure } from './terminal/failure.ts';
import { failureInFlags, wordingFor } from './terminal/in-flags.ts';

/** A failure before an action ran: of the command line, or of the checkout. @returns the exit code */
export function reportEarly(error: unknown, argv: readonly string[], io: Io): number {
  const failure = failureInFlags(explain(error, { title: 'tidegate' }, io.env), wordingFor([]));
  io.terminal.status('');
  showFailure(failure, io.terminal);
  if (argv.includes('--debug')) for (const line of harmlessLines(inspect(error))) io.terminal.line(line);
  const exitCode = exitCodeOf(failure);
  if (argv.includes('--json')) {
    io.print(jsonText({ command: argv[0] ?? '', exitCode, outputs: {}, error: errorOf(failure) }));
  }
  return exitCode;
}
