import { createPrivateKey, type KeyObject } from 'node:crypto';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A program that a step started itself, with its arguments and environment. */
interface Start {
  readonly program: string;
  readonly argv: readonly string[];
  /** `NAME=value`, as the kernel got it. */
  readonly env: readonly string[];
}

/** Records of step-recorder.ts for the steps that run with `env`. */
export interface StepRecords {
  readonly env: Readonly<Record<string, string>>;
  /** Contains, among others, every removed file. */
  readonly folder: string;
  starts(): Promise<readonly Start[]>;
  /** Private keys that the steps created. */
  keys(): Promise<readonly KeyObject[]>;
  /** Names of files with removed content. */
  removed(): Promise<readonly string[]>;
}

export async function stepRecords(parent: string): Promise<StepRecords> {
  const folder = await mkdtemp(join(parent, 'records-'));
  const recorder = fileURLToPath(new URL('step-recorder.ts', import.meta.url));
  const named = async (kind: string) => (await readdir(folder)).filter((name) => name.endsWith(`.${kind}`));
  const read = async (kind: string) =>
    Promise.all((await named(kind)).map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'))));
  return {
    env: { NODE_OPTIONS: `--import=${recorder}`, STEP_RECORDS: folder },
    folder,
    starts: () => read('start'),
    keys: async () => (await read('key')).map((pem: string) => createPrivateKey(pem)),
    removed: async () => (await named('removed')).map((name) => join(folder, name)),
  };
}
