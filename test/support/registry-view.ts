/** The public view of a registry, by the distribution-spec alone: without our own code. */
import { createHash } from 'node:crypto';

const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly platform?: { readonly os: string; readonly architecture: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
  readonly subject?: Descriptor;
}

export interface RepositoryView {
  /** Tags for people, without tags that contain lists of referrers. */
  tags(): Promise<readonly string[]>;
  /** All tags. */
  allTags(): Promise<readonly string[]>;
  /** Undefined if there is none. */
  digest(reference: string): Promise<string | undefined>;
  manifest(reference: string): Promise<Manifest>;
  blob(digest: string): Promise<Uint8Array>;
  /** By the referrers API, or without it by its fallback tag. */
  referrers(digest: string): Promise<readonly Descriptor[]>;
}

/** distribution-spec, "Referrers Tag Schema". */
const FALLBACK_TAG = /^sha256-[0-9a-f]{64}$/;

export function repositoryView(host: string, name: string): RepositoryView {
  const get = (path: string, accept = '*/*') => fetch(`http://${host}/v2/${name}/${path}`, { headers: { accept } });
  async function bytes(path: string, accept?: string): Promise<Uint8Array | undefined> {
    const response = await get(path, accept);
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  }
  const json = (found: Uint8Array) => JSON.parse(new TextDecoder().decode(found));
  async function allTags(): Promise<readonly string[]> {
    const found = await bytes('tags/list');
    return found ? (json(found).tags ?? []) : [];
  }
  const found = async (path: string, accept?: string) => {
    const content = await bytes(path, accept);
    if (content === undefined) throw new Error(`${host}/${name} has no ${path}`);
    return content;
  };
  return {
    allTags,
    tags: async () => (await allTags()).filter((tag) => !FALLBACK_TAG.test(tag)).toSorted(),
    async digest(reference) {
      const content = await bytes(`manifests/${reference}`, MANIFESTS);
      return content && `sha256:${createHash('sha256').update(content).digest('hex')}`;
    },
    manifest: async (reference) => json(await found(`manifests/${reference}`, MANIFESTS)),
    blob: (digest) => found(`blobs/${digest}`),
    async referrers(digest) {
      const listed =
        (await bytes(`referrers/${digest}`)) ?? (await bytes(`manifests/${digest.replace(':', '-')}`, MANIFESTS));
      return listed ? json(listed).manifests : [];
    },
  };
}
