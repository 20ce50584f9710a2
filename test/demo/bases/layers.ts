import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Digest } from '@tidegate/core';

/** The source of a layer: a Debian package's files, or a folder of this machine. */
export type LayerSource =
  | { readonly kind: 'package'; readonly archive: string }
  | { readonly kind: 'folder'; readonly folder: string; readonly at: string; readonly without?: readonly string[] };

export interface Layer {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  /** Of the tar inside: what the image's config lists. */
  readonly diffId: Digest;
}

/** Write a layer into a layout's `blobs/sha256`. Compressed where it is to be pushed; the times in it are fixed. */
export async function writeLayer(source: LayerSource, blobs: string, compress: boolean): Promise<Layer> {
  const part = join(blobs, `.part-${process.hrtime.bigint()}`);
  const plain = createHash('sha256');
  const written = createHash('sha256');
  let size = 0;
  const tap = (see: (chunk: Buffer) => void) =>
    new Transform({
      transform(chunk: Buffer, _, done) {
        see(chunk);
        done(null, chunk);
      },
    });
  const { tar, ended } = tarOf(source);
  await Promise.all([
    ended,
    pipeline(
      tar,
      tap((chunk) => plain.update(chunk)),
      compress ? createGzip({ level: 6 }) : new PassThrough(),
      tap((chunk) => {
        written.update(chunk);
        size += chunk.length;
      }),
      createWriteStream(part),
    ),
  ]);
  const hex = written.digest('hex');
  await rename(part, join(blobs, hex));
  return {
    mediaType: `application/vnd.oci.image.layer.v1.tar${compress ? '+gzip' : ''}`,
    digest: `sha256:${hex}` as Digest,
    size,
    diffId: `sha256:${plain.digest('hex')}` as Digest,
  };
}

function tarOf(source: LayerSource): { readonly tar: Readable; readonly ended: Promise<void> } {
  const [program, argv]: [string, string[]] =
    source.kind === 'package'
      ? ['dpkg-deb', ['--fsys-tarfile', source.archive]]
      : ['tar', ['--create', ...folderFlags(source), '--directory', source.folder, '.']];
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}: ${said}`))));
  });
  return { tar: child.stdout, ended };
}

function folderFlags({ at, without = [] }: Extract<LayerSource, { kind: 'folder' }>): string[] {
  return [
    ...['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0', '--mode=u+w'],
    ...without.map((path) => `--exclude=./${path}`),
    // `flags=r`: names of the files themselves, not what symbolic links point to.
    `--transform=flags=rh;s,^\\./,${at},;s,^\\.$,${at || './'},`,
  ];
}
