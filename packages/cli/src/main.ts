#!/usr/bin/env node
import { setMaxListeners } from 'node:events';
import { text } from 'node:stream/consumers';
import { cancelled, endProcess } from '@tidegate/runner';
import root from '../../../package.json' with { type: 'json' };
import { runCommandLine } from './cli.ts';
import type { Io } from './io.ts';
import { EXIT } from './terminal/exit.ts';
import { createTerminal } from './terminal/terminal.ts';

const abort = new AbortController();
// Every request and every program listens to it.
setMaxListeners(0, abort.signal);
// Libraries made for a runner print commands such as ::debug:: to stdout, where only the result belongs.
const printResult = process.stdout.write.bind(process.stdout);
process.stdout.write = () => true;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader, such as head, has read enough. The command ends with its own exit code: it may be in the middle of a push.
    if (error.code !== 'EPIPE') process.exit(EXIT.broke);
  });
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // A second Ctrl-C means that cleaning up takes too long.
    if (abort.signal.aborted) process.exit(EXIT.broke);
    abort.abort(cancelled(signal));
  });
}
const io: Io = {
  env: process.env,
  folder: process.cwd(),
  signal: abort.signal,
  terminal: createTerminal(process.stderr, process.env),
  isTerminal: process.stdout.isTTY === true,
  print: (output) => void printResult(output),
  stdin: () => text(process.stdin),
  async confirm(question) {
    if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
    const { createInterface } = await import('node:readline/promises');
    const prompt = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `, { signal: abort.signal })).trim());
    } finally {
      prompt.close();
    }
  },
};
const argv = process.argv.slice(2);
const code = await runCommandLine(argv, root.version, io).catch(async (error: unknown) => {
  const { reportEarly } = await import('./early-failure.ts');
  return reportEarly(error, argv, io);
});
await Promise.all([
  new Promise<void>((done) => printResult('', () => done())),
  new Promise<void>((done) => process.stderr.write('', () => done())),
]);
endProcess(code);
