import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, copyFile, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Digest, hexOf, type Log, messageOf } from '@tidegate/core';
import { makeFolder } from '@tidegate/tools';
import { type Latest, parseLatest, SCHEMA } from './latest.ts';
import { sha256Of } from './sha256.ts';

/**
 * The archive that an earlier run cached, in the layout of a server: `v6/latest.json` and the file that it names. Other
 * jobs may have written both, so nothing in them is trusted: only bytes with an already known checksum are used.
 */
export interface KeptArchive extends Latest {
  readonly file: string;
}

export async function keptIn(cache: string): Promise<KeptArchive | undefined> {
  try {
    const folder = join(cache, SCHEMA);
    const latest = parseLatest(await readFile(join(folder, 'latest.json')), 'latest.json');
    return { ...latest, file: join(folder, latest.path) };
  } catch {
    // Missing or unreadable: it is only a cache.
    return undefined;
  }
}

/** Copy first, then hash: later changes by another job do not affect the bytes that are used. */
export async function copyKept(kept: KeptArchive, checksum: Digest, to: string, log: Log): Promise<boolean> {
  try {
    await copyFile(kept.file, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  } catch (error) {
    log.debug(`Cannot read the cached vulnerability database: ${messageOf(error)}`);
    return false;
  }
  if ((await sha256Of(to)) === checksum) return true;
  log.warning('The vulnerability database in db-cache does not match its checksum and is not used.');
  await rm(to);
  return false;
}

/** A failed write to the cache costs time, not correctness. Rename into place: another job may write the same file. */
export async function keep(archive: string, latest: Latest, cache: string, log: Log): Promise<void> {
  const folder = join(cache, SCHEMA);
  const name = `${hexOf(latest.checksum)}${suffixOf(latest.path)}`;
  const [part, document] = [join(folder, `.${randomUUID()}.part`), join(folder, `.${randomUUID()}.json`)];
  try {
    await makeFolder(folder);
    await copyFile(archive, part, constants.COPYFILE_FICLONE);
    await rename(part, join(folder, name));
    const { built, checksum } = latest;
    await writeFile(
      document,
      JSON.stringify({ status: 'active', schemaVersion: 'v6.0.0', built, path: name, checksum }),
    );
    await rename(document, join(folder, 'latest.json'));
    const older = (await readdir(folder)).filter((file) => /^[0-9a-f]{64}(\.|$)/.test(file) && file !== name);
    for (const file of older) await rm(join(folder, file), { force: true });
  } catch (error) {
    log.notice(
      `The vulnerability database could not be saved in ${cache}, so later jobs download it again: ${messageOf(error)}`,
    );
    await rm(part, { force: true }).catch(() => undefined);
    await rm(document, { force: true }).catch(() => undefined);
  }
}

/** Grype detects the format of an archive by its name (and its bytes). */
export function suffixOf(path: string): string {
  return /(\.tar)?\.[a-z0-9]{1,5}$/.exec(basename(path))?.[0] ?? '';
}

/**
 * Write access of this process to a file or folder: `denied` by its owner and mode, or on a `read-only` file system.
 */
export type Reach = (path: string) => Promise<'writable' | 'denied' | 'read-only'>;

/**
 * Whether no job with this user could have written or replaced `file`: the file, its folder and all parent folders are
 * not writable, up to the root or to the mount point of a read-only file system.
 * @param reach for tests
 */
export async function isOutOfReach(file: string, reach: Reach = reachOf): Promise<boolean> {
  let at = await realpath(file).catch(() => file);
  let readOnlyBelow = false;
  for (;;) {
    const can = await reach(at);
    // A writable folder above a read-only mount is acceptable: a mount point cannot be renamed.
    if (can === 'writable') return readOnlyBelow;
    readOnlyBelow = can === 'read-only';
    if (at === dirname(at)) return true;
    at = dirname(at);
  }
}

const reachOf: Reach = async (path) => {
  const why = await access(path, constants.W_OK).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code,
  );
  if (why === 'EROFS') return 'read-only';
  // The owner can make it writable.
  const { uid } = await stat(path).catch(() => ({ uid: process.geteuid?.() }));
  return why === undefined || uid === process.geteuid?.() ? 'writable' : 'denied';
};
