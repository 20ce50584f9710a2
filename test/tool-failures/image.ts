/** An image of two platforms and what a good build, a good Syft and a good Grype say of it, at their shortest. */
import { digestOf, MediaType } from '@tidegate/core';
import { BUILDKIT } from '../interop/support/buildkit-provenance.ts';

type Json = Readonly<Record<string, unknown>>;

export interface TestImage {
  readonly digest: string;
  /** By architecture: the digest of the platform's manifest. */
  readonly platforms: Readonly<Record<'amd64' | 'arm64', string>>;
  /** Path below the layout, and content. */
  readonly files: ReadonlyMap<string, Buffer>;
}

/**
 * @param name makes it this image and no other
 * @param archive content of its layer; by default an archive that holds nothing: two blocks of zeros
 */
export function testImage(name: string, archive: Buffer = Buffer.alloc(1024)): TestImage {
  const files = new Map<string, Buffer>();
  const put = (mediaType: string, content: Json | Buffer) => {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
    const digest = digestOf(bytes);
    files.set(`blobs/sha256/${digest.slice('sha256:'.length)}`, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const layer = put('application/vnd.oci.image.layer.v1.tar', archive);
  const platform = (architecture: string) => {
    const config = put(MediaType.config, {
      ...{ os: 'linux', architecture, config: { User: '65532', Labels: { name } } },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    });
    const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [layer] };
    return { ...put(MediaType.manifest, manifest), platform: { os: 'linux', architecture } };
  };
  const [amd64, arm64] = [platform('amd64'), platform('arm64')];
  const root = put(MediaType.index, { schemaVersion: 2, mediaType: MediaType.index, manifests: [amd64, arm64] });
  files.set('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [root] })));
  files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  return { digest: root.digest, platforms: { amd64: amd64.digest, arm64: arm64.digest }, files };
}

export function metadataOf({ digest }: TestImage): Json {
  return {
    'containerimage.digest': digest,
    'buildx.build.provenance/linux/amd64': BUILDKIT,
    'buildx.build.provenance/linux/arm64': BUILDKIT,
  };
}

const PURL = 'pkg:deb/debian/base-files@12.4?arch=amd64&distro=debian-12';

/** @param digest of the platform's manifest */
export function syftOf(digest: string): Json {
  return {
    artifacts: [{ name: 'base-files', version: '12.4', type: 'deb', purl: PURL, licenses: [], locations: [] }],
    files: [],
    source: { type: 'image', name: 'app', version: digest, metadata: { manifestDigest: digest } },
    distro: { id: 'debian', versionID: '12' },
    descriptor: { name: 'syft', version: '1.50.0' },
    schema: { version: '16.1.3' },
  };
}

export function spdxOf(digest: string): Json {
  const image = 'SPDXRef-DocumentRoot-Image-app';
  const [document, DESCRIBES] = ['SPDXRef-DOCUMENT', 'DESCRIBES'];
  return {
    ...{ spdxVersion: 'SPDX-2.3', SPDXID: document, name: 'app' },
    packages: [
      {
        ...{ name: 'base-files', SPDXID: 'SPDXRef-Package-base-files', versionInfo: '12.4' },
        externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: PURL }],
      },
      { name: 'app', SPDXID: image, versionInfo: digest },
    ],
    relationships: [{ spdxElementId: document, relatedSpdxElement: image, relationshipType: DESCRIBES }],
  };
}

export function cyclonedxOf(digest: string): Json {
  return {
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
    metadata: { component: { type: 'container', name: 'app', version: digest } },
    components: [
      { type: 'library', name: 'base-files', version: '12.4', purl: PURL },
      { type: 'operating-system', name: 'debian', version: '12' },
    ],
  };
}

export function reportOf(digest: string, now: Date): Json {
  const status = { schemaVersion: 'v6.1.9', built: now.toISOString(), valid: true };
  return {
    matches: [],
    distro: { name: 'debian', version: '12' },
    source: { type: 'image', target: { manifestDigest: digest } },
    descriptor: { name: 'grype', version: '0.119.0', db: { status } },
  };
}
