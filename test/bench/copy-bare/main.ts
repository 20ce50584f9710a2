/**
 * The least that Node can do for a copy, to hold the engine against: a socket, the hash and a file, and for a pull of
 * several layers a second thread. No HTTP client for blobs, no retry, no resume, no lock, nothing synced or checked but
 * the hash, and a head that comes in two pieces is the end. Arguments and last line as of copy-ours. A pull makes a
 * layout; of a push manifest and config are left out.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, readSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { get } from 'node:http';
import { connect, Socket } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

interface Blob {
  readonly digest: string;
  readonly size: number;
}
/** Node asks for room as soon as it has told of what came. */
interface Connection {
  socket: Socket;
  readonly piece: Buffer;
  used: number;
  /** @returns whether more may be read now */
  filled: (bytes: number) => boolean;
}

/** State of a thread of a pull. `next`: the next layer without a thread. */
interface Share {
  readonly argv: readonly string[];
  readonly layers: readonly Blob[];
  readonly next: Int32Array;
}

const CHUNK = 256 * 1024;
/** As crane and oras write: what that is good for is told in packages/oci/src/layout/disk.ts. */
const UNIT = 32 * 1024;
const HEAD_END = '\r\n\r\n';
const given = isMainThread ? undefined : (workerData as Share);

const argv = given?.argv ?? process.argv.slice(2);
const [direction, from = '', to = ''] = argv;
const [image, layout] = direction === 'push' ? [to, from] : [from, to];
const [host = '', port = ''] = image.slice(0, image.indexOf('/')).split(':');
const repository = `/v2/${image.slice(image.indexOf('/') + 1)}`;

let layers = given?.layers ?? (direction === 'push' ? layersIn(layout) : []);
const next = given?.next ?? new Int32Array(new SharedArrayBuffer(4));
if (given) await takeShare();
else {
  const began = performance.now();
  const before = process.cpuUsage();
  if (direction === 'push') await Promise.all(Array.from({ length: 16 }, sendAll));
  else await pull();
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(before);
  const rss = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ seconds, rss, cpu: (user + system) / 1e6 }));
}

function nextLayer(): Blob | undefined {
  return layers[Atomics.add(next, 0, 1)];
}

async function pull(): Promise<void> {
  const manifest = await manifestAt();
  layers = [...manifest.layers, manifest.config].sort((a, b) => b.size - a.size);
  mkdirSync(join(layout, 'blobs/sha256'), { recursive: true });
  // One layer is nothing to share.
  await Promise.all([takeShare(), ...(manifest.layers.length > 1 ? [takeElsewhere()] : [])]);
  const digest = `sha256:${createHash('sha256').update(manifest.bytes).digest('hex')}`;
  const { mediaType } = manifest;
  const manifests = [{ mediaType, digest, size: manifest.bytes.length }];
  writeFileSync(blobPath(digest), manifest.bytes);
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
}

async function takeShare(): Promise<void> {
  await Promise.all([takeAll(), ...(layers.length > 2 ? [takeAll()] : [])]);
}

function takeElsewhere(): Promise<void> {
  return new Promise((resolve, reject) => {
    const share: Share = { argv, layers, next };
    new Worker(new URL(import.meta.url), { workerData: share }).on('error', reject).on('exit', () => resolve());
  });
}

function layersIn(folder: string): readonly Blob[] {
  const [{ digest }] = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')).manifests;
  return JSON.parse(readFileSync(blobPath(digest), 'utf8')).layers;
}

async function manifestAt() {
  const headers = { accept: 'application/vnd.oci.image.manifest.v1+json' };
  const [answer] = await once(get({ host, port, path: `${repository}/manifests/v1`, headers }), 'response');
  const bytes = await buffer(answer);
  const { mediaType, config, layers } = JSON.parse(bytes.toString('utf8'));
  return { bytes, mediaType: mediaType as string, config: config as Blob, layers: layers as readonly Blob[] };
}

function blobPath(digest: string): string {
  return join(layout, 'blobs/sha256', digest.slice('sha256:'.length));
}

