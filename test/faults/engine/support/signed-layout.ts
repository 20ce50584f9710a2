import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bundleReferrer,
  keySigner,
  makeBundle,
  makeStatement,
  type Referrer,
  signatureStatement,
  statementReferrer,
} from '@tidegate/attest';
import { type Descriptor, type Digest, digestOf, MediaType, parsePlatform } from '@tidegate/core';
import { contentOfBytes, ImageLayout } from '@tidegate/oci';

const LAYER_SIZE = 96 * 1024;
const LAYER = 'application/vnd.oci.image.layer.v1.tar';

/** An index over one platform, with evidence, in a layout on disk: the minimum that needs every step of a push. */
export interface SignedLayout extends AsyncDisposable {
  readonly folder: string;
  /** SPKI, PEM. */
  readonly publicKey: string;
  readonly root: Digest;
  /** Every manifest and index to push, including root and referrers. */
  readonly manifests: readonly Digest[];
  /** The referrers of each manifest. */
  readonly referrers: ReadonlyMap<Digest, readonly Digest[]>;
  /** Every blob to push, with its size in bytes. */
  readonly blobs: ReadonlyMap<Digest, number>;
}

/** In memory if the machine supports it: otherwise these tests would mostly wait for the disk. */
export function scratch(name: string): string {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), `tidegate-${name}-`));
}

export async function signedLayout(): Promise<SignedLayout> {
  const base = scratch('faults');
  const folder = join(base, 'layout');
  const layout = await ImageLayout.create(folder);
  const blobs = new Map<Digest, number>();
  const manifests: Digest[] = [];
  const put = async (mediaType: string, bytes: Uint8Array): Promise<Descriptor> => {
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await layout.push(descriptor, contentOfBytes(bytes));
    if (mediaType === MediaType.manifest || mediaType === MediaType.index) manifests.push(descriptor.digest);
    else blobs.set(descriptor.digest, bytes.length);
    return descriptor;
  };
  const json = (value: object) => Buffer.from(JSON.stringify(value));

  const platforms: Descriptor[] = [];
  for (const name of ['linux/amd64']) {
    const platform = parsePlatform(name);
    const config = await put(MediaType.config, json({ ...platform, rootfs: { type: 'layers', diff_ids: [] } }));
    const layer = await put(LAYER, randomBytes(LAYER_SIZE));
    const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [layer] };
    platforms.push({ ...(await put(MediaType.manifest, json(manifest))), platform });
  }
  const root = await put(MediaType.index, json({ schemaVersion: 2, mediaType: MediaType.index, manifests: platforms }));
  await layout.add(root);

  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = await keySigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const referrers = new Map<Digest, readonly Digest[]>();
  for (const subject of [root, ...platforms]) {
    const { bytes, statement } = signatureStatement(subject.digest);
    const bundle = await makeBundle(bytes, signer, []);
    const scan = makeStatement('https://example.com/scan', [{ digest: subject.digest }], { subject: subject.digest });
    const made: Referrer[] = [bundleReferrer(subject, bundle, statement.predicateType)];
    if (subject === root) made.push(statementReferrer(subject, scan.bytes, scan.statement.predicateType));
    for (const { blobs: parts, manifest } of made) {
      for (const { descriptor, bytes: content } of parts) await put(descriptor.mediaType, content);
      await put(MediaType.manifest, manifest);
    }
    referrers.set(subject.digest, made.map(({ descriptor }) => descriptor.digest).toSorted());
  }
  return {
    folder,
    publicKey: signer.publicKeyPem,
    root: root.digest,
    manifests,
    referrers,
    blobs,
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }),
  };
}
