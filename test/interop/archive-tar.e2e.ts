/** Go's archive/tar, which unpacks layers later, and our reader read the same in archives. */
import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { developerRun, devTools } from '@tidegate/testkit';
import { type TarEntry, TarReader } from '../../packages/oci/src/layers/tar.ts';
import { HOSTILE, ODD } from '../../packages/oci/src/layers/tar-cases.fixture.ts';
import { seeded } from '../faults/engine/support/random.ts';
import { madeArchives } from './support/made-archives.ts';

interface GoEntry {
  readonly name: string;
  readonly link: string;
  readonly type: string;
  readonly mode: number;
  readonly size: number;
  readonly sha256: string;
}

interface Read {
  readonly entries: readonly object[];
  readonly error?: string;
}

let program = '';
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archive-tar-'));
  program = (await devTools(['archive-tar'], { log: (line) => process.stderr.write(`${line}\n`) }))['archive-tar'];
}, 1_200_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** One process for all of them. */
async function goReads(archives: readonly Buffer[]): Promise<Read[]> {
  const path = join(folder, 'archives');
  const file = await open(path, 'w');
  try {
    for (const one of archives) {
      const length = Buffer.alloc(8);
      length.writeBigUInt64BE(BigInt(one.length));
      await file.writev([length, one]);
    }
  } finally {
    await file.close();
  }
  const { stdout } = await developerRun(program, [path], { timeout: 120_000 });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { entries, error } = JSON.parse(line) as { entries: GoEntry[]; error?: string };
      return { entries: entries.filter(({ type }) => type !== 'g').map(asOurs), ...(error ? { error } : {}) };
    });
}

const TYPES: Readonly<Record<string, TarEntry['type']>> = {
  ...{ '1': 'hardlink', '2': 'symlink', '3': 'device', '4': 'device', '5': 'directory', '6': 'fifo' },
};

/** Types without content keep a size in Go's header, which nothing reads. */
function asOurs({ name, link, type, mode, size, sha256 }: GoEntry): object {
  const ours = TYPES[type] ?? 'file';
  return { path: hex(name), link: hex(link), type: ours, mode, size: ours === 'file' ? size : 0, sha256 };
}

const hex = (base64: string) => Buffer.from(base64, 'base64').toString('hex');

/** Back to bytes: a lone surrogate stands for a byte that is not UTF-8. */
function bytesOf(text: string): string {
  if (text.isWellFormed()) return Buffer.from(text).toString('hex');
  const bytes = Array.from(text, (one) => {
    const code = one.charCodeAt(0);
    return one.length === 1 && code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(one);
  });
  return Buffer.concat(bytes).toString('hex');
}

function weRead(archive: Buffer, step: number): Read {
  const entries: object[] = [];
  const reader = new TarReader('a layer', ({ path, link, type, mode, size }) => {
    const hash = createHash('sha256');
    return (piece, last) => {
      hash.update(piece);
      if (!last) return;
      const sha256 = hash.digest('base64');
      entries.push({ path: bytesOf(path), link: bytesOf(link), type, mode, size, sha256 });
    };
  });
  try {
    for (let at = 0; at < archive.length; at += step) reader.write(archive.subarray(at, at + step));
    reader.end();
    return { entries };
  } catch (error) {
    return { entries, error: String(error) };
  }
}

/** Where we refuse what Go reads: archives cut where Go does not look, and sizes beyond what a number holds. */
const STRICTER = /archive: it is truncated|header has no entry|a sparse map exceeds its file/;

function differences(archives: readonly Buffer[], theirs: readonly Read[]) {
  let stricter = 0;
  const differing = archives.flatMap((archive, at) => {
    const go = theirs[at] as Read;
    const ours = weRead(archive, [archive.length || 1, 512, 333][at % 3] as number);
    if (go.error !== undefined && ours.error !== undefined) return [];
    if (go.error === undefined && ours.error !== undefined && STRICTER.test(ours.error)) {
      stricter += 1;
      return [];
    }
    const same = go.error === ours.error && JSON.stringify(go.entries) === JSON.stringify(ours.entries);
    return same ? [] : [{ archive: archive.toString('latin1').replaceAll(/\0{8,}/g, '…'), go, ours }];
  });
  return { differing, stricter };
}

test('archives that are odd or hostile: Go refuses all that it should, and names the same entries', async () => {
  const archives = [...ODD, ...HOSTILE].map(([, bytes]) => bytes);
  const { differing } = differences(archives, await goReads(archives));
  expect(differing).toEqual([]);
});

test('archives made of every header before every other: the same entries, or an error on both sides', async () => {
  const number = seeded(1);
  const archives = [...madeArchives((below) => Math.floor(number() * below), 10_000)];
  const theirs = await goReads(archives);
  expect(archives.length).toBeGreaterThan(20_000);
  expect(theirs.length).toBe(archives.length);
  const { differing, stricter } = differences(archives, theirs);
  expect(differing.slice(0, 5)).toEqual([]);
  // The comparison has something to compare: enough of them are read to their end, and few are refused by us alone.
  expect(theirs.filter(({ error }) => error === undefined).length).toBeGreaterThan(archives.length / 4);
  expect(stricter).toBeLessThan(archives.length / 20);
}, 300_000);
