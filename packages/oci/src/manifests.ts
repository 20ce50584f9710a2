import {
  badInput,
  type Descriptor,
  digestOf,
  hasCode,
  isDigest,
  isIndexType,
  isManifestType,
  isTag,
  MANIFEST_LIMIT,
  MediaType,
  parseDigest,
  TidegateError,
} from '@tidegate/core';
import { discard, header } from './http.ts';
import type { RegistryClient } from './registry-client.ts';
import { nonsense } from './registry-error.ts';
import type { CallOptions } from './store.ts';
import { readAll } from './verified.ts';

const ACCEPT = {
  accept: [MediaType.index, MediaType.manifest, MediaType.dockerList, MediaType.dockerManifest].join(', '),
} as const;

/** Manifests and tags of one repository: distribution-spec, "Pulling manifests" and "Pushing Manifests". */
export class Manifests {
  readonly #client: RegistryClient;

  constructor(client: RegistryClient) {
    this.#client = client;
  }

  async resolve(tagOrDigest: string, options: CallOptions): Promise<Descriptor> {
    if (!isDigest(tagOrDigest)) checkTag(tagOrDigest);
    const operation = `resolve of ${tagOrDigest}`;
    const call = {
      target: `manifests/${tagOrDigest}`,
      operation,
      answers: [200],
      headers: ACCEPT,
      ...options,
    } as const;
    const answer = await this.#client.call({ method: 'HEAD', ...call });
    await discard(answer);
    const digest = header(answer, 'docker-content-digest');
    const length = header(answer, 'content-length');
    let described: { digest: string; size: number; type: string | undefined };
    if (isDigest(digest) && length !== undefined && Number(length) > 0) {
      described = { digest, size: Number(length), type: header(answer, 'content-type') };
    } else {
      // Not every registry (nor every proxy) keeps these headers on HEAD: then the content itself tells.
      const whole = await this.#client.call({ method: 'GET', ...call });
      const bytes = await readAll(whole, MANIFEST_LIMIT, this.#client.name);
      described = { digest: digestOf(bytes), size: bytes.length, type: header(whole, 'content-type') };
    }
    const mediaType = described.type?.split(';')[0]?.trim() ?? '';
    if (!isDigest(described.digest) || !(isIndexType(mediaType) || isManifestType(mediaType))) {
      throw nonsense(
        this.#client.attempt(operation),
        `${JSON.stringify(mediaType.slice(0, 100))} is no manifest or index`,
      );
    }
    if (isDigest(tagOrDigest) && described.digest !== tagOrDigest) {
      throw new TidegateError(
        'integrity',
        `${this.#client.name}: asked for ${tagOrDigest}, the registry has ${described.digest}.`,
        {
          next: 'Do not use this registry until that is understood.',
        },
      );
    }
    return { mediaType, digest: described.digest, size: described.size };
  }

  /** @param bytes the manifest's own, exactly */
  async tag(descriptor: Descriptor, tag: string, bytes: Buffer, options: CallOptions): Promise<void> {
    let refusal: unknown;
    try {
      await this.put(tag, descriptor.mediaType, bytes, undefined, options);
    } catch (error) {
      // Immutable tags: Harbor answers 412, ECR 400. And an answer may be lost after the write. What is there decides.
      if (!hasCode(error, 'conflict', 'registry', 'network')) throw error;
      refusal = error;
    }
    const found = await this.resolve(tag, options).catch((error: unknown) => {
      if (refusal === undefined || !hasCode(error, 'not-found', 'registry', 'network')) throw error;
      return undefined;
    });
    if (found?.digest === descriptor.digest) return;
    if (!found) throw refusal;
    throw new TidegateError(
      'conflict',
      `${this.#client.name}: the tag ${tag} points at ${found.digest}, not at ${descriptor.digest}.`,
      {
        next: refusal
          ? 'The registry keeps its tags as they are: use another tag.'
          : 'Somebody else set it at the same time.',
        cause: refusal,
      },
    );
  }

  /** @returns false when `ifMatch` was given and did not hold */
  async put(
    reference: string,
    mediaType: string,
    bytes: Buffer,
    ifMatch: string | undefined,
    options: CallOptions,
  ): Promise<boolean> {
    const operation = `push of manifest ${reference}`;
    const answer = await this.#client.call({
      method: 'PUT',
      target: `manifests/${reference}`,
      operation,
      answers: ifMatch === undefined ? [201] : [201, 412],
      push: true,
      headers: { 'content-type': mediaType, ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }) },
      body: bytes,
      ...options,
    });
    await discard(answer);
    if (answer.statusCode === 412) return false;
    const said = header(answer, 'docker-content-digest');
    if (said !== undefined && said !== digestOf(bytes)) {
      throw nonsense(this.#client.attempt(operation), `it stored ${JSON.stringify(said.slice(0, 100))} instead`);
    }
    return true;
  }

  /** The manifest behind a tag with the exact bytes, or undefined. */
  async readTag(
    tag: string,
    options: CallOptions,
  ): Promise<{ readonly bytes: Buffer; readonly etag: string | undefined } | undefined> {
    const operation = `read of tag ${tag}`;
    const call = {
      method: 'GET',
      target: `manifests/${tag}`,
      operation,
      answers: [200, 404],
      headers: ACCEPT,
    } as const;
    const answer = await this.#client.call({ ...call, ...options });
    if (answer.statusCode === 404) {
      await discard(answer);
      return undefined;
    }
    return { bytes: await readAll(answer, MANIFEST_LIMIT, this.#client.name), etag: header(answer, 'etag') };
  }
}

export function isManifest({ mediaType }: Descriptor): boolean {
  return isIndexType(mediaType) || isManifestType(mediaType);
}

export function pathOf(descriptor: Descriptor): string {
  return `${isManifest(descriptor) ? 'manifests' : 'blobs'}/${parseDigest(descriptor.digest)}`;
}

export function checkTag(tag: string): void {
  if (isTag(tag)) return;
  throw badInput('tag', tag, 'a tag', 'A tag has at most 128 letters, digits, dots, dashes and underscores.');
}
