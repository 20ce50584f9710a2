/**
 * Reading an image's layers through (digests, diff_ids, whiteouts, a search for secrets) against `tar -t` on the same
 * layers, which only lists names: Debian's smallest system and one large program, about 300 MB, as gzip packs them.
 * Command: `npm run bench -- layers`. Writes test/bench/figures/layers.json.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import { type Descriptor, type Digest, digestOf, MediaType } from '@tidegate/core';
import { contentOfBytes, ImageLayout } from '@tidegate/oci';
import { ensureDebianPackages, toolsFolder } from '@tidegate/testkit';
import { BOOTSTRAP, debian } from './debian.ts';
import { median, pairs, summary, writeFigures } from './figures.ts';

const run = promisify(execFile);
const RUNS = Number(process.env.BENCH_RUNS ?? 7);
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const say = (line: string) => console.error(line);

const folder = await mkdtemp(join(tmpdir(), 'tidegate-bench-'));
try {
  await ensureDebianPackages(BOOTSTRAP, { log: say });
  const layout = await ImageLayout.create(join(folder, 'layout'));
  const layers = [await addLayer(layout, await debian(say)), await addLayer(layout, await oneProgram())];
  await addImage(layout, layers);
  const blobs = layers.map(({ descriptor }) => join(folder, 'layout', 'blobs', 'sha256', descriptor.digest.slice(7)));

  const ours: number[] = [];
  const listing: number[] = [];
  // On a busy machine the clock measures the others; the processor's time does not.
  const [work, listingWork]: [number[], number[]] = [[], []];
  const memory: number[] = [];
  let files = 0;
  // Turn about, so that both meet the same machine; the first turn warms the file cache and does not count.
  for (let turn = 0; turn <= RUNS; turn += 1) {
    const walked = await walk();
    const listed = await list(blobs);
    say(
      `${turn === 0 ? 'warm-up' : `run ${turn}`}: ours ${walked.seconds.toFixed(2)} s, tar -t ${listed.seconds.toFixed(2)} s`,
    );
    if (turn === 0) continue;
    ours.push(walked.seconds);
    memory.push(walked.memory);
    listing.push(listed.seconds);
    work.push(walked.work);
    listingWork.push(listed.work);
    files = walked.files;
  }
  await writeFigures('layers', {
    command: 'npm run bench -- layers',
    runs: RUNS,
    image: {
      layers: layers.length,
      files,
      'packed, MB': Math.round(layers.reduce((sum, one) => sum + one.descriptor.size, 0) / 1e6),
      'unpacked, MB': Math.round(layers.reduce((sum, one) => sum + one.unpacked, 0) / 1e6),
    },
    'ours, seconds': summary(ours),
    'tar -t, seconds': summary(listing),
    ratio: summary(pairs(ours, listing)),
    "ratio of the processor's time": summary(pairs(work, listingWork)),
    "ours, most memory of the process, MiB (Node's own and all modules included)": Math.round(median(memory)),
  });
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** In a process of its own, whose memory is measured; the time is that of the stage, without the start of Node. */
async function walk(): Promise<{ seconds: number; work: number; memory: number; files: number }> {
  const script = fileURLToPath(new URL('layers-walk.ts', import.meta.url));
  const { stdout } = await run(process.execPath, [script, join(folder, 'layout')]);
  return JSON.parse(stdout);
}

async function list(layers: readonly string[]): Promise<{ seconds: number; work: number }> {
  const before = await childrensWork();
  const started = performance.now();
  for (const layer of layers) {
    const tar = spawn('tar', ['-tzf', layer], { stdio: ['ignore', 'ignore', 'inherit'] });
    const [code] = await once(tar, 'exit');
    if (code !== 0) throw new Error(`tar -tzf ended with ${code}.`);
  }
  return { seconds: (performance.now() - started) / 1000, work: (await childrensWork()) - before };
}

/** Seconds of processor that ended children took, and theirs (proc(5), cutime and cstime, in hundredths). */
async function childrensWork(): Promise<number> {
  const text = await readFile('/proc/self/stat', 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

interface Layer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
  readonly unpacked: number;
}

async function addLayer(layout: ImageLayout, tar: string): Promise<Layer> {
  const packed = join(folder, 'layer.tar.gz');
  await pipeline(createReadStream(tar), createGzip(), createWriteStream(packed));
  const descriptor = { mediaType: LAYER, digest: await hashOf(packed), size: (await stat(packed)).size };
  await layout.push(descriptor, { open: (start = 0) => createReadStream(packed, { start }) });
  return { descriptor, diffId: await hashOf(tar), unpacked: (await stat(tar)).size };
}

async function hashOf(path: string): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return `sha256:${hash.digest('hex')}` as Digest;
}

async function addImage(layout: ImageLayout, layers: readonly Layer[]): Promise<void> {
  const put = async (mediaType: string, value: object): Promise<Descriptor> => {
    const bytes = Buffer.from(JSON.stringify(value));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await layout.push(descriptor, contentOfBytes(bytes));
    return descriptor;
  };
  const config = await put(MediaType.config, {
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  });
  const manifest = await put(MediaType.manifest, {
    schemaVersion: 2,
    mediaType: MediaType.manifest,
    config,
    layers: layers.map(({ descriptor }) => descriptor),
  });
  await layout.add(manifest);
}

/** A compiled program of about 100 MB, as many images hold one. */
async function oneProgram(): Promise<string> {
  const [bin, tar] = [join(folder, 'bin'), join(folder, 'program.tar')];
  await mkdir(bin);
  await copyFile(join(await toolsFolder({ log: say }), 'syft'), join(bin, 'program'));
  await run('tar', ['-C', folder, '-cf', tar, 'bin']);
  return tar;
}
