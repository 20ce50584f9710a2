/** Runs many steps of stand-ins in one process, as its parent asks: their libraries take a second to load. */
import { download } from './download-artifact/download.ts';
import { runStep } from './step.ts';
import { upload } from './upload-artifact/upload.ts';

export interface Asked {
  readonly action: 'upload' | 'download';
  readonly cwd: string;
  readonly env: Record<string, string>;
}

export interface Ended {
  readonly exit: number;
  readonly log: string;
}

const print = process.stdout.write.bind(process.stdout);

process.on('message', async ({ action, cwd, env }: Asked) => {
  let log = '';
  process.stdout.write = ((text: string | Uint8Array) => {
    log += text.toString();
    return true;
  }) as typeof process.stdout.write;
  process.env = env;
  process.chdir(cwd);
  await runStep(action === 'upload' ? upload : download);
  const ended: Ended = { exit: Number(process.exitCode), log };
  process.exitCode = 0;
  process.stdout.write = print;
  process.send?.(ended);
});
