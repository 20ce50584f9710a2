import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Descriptor, messageOf, TidegateError } from '@tidegate/core';
import { ImageLayout, serveLayout } from '@tidegate/oci';
import { isRunning, type JobProcess } from './job-process.ts';

/** First argument of the process that serves. */
export const AS_SERVER = 'serve';

/** The options of the server. Written to a file, whose path is the argument by which the post step recognizes the process. */
export interface Serving {
  readonly layout: string;
  /** The image that the main step checked. A layout that has another one by now is not served. */
  readonly root: Descriptor;
  readonly repository: string;
  readonly tag: string;
  readonly port?: number | undefined;
  /** When it ends by itself, in milliseconds since the epoch. */
  readonly until: number;
  /** The process of the job, if it is known: the registry ends with it. */
  readonly job?: JobProcess | undefined;
}

/** The only message of the process, when it serves or cannot. */
export interface Started {
  /** `127.0.0.1:port` */
  readonly host?: string;
  readonly failed?: string;
  /** It failed because the layout has another image by now. */
  readonly isOther?: boolean;
}

/** In milliseconds. */
const LOOK_EVERY = 1000;

/** The whole process: serve until it is stopped, the job is gone, or the time is over. */
export async function serve(file: string): Promise<void> {
  try {
    const { layout, until, job, ...options } = JSON.parse(await readFile(file, 'utf8')) as Serving;
    const { host } = await serveLayout(await ImageLayout.open(layout), options);
    setInterval(() => {
      // A runner that starts its next job empties RUNNER_TEMP, and the file with it.
      if (Date.now() >= until || !existsSync(file) || (job !== undefined && !isRunning(job))) process.exit(0);
    }, LOOK_EVERY);
    send({ host });
  } catch (error) {
    process.exitCode = 1;
    const isOther = error instanceof TidegateError && error.id === 'layout-of-other-image';
    send({ failed: messageOf(error), isOther });
  }
}

function send(message: Started): void {
  process.send?.(message);
}
