/** The content of a registry, read over plain HTTP: the demo does not rely on the code that it shows. */
import { MediaType, PredicateType } from '@tidegate/core';

const ACCEPT = `${MediaType.index}, ${MediaType.manifest}`;

interface Descriptor {
  readonly digest: string;
  readonly artifactType?: string;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

export class RegistryView {
  readonly #url: string;

  /** @param registry its URL, `http://127.0.0.1:5000` */
  constructor(registry: string, repository: string) {
    this.#url = `${registry}/v2/${repository}`;
  }

  /** Tag to digest, as they stand now. */
  async tags(): Promise<ReadonlyMap<string, string>> {
    const { tags } = (await this.#json('tags/list')) as { tags: string[] | null };
    const found = new Map<string, string>();
    for (const tag of (tags ?? []).toSorted()) {
      const answer = await fetch(`${this.#url}/manifests/${tag}`, { method: 'HEAD', headers: { accept: ACCEPT } });
      found.set(tag, answer.headers.get('docker-content-digest') ?? '');
    }
    return found;
  }

  async has(digest: string): Promise<boolean> {
    const answer = await fetch(`${this.#url}/manifests/${digest}`, { method: 'HEAD', headers: { accept: ACCEPT } });
    return answer.ok;
  }

  /** An image, its platforms, and what refers to each, as lines of a tree. */
  async tree(digest: string): Promise<{ readonly lines: readonly string[]; readonly referrers: number }> {
    const index = (await this.#json(`manifests/${digest}`)) as { manifests?: Descriptor[] };
    const lines = [`${short(digest)}  image index`];
    let referrers = 0;
    const children = index.manifests ?? [];
    const own = await this.#referrers(digest);
    referrers += own.length;
    const branches: { readonly title: string; readonly below: readonly string[] }[] = own.map((title) => ({
      title,
      below: [],
    }));
    for (const child of children) {
      const below = await this.#referrers(child.digest);
      referrers += below.length;
      const { os = '?', architecture = '?', variant } = child.platform ?? {};
      const platform = [os, architecture, ...(variant ? [variant] : [])].join('/');
      branches.push({ title: `${short(child.digest)}  ${platform}`, below });
    }
    for (const [at, { title, below }] of branches.entries()) {
      const last = at === branches.length - 1;
      lines.push(`${last ? '└─' : '├─'} ${title}`);
      for (const [n, text] of below.entries()) {
        lines.push(`${last ? '   ' : '│  '} ${n === below.length - 1 ? '└─' : '├─'} ${text}`);
      }
    }
    return { lines, referrers };
  }

  async #referrers(digest: string): Promise<readonly string[]> {
    const { manifests } = (await this.#json(`referrers/${digest}`)) as { manifests: Descriptor[] };
    return manifests
      .map(({ artifactType, annotations }) => {
        const predicate =
          annotations?.['dev.sigstore.bundle.predicateType'] ?? annotations?.['in-toto.io/predicate-type'];
        const what = {
          name: NAMES[predicate ?? ''] ?? predicate ?? '?',
          carrier: CARRIERS[artifactType ?? ''] ?? artifactType,
        };
        return `${what.name.padEnd(26)} ${what.carrier}${predicate ? `  ${predicate}` : ''}`;
      })
      .toSorted();
  }

  async #json(path: string): Promise<unknown> {
    const answer = await fetch(`${this.#url}/${path}`, { headers: { accept: ACCEPT } });
    if (answer.status === 404 && path.startsWith('tags/')) return { tags: [] };
    if (!answer.ok) throw new Error(`${this.#url}/${path} answers ${answer.status}`);
    return answer.json();
  }
}

const NAMES: Readonly<Record<string, string>> = {
  [PredicateType.signature]: 'signature',
  [PredicateType.provenance]: 'provenance',
  [PredicateType.spdx]: 'SBOM, SPDX',
  [PredicateType.cyclonedx]: 'SBOM, CycloneDX',
  [PredicateType.scan]: 'scan',
  [PredicateType.verdict]: 'verdict',
};

const CARRIERS: Readonly<Record<string, string>> = {
  [MediaType.bundle]: 'signed',
  [MediaType.inToto]: 'not signed',
};

function short(digest: string): string {
  return digest.slice(0, 19);
}
