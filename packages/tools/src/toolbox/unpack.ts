import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { messageOf, TidegateError } from '@tidegate/core';
import { extract } from 'tar-stream';
import { makeFolder } from '../run/folder.ts';

/** In bytes. No program is nearly as large; a few kilobytes of gzipped zeros can claim to be. */
const LARGEST_PROGRAM = 1 << 30;
/** In bytes. Node's default of 16 KiB takes twice the time for a program of 90 MB. */
const CHUNK = 1 << 18;

/**
 * Extract only the named members of a gzipped tar.
 *
 * The caller chooses the name of the written file (the last part of `member`), never the archive: an entry
 * `../../bin/sh`, an absolute path or a link does not match any requested member.
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
  // The loop below fails with the same error; without a listener it would count as an unhandled rejection until it is
  // awaited.
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
    throw new TidegateError(
      'tool-archive-unusable',
      `${basename(archive)} could not be unpacked: ${messageOf(cause)}.`,
      {
        next: 'Check the free space and the permissions of the temporary folder: the archive itself matches its checksum.',
        cause,
      },
    );
  }
  if (wanted.size > 0) {
    throw new TidegateError(
      'tool-archive-unusable',
      `${basename(archive)} does not contain ${[...wanted].join(', ')}.`,
      {
        next: 'Correct packages/tools/src/toolbox/pins.ts: the pin names a file that the archive does not contain.',
      },
    );
  }
}

async function writeProgram(content: Readable, path: string): Promise<void> {
  // wx: fail for two members with the same name, and never write through a file or link that already exists.
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
