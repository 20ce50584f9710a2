import {
  type Digest,
  formatReference,
  isImageMaterial,
  type Known,
  known,
  type Material,
  type MovedBase,
  mapLimited,
  messageOf,
  namedImage,
  type Reference,
  taggedImage,
  unknown,
} from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import type { Services } from '../services.ts';

/** Tags that are read at once. */
const AT_ONCE = 4;

interface TaggedBase {
  readonly reference: Reference & { readonly tag: string };
  /** Of every platform and build. */
  readonly digests: readonly Digest[];
  readonly isPinned: boolean;
}

/** Resolves tags of base images, each once. */
export class BaseTags {
  readonly #registry: (reference: Reference) => Registry;
  readonly #services: Pick<Services, 'signal'>;
  readonly #resolved = new Map<string, Promise<Known<Digest>>>();

  constructor(registry: (reference: Reference) => Registry, services: Pick<Services, 'signal'>) {
    this.#registry = registry;
    this.#services = services;
  }

  /**
   * The first base image whose tag points to another digest than at the time of the build; undefined if none moved.
   * Images that the Dockerfile pins by digest do not move.
   */
  async moved(materials: readonly Material[]): Promise<Known<string | undefined>> {
    for (const material of materials.filter(isImageMaterial)) {
      const image = taggedImage(material);
      if (image === 'pinned') continue;
      if (!image) return unknown(`its provenance does not tell which image ${material.uri} is`);
      const name = formatReference(image.reference);
      const now = await this.#digest(name, image.reference);
      if (!now.known) return now;
      if (now.value !== image.digest) return known(name);
    }
    return known(undefined);
  }

  /**
   * Every base image whose tag points to another digest than at the time of the build, also beside a digest in the
   * Dockerfile. A tag that cannot be read is logged.
   */
  async allMoved(materials: readonly Material[], log: Pick<Services['log'], 'info'>): Promise<readonly MovedBase[]> {
    const used = new Map<string, TaggedBase>();
    for (const image of materials.filter(isImageMaterial).map(namedImage)) {
      if (!image) continue;
      const name = formatReference(image.reference);
      const digests = [...(used.get(name)?.digests ?? []), image.digest];
      used.set(name, { ...image, digests });
    }
    const found = await mapLimited([...used], AT_ONCE, async ([name, { digests, isPinned, reference }]) => {
      const now = await this.#digest(name, reference);
      if (!now.known) log.info(`Whether a newer base image exists is not known: ${now.why}.`);
      return now.known && !digests.includes(now.value) ? [{ image: name, digest: now.value, isPinned }] : [];
    });
    return found.flat();
  }

  #digest(name: string, reference: Reference & { readonly tag: string }): Promise<Known<Digest>> {
    const asked = this.#resolved.get(name) ?? this.#ask(name, reference);
    this.#resolved.set(name, asked);
    return asked;
  }

  async #ask(name: string, reference: Reference & { readonly tag: string }): Promise<Known<Digest>> {
    const { signal } = this.#services;
    try {
      return known((await this.#registry(reference).resolve(reference.tag, { signal })).digest);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      return unknown(`the base image ${name} cannot be read (${messageOf(error)})`);
    }
  }
}
