/**
 * Runs the steps of stand-ins in one process, asked over a socket: their libraries take most of a second to load, and a
 * run of the workflow has ten such steps. One line of JSON asks, one answers; steps take turns, for each has the
 * process's environment to itself.
 */
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { download } from './download-artifact/download.ts';
import { runStep } from './step.ts';
import { upload } from './upload-artifact/upload.ts';

const STEPS = { upload, download } as const;

export interface Asked {
  readonly step: keyof typeof STEPS;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Ended {
  readonly exit: number;
  readonly log: string;
}

let turn: Promise<unknown> = Promise.resolve();

const server = createServer((socket: Socket) => {
  createInterface({ input: socket }).once('line', (line) => {
    turn = turn.then(() => run(JSON.parse(line))).then((ended) => socket.end(JSON.stringify(ended)));
  });
});
server.listen(process.argv[2], () => process.send?.('listening'));
process.on('disconnect', () => process.exit());

async function run({ step, cwd, env }: Asked): Promise<Ended> {
  const print = process.stdout.write;
  let log = '';
  process.stdout.write = ((text: string | Uint8Array) => {
    log += text.toString();
    return true;
  }) as typeof process.stdout.write;
  process.env = { ...env };
  process.chdir(cwd);
  try {
    await runStep(STEPS[step]);
    return { exit: Number(process.exitCode), log };
  } finally {
    process.exitCode = 0;
    process.stdout.write = print;
  }
}