function open(): Promise<Connection> {
  return new Promise((resolve, reject) => {
    // Node asks for room while it makes the socket.
    const connection: Connection = {
      socket: new Socket(),
      piece: Buffer.allocUnsafeSlow(CHUNK),
      used: 0,
      filled: () => true,
    };
    const onread = {
      buffer: () => connection.piece.subarray(connection.used),
      callback: (bytes: number) => connection.filled(bytes),
    };
    const socket = connect({ host, port: Number(port), noDelay: true, onread });
    connection.socket = socket.on('error', reject).once('connect', () => resolve(connection));
  });
}

async function takeAll(): Promise<void> {
  const connection = await open();
  for (let blob = nextLayer(); blob; blob = nextLayer()) await takeOne(connection, blob);
  connection.socket.destroy();
}

function takeOne(connection: Connection, { digest, size }: Blob): Promise<void> {
  return new Promise((resolve, reject) => {
    const hash = createHash('sha256');
    const path = blobPath(digest);
    const file = openSync(`${path}.part`, 'wx');
    let [position, left, head] = [0, size, true];
    const close = (): void => {
      closeSync(file);
      renameSync(`${path}.part`, path);
      if (hash.digest('hex') === digest.slice('sha256:'.length)) resolve();
      else reject(new Error(`${digest}: it is something else`));
    };
    const put = (): boolean => {
      const { piece, used } = connection;
      for (let at = 0; at < used; ) at += writeSync(file, piece, at, Math.min(UNIT, used - at), position + at);
      position += used;
      connection.used = 0;
      if (left === 0) close();
      return true;
    };
    connection.filled = (bytes) => {
      let came = bytes;
      if (head) {
        const end = connection.piece.subarray(0, bytes).indexOf(HEAD_END) + HEAD_END.length;
        if (end < HEAD_END.length || connection.piece.toString('latin1', 9, 12) !== '200') {
          reject(new Error(`${digest}: ${connection.piece.toString('latin1', 0, Math.min(bytes, 200))}`));
          return false;
        }
        connection.piece.copyWithin(0, end, bytes);
        came -= end;
        head = false;
      }
      hash.update(connection.piece.subarray(connection.used, connection.used + came));
      connection.used += came;
      left -= came;
      return left === 0 || connection.used === CHUNK ? put() : true;
    };
    connection.socket.write(`GET ${repository}/blobs/${digest} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
  });
}

async function sendAll(): Promise<void> {
  const connection = await open();
  for (let blob = nextLayer(); blob; blob = nextLayer()) {
    const asked = await answerTo(connection, `POST ${repository}/blobs/uploads/`, 0, async () => {});
    const location = new URL(/^location: *(\S+)/im.exec(asked)?.[1] ?? '', `http://${host}:${port}`);
    location.searchParams.set('digest', blob.digest);
    const put = `PUT ${location.pathname}${location.search}`;
    const stored = await answerTo(connection, put, blob.size, () => sendOne(connection, blob));
    if (!stored.startsWith('HTTP/1.1 201')) throw new Error(stored);
  }
  connection.socket.destroy();
}

function answerTo(connection: Connection, ask: string, length: number, body: () => Promise<void>): Promise<string> {
  return new Promise((resolve, reject) => {
    connection.filled = (bytes) => {
      resolve(connection.piece.toString('latin1', 0, bytes));
      return true;
    };
    connection.socket.write(`${ask} HTTP/1.1\r\nHost: ${host}:${port}\r\nContent-Length: ${length}\r\n\r\n`);
    body().catch(reject);
  });
}

async function sendOne({ socket }: Connection, { digest, size }: Blob): Promise<void> {
  const hash = createHash('sha256');
  const file = openSync(blobPath(digest), 'r');
  const pieces = [Buffer.allocUnsafeSlow(CHUNK), Buffer.allocUnsafeSlow(CHUNK)] as const;
  const sent = [Promise.resolve(), Promise.resolve()];
  for (let [turn, at] = [0, 0]; at < size; turn = 1 - turn) {
    await sent[turn];
    const piece = pieces[turn as 0 | 1];
    const chunk = piece.subarray(0, readSync(file, piece, 0, piece.length, at));
    hash.update(chunk);
    at += chunk.length;
    if (at === size && hash.digest('hex') !== digest.slice('sha256:'.length)) throw new Error(`${digest} was changed`);
    sent[turn] = new Promise((resolve) => socket.write(chunk, () => resolve()));
  }
  await Promise.all(sent);
  closeSync(file);
}
