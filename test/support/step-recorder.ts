/**
 * Loaded into a step before its own code (`node --import`), by the test and not by the step: records each program that
 * the step starts with its arguments and environment, each private key that it creates, and keeps every file that it
 * removes. So tests can also search what a look at the disk or at /proc may miss. See step-records.ts.
 */
import childProcess, { type ChildProcess } from 'node:child_process';
import crypto, { type KeyObject } from 'node:crypto';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

const folder = process.env.STEP_RECORDS ?? '';
let count = 0;
const name = (kind: string) => join(folder, `${process.pid}-${count++}.${kind}`);
const note = (kind: string, value: unknown) => fs.writeFileSync(name(kind), JSON.stringify(value));

interface Spawned {
  readonly file: string;
  readonly args?: readonly string[];
  readonly envPairs?: readonly string[];
}

// Every asynchronous way to start a program calls this, with the environment as the kernel gets it.
const { prototype } = childProcess.ChildProcess as unknown as { prototype: { spawn(options: Spawned): unknown } };
const spawn = prototype.spawn;
prototype.spawn = function (this: ChildProcess, options: Spawned) {
  note('start', { program: options.file, argv: options.args?.slice(1) ?? [], env: options.envPairs ?? [] });
  return spawn.call(this, options);
};
for (const way of ['spawnSync', 'execSync', 'execFileSync'] as const) {
  childProcess[way] = () => {
    throw new Error(`${way} is not recorded: start programs the asynchronous way`);
  };
}

const generateKeyPair = crypto.generateKeyPair as (...given: unknown[]) => void;
const generated = promisify(crypto.generateKeyPair) as unknown as (
  ...given: unknown[]
) => Promise<{ publicKey: KeyObject; privateKey: KeyObject }>;
const noteKey = (key: KeyObject) => note('key', key.export({ type: 'pkcs8', format: 'pem' }));
const recorded = (...given: unknown[]) => {
  const done = given.pop() as (error: Error | null, publicKey: KeyObject, privateKey: KeyObject) => void;
  generateKeyPair(...given, (error: Error | null, publicKey: KeyObject, privateKey: KeyObject) => {
    if (!error) noteKey(privateKey);
    done(error, publicKey, privateKey);
  });
};
Object.defineProperty(recorded, promisify.custom, {
  value: async (...given: unknown[]) => {
    const pair = await generated(...given);
    noteKey(pair.privateKey);
    return pair;
  },
});
crypto.generateKeyPair = recorded as unknown as typeof crypto.generateKeyPair;

/** Adds a second name for each file below `path`: its bytes stay when the first name is removed. */
function keep(path: fs.PathLike): void {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) for (const entry of fs.readdirSync(path)) keep(join(String(path), entry));
  if (stat?.isFile()) fs.linkSync(path, name('removed'));
}
const { promises, rmSync, unlinkSync, rm, unlink } = fs;
const removers = { rm: promises.rm, unlink: promises.unlink };
Object.assign(promises, {
  rm: async (path: fs.PathLike, options?: fs.RmOptions) => {
    keep(path);
    return removers.rm(path, options);
  },
  unlink: async (path: fs.PathLike) => {
    keep(path);
    return removers.unlink(path);
  },
});
const kept =
  (remove: (path: fs.PathLike, ...more: never[]) => void) =>
  (path: fs.PathLike, ...more: never[]) => {
    keep(path);
    return remove(path, ...more);
  };
Object.assign(fs, { rm: kept(rm), unlink: kept(unlink), rmSync: kept(rmSync), unlinkSync: kept(unlinkSync) });
syncBuiltinESMExports();
