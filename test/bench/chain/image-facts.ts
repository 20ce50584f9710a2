import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

export interface ImageFacts {
  readonly platforms: number;
  /** Of one platform. */
  readonly layers: number;
  /** Of all platforms; what several share counts once. */
  readonly 'packed, MB': number;
  readonly 'unpacked, MB': number;
}

interface Manifest {
  readonly manifests?: readonly { readonly digest: string }[];
  readonly layers?: readonly { readonly digest: string; readonly size: number }[];
}

/** The image that the registry has as `1.0.0`. */
export async function imageFacts(registry: string, repository: string): Promise<ImageFacts> {
  const index = await manifestOf('1.0.0');
  const manifests = index.manifests
    ? await Promise.all(index.manifests.map(({ digest }) => manifestOf(digest)))
    : [index];
  const layers = new Map(manifests.flatMap(({ layers = [] }) => layers.map(({ digest, size }) => [digest, size])));
  let unpacked = 0;
  for (const digest of layers.keys()) unpacked += await unpackedSize(digest);
  return {
    platforms: manifests.length,
    layers: Math.max(...manifests.map(({ layers = [] }) => layers.length)),
    'packed, MB': megabytes([...layers.values()].reduce((sum, size) => sum + size, 0)),
    'unpacked, MB': megabytes(unpacked),
  };

  async function manifestOf(reference: string): Promise<Manifest> {
    const kinds = ['image.index', 'image.manifest'].map((kind) => `application/vnd.oci.${kind}.v1+json`);
    const answer = await fetch(`http://${registry}/v2/${repository}/manifests/${reference}`, {
      headers: { accept: kinds.join(', ') },
    });
    return (await answer.json()) as Manifest;
  }

  async function unpackedSize(digest: string): Promise<number> {
    const { body } = await fetch(`http://${registry}/v2/${repository}/blobs/${digest}`);
    let size = 0;
    const count = new Writable({
      write(chunk: Buffer, _, done) {
        size += chunk.length;
        done();
      },
    });
    if (body) await pipeline(Readable.fromWeb(body), createGunzip(), count);
    return size;
  }
}

const megabytes = (bytes: number) => Math.round(bytes / 1e6);
