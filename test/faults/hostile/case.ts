import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TidegateError } from '@tidegate/core';

/** Something malformed, and what is done with it. It has to end in one clear error. */
export interface HostileCase {
  readonly name: string;
  /** @param folder empty, and removed afterwards */
  readonly run: (folder: string) => Promise<unknown>;
  /** Words of the error, where it matters which error it is. */
  readonly says?: RegExp;
}

export interface Judgement {
  readonly name: string;
  readonly milliseconds: number;
  /** The fault in how it ended, or undefined. */
  readonly fault: string | undefined;
}

/** The longest that any of them may take. Milliseconds. */
export const PATIENCE = 10_000;
const CODES = /^(integrity|layout|not-found|registry|network|unauthorized|conflict|bad-input)$/;
/** Beside the message, what would be a programmer's error shown to a user. */
const CRUDE = /\bundefined\b|\[object |\bNaN\b|is not a function|Cannot read|^\s*at /m;

export async function judge(one: HostileCase): Promise<Judgement> {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-hostile-'));
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`it took more than ${PATIENCE} ms`), PATIENCE);
  });
  try {
    const fault = await Promise.race([ending(one, folder), late]);
    return { name: one.name, milliseconds: performance.now() - started, fault };
  } finally {
    clearTimeout(timer);
    await rm(folder, { recursive: true, force: true });
  }
}

async function ending({ run, says }: HostileCase, folder: string): Promise<string | undefined> {
  try {
    await run(folder);
    return 'it was taken';
  } catch (error) {
    if (!(error instanceof TidegateError)) return `it ended in ${error instanceof Error ? error.stack : String(error)}`;
    if (!CODES.test(error.kind)) return `its kind is ${error.kind}`;
    if (!error.next) return `it does not say what to do next: ${error.message}`;
    if (error.message.length > 1000) return `it is ${error.message.length} characters long`;
    if (/\p{Cc}/u.test(error.message)) return `it has control characters in it: ${JSON.stringify(error.message)}`;
    if (CRUDE.test(error.message)) return `it is no message for a user: ${error.message}`;
    if (says && !says.test(error.message)) return `it says ${error.message}`;
    return undefined;
  }
}
