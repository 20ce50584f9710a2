import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { messageOf, TidegateError } from '@tidegate/core';
import { extract } from 'tar-stream';
import { makeFolder } from '../run/folder.ts';

/** No program here is near this; a few kilobytes of zeros, gzipped, can claim to be. */
const LARGEST_PROGRAM = 1 << 30;
/** Node's own 16 KiB takes twice the time for a program of 90 MB. */
const CHUNK = 1 << 18;

/**
 * Take the named members, and nothing else, out of a gzipped tar.
 *
 * The file that is written is named by the caller (the last part of `member`), never by the archive: an entry called
 * `../../bin/sh`, an absolute one or a link is simply not a member that was asked for.
 */
export async function unpack(archive: string, members: readonly string[], folder: string): Promise<void> {
  await makeFolder(folder);
  const wanted = new Set(members);
  const entries = extract();
  const reading = pipeline(
    createReadStream(archive, { highWaterMark: CHUNK }),
    createGunzip({ chunkSize: CHUNK }),
    entries,
  );
  // The loop below fails with the same error; without a listener it would count as unhandled until awaited.
  reading.catch(() => {});
  try {
    for await (const entry of entries) {
      const member = entry.header.name.replace(/^\.\//, '');
      if (entry.header.type === 'file' && wanted.delete(member)) {
        await writeProgram(entry, join(folder, basename(member)));
      } else {
        entry.resume();
      }
    }
    await reading;
  } catch (cause) {
    throw new TidegateError('integrity', `${basename(archive)} could not be unpacked: ${messageOf(cause)}.`, {
      next: 'Check the free space and the permissions of the temporary folder: the archive itself matches its checksum.',
      cause,
    });
  }
  if (wanted.size > 0) {
    throw new TidegateError('integrity', `${basename(archive)} does not contain ${[...wanted].join(', ')}.`, {
      next: 'Correct packages/tools/src/toolbox/pins.ts: the pin names a file that the archive does not contain.',
    });
  }
}

async function writeProgram(content: Readable, path: string): Promise<void> {
  // wx: two members of the same name, or a file somebody put there, must not be written through.
  const file = await open(path, 'wx', 0o700);
  let size = 0;
  try {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > LARGEST_PROGRAM) throw new Error(`${basename(path)} is larger than 1 GiB`);
      await file.writeFile(chunk);
    }
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}
