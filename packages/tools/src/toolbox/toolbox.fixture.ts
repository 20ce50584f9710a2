import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import type { Log } from '@tidegate/core';
import { pack } from 'tar-stream';
import { PINS, type Pin } from './pins.ts';
import type { ToolName } from './tool.ts';
import { createToolbox, type ToolboxOptions } from './toolbox.ts';

export type Entry = readonly [name: string, content: string, type?: 'file' | 'symlink'];

export async function tarGz(...entries: Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const [name, content, type = 'file'] of entries) {
    if (type === 'symlink') archive.entry({ name, type, linkname: content });
    else archive.entry({ name, mode: 0o644 }, content);
  }
  archive.finalize();
  return gzipSync(await buffer(archive));
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

export function pinsFor(name: ToolName, bytes: Uint8Array, packing: Pin['packing']): Record<ToolName, Pin> {
  const files = { 'linux/amd64': { file: `${name}-file`, sha256: sha256(bytes) } };
  return { ...PINS, [name]: { version: '1.2.3', repository: 'owner/repo', packing, files } };
}

export const inTarGz = (...members: [string, ...string[]]): Pin['packing'] => ({ kind: 'tar.gz', members });

/** A folder of its own, what was logged, and toolboxes that use both. */
export async function newBench() {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-toolbox-'));
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  const log: Log = {
    debug: say,
    info: say,
    notice: say,
    warning: say,
    group: (_, work) => work(log),
    mask: say,
    redact: (text) => text,
  };
  const options: ToolboxOptions = {
    toolCache: join(folder, 'cache'),
    temp: join(folder, 'temp'),
    platform: { os: 'linux', architecture: 'amd64' },
    log,
    progress: { start: () => ({ advance() {}, done() {} }) },
  };
  return {
    folder,
    said,
    log,
    options,
    /** A toolbox whose downloads return `bytes`, and the requested URLs. */
    toolbox(bytes: Uint8Array | Error, pins: ToolboxOptions['pins'], more: Partial<ToolboxOptions> = {}) {
      const asked: string[] = [];
      const box = createToolbox({
        ...options,
        download: async (url, to) => {
          asked.push(url);
          if (bytes instanceof Error) throw bytes;
          await writeFile(to, bytes, { flag: 'wx' });
        },
        pins,
        ...more,
      });
      return { box, asked };
    },
    cachedFile: (name: ToolName) => join(folder, 'cache', `tidegate-${name}`, '1.2.3', 'linux-amd64', `${name}-file`),
    /** All files in the folder for private files, so that a test can check that none is left. */
    left: async () =>
      (await readdir(join(folder, 'temp'), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()),
    remove: () => rm(folder, { recursive: true }),
  };
}

export type Bench = Awaited<ReturnType<typeof newBench>>;
