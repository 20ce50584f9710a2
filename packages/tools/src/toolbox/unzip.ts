import { createWriteStream } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { messageOf, TidegateError } from '@tidegate/core';
import { makeFolder } from '../run/folder.ts';

const MOST_ENTRIES = 100_000;
/** In bytes, over all files: what a hosted runner has. A small archive can claim any size. */
const MOST_BYTES = 10 * 1024 ** 3;
const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;
const FOLDER = 0o040000;
/** High byte of "version made by": the attributes are a Unix mode. */
const UNIX = 3;

/**
 * Extract a zip archive into a folder. The archive is not trusted: a name that leads out of the folder, a link, a second
 * file of the same name or an encrypted one is an error, and nothing is overwritten.
 * @throws TidegateError `bad-input`
 */
export async function unzip(archive: string, folder: string, mostBytes = MOST_BYTES): Promise<void> {
  // Loaded only where it is used: few runs have an archive.
  const { openPromise } = await import('yauzl');
  await makeFolder(folder);
  try {
    // yauzl refuses absolute names, backslashes and `..`, and sizes other than those that the archive declares.
    const zip = await openPromise(archive, { lazyEntries: true, strictFileNames: true });
    if (zip.entryCount > MOST_ENTRIES) throw new Error(`it has ${zip.entryCount} entries, more than ${MOST_ENTRIES}`);
    let size = 0;
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName;
      const path = join(folder, name);
      const type = entry.versionMadeBy >> 8 === UNIX ? (entry.externalFileAttributes >>> 16) & FILE_TYPE : 0;
      if (type !== 0 && type !== REGULAR && type !== FOLDER) throw new Error(`${JSON.stringify(name)} is not a file`);
      if (name.endsWith('/')) {
        await makeFolder(path);
        continue;
      }
      size += entry.uncompressedSize;
      if (size > mostBytes) throw new Error(`its files have more than ${mostBytes} bytes`);
      if (entry.isEncrypted()) throw new Error(`${JSON.stringify(name)} is encrypted`);
      await makeFolder(dirname(path));
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path, { flags: 'wx', mode: 0o644 }));
    }
  } catch (cause) {
    const message = `${basename(archive)} cannot be unpacked: ${messageOf(cause)}.`;
    throw new TidegateError('archive-invalid', message, { cause });
  }
}
