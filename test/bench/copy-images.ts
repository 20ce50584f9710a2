import { createCipheriv, createHash } from 'node:crypto';
import { mkdir, open, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MIB = 1024 * 1024;

/** How many layers of how many MiB. `sparse`: zeros that take no room on the disk. */
export interface Shape {
  readonly name: string;
  readonly layers: number;
  readonly mebibytes: number;
  readonly sparse?: boolean;
}

export const SHAPES = {
  one: { name: '1 x 1 GiB', layers: 1, mebibytes: 1024 },
  some: { name: '20 x 50 MiB', layers: 20, mebibytes: 50 },
  many: { name: '200 x 1 MiB', layers: 200, mebibytes: 1 },
  huge: { name: '1 x 5 GiB', layers: 1, mebibytes: 5120, sparse: true },
} as const satisfies Record<string, Shape>;

/** An image layout of one platform, tagged `v1`. The same bytes each time. @returns bytes of all layers */
export async function writeImage(folder: string, shape: Shape): Promise<number> {
  const blobs = join(folder, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const layers = [];
  for (let at = 0; at < shape.layers; at += 1) {
    const digest = await writeLayer(blobs, `${shape.name} ${at}`, shape);
    const mediaType = 'application/vnd.oci.image.layer.v1.tar';
    layers.push({ mediaType, digest, size: shape.mebibytes * MIB });
  }
  const put = async (mediaType: string, content: object) => {
    const bytes = Buffer.from(JSON.stringify(content));
    const hex = createHash('sha256').update(bytes).digest('hex');
    await writeFile(join(blobs, hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const config = await put('application/vnd.oci.image.config.v1+json', {
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    config: {},
  });
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = await put(mediaType, { schemaVersion: 2, mediaType, config, layers });
  const entry = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': 'v1' } };
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  return shape.layers * shape.mebibytes * MIB;
}

async function writeLayer(blobs: string, seed: string, shape: Shape): Promise<string> {
  const path = join(blobs, 'layer');
  const file = await open(path, 'w');
  const hash = createHash('sha256');
  const zeros = Buffer.alloc(MIB);
  // A key stream: bytes that nothing compresses, and quickly.
  const stream = createCipheriv('aes-128-ctr', createHash('md5').update(seed).digest(), Buffer.alloc(16));
  for (let at = 0; at < shape.mebibytes; at += 1) {
    const chunk = shape.sparse ? zeros : stream.update(zeros);
    hash.update(chunk);
    if (!shape.sparse) await file.write(chunk);
  }
  await file.close();
  if (shape.sparse) await truncate(path, shape.mebibytes * MIB);
  const hex = hash.digest('hex');
  await rename(path, join(blobs, hex));
  return `sha256:${hex}`;
}
