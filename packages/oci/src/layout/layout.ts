import { closeSync, lstatSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import {
  artifactTypeOf,
  type Descriptor,
  type Digest,
  hasKind,
  hexOf,
  type Index,
  isIndexType,
  isManifestType,
  MANIFEST_LIMIT,
  type Manifest,
  parseDigest,
  parseManifest,
  TidegateError,
} from '@tidegate/core';
import { Buffers } from '../http/buffers.ts';
import { ManifestCache } from '../registry/manifest-cache.ts';
import { receive, WRITE_SIZE } from '../registry/receive.ts';
import type { CallOptions, Content, PushOptions, PushOutcome, Store } from '../store.ts';
import { BYTES_LIMIT, readAll, refuseLarge, throwIfCancelled, verified } from '../verified.ts';
import { Disk } from './disk.ts';
import {
  AtomicFile,
  isRealFolder,
  makeFolder,
  openUntrusted,
  streamUntrusted,
  syncFolder,
  writeAtomically,
} from './files.ts';
import { type Collected, type CollectOptions, collectGarbage, isHalfMade } from './garbage.ts';
import { bare, type Reached, reachableFrom, referrersAmong, resolveAmong, rootsAmong } from './graph.ts';
import { formatIndexFile, LAYOUT_FILE, LayoutIndex, VERSION_FILE } from './index-json.ts';

/** Larger blobs are written in Node's thread pool while more data arrives. Bytes. */
const SMALL = 8 * 1024 * 1024;

/**
 * An OCI image layout: a folder (OCI image-spec, image-layout.md). Its content is untrusted: a downloaded artifact, or
 * the output of a job that ran an untrusted Dockerfile. Every file is opened without following links, and every byte
 * that is read out is hashed.
 */
export class ImageLayout implements Store {
  /** Absolute path of the folder. */
  readonly folder: string;
  /** Manifests are immutable by digest: read and checked once. */
  readonly #manifests = new ManifestCache();
  readonly #index: LayoutIndex;
  readonly #buffers = new Buffers(WRITE_SIZE);
  readonly #disk = new Disk();

  private constructor(folder: string) {
    this.folder = folder;
    this.#index = new LayoutIndex(folder);
  }

  get name(): string {
    return this.folder;
  }

  /** @throws TidegateError `layout` when `folder` is not an image layout, or its structure is unsafe. */
  static async open(folder: string): Promise<ImageLayout> {
    const path = resolve(folder);
    const next = 'Use the folder that build-image wrote, or any OCI image layout folder (not a tar archive).';
    if (!(await isRealFolder(path))) {
      throw new TidegateError('layout-missing', `${path} is not an image layout: the folder does not exist.`, { next });
    }
    for (const part of ['blobs', 'blobs/sha256']) {
      if (await isRealFolder(join(path, part))) continue;
      throw new TidegateError('layout-missing', `${path} is not an image layout: ${part} is not a folder.`, { next });
    }
    const layout = new ImageLayout(path);
    await layout.#index.checkVersion();
    await layout.index();
    return layout;
  }

  /** Create a new, empty layout. @throws TidegateError `conflict` when the folder is not empty. */
  static async create(folder: string): Promise<ImageLayout> {
    const path = resolve(folder);
    await makeFolder(path);
    if (!(await isHalfMade(path))) {
      throw new TidegateError(
        'layout-not-empty',
        `${path} is not empty: an image layout is only created in an empty folder.`,
        {
          next: 'Choose another folder, or remove this one.',
        },
      );
    }
    await makeFolder(join(path, 'blobs', 'sha256'));
    await syncFolder(join(path, 'blobs'));
    await writeAtomically(join(path, LAYOUT_FILE), formatIndexFile([]));
    // Written last: if the process is killed before, the folder is not a layout yet.
    await writeAtomically(join(path, VERSION_FILE), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    return new ImageLayout(path);
  }

  /** The entries of index.json, tags (`org.opencontainers.image.ref.name`) in their annotations. */
  async index(): Promise<readonly Descriptor[]> {
    return this.#index.entries();
  }

  /**
   * Digest of index.json. It names the image and all its evidence by digest, and every byte is hashed when it is read:
   * this one digest stands for the whole layout.
   */
  async digest(): Promise<Digest> {
    return this.#index.digest();
  }

  /** The images of the layout: the entries that are not referrers, each digest once. */
  async roots(): Promise<readonly Descriptor[]> {
    return rootsAmong(await this.index(), (entry) => this.manifest(entry), this.folder);
  }

  /** The only image in it. @throws TidegateError `layout` when there is none, or more than one. */
  async root(): Promise<Descriptor> {
    const [root, ...others] = await this.roots();
    if (root && others.length === 0) return root;
    const found = root ? `contains ${others.length + 1} images` : 'contains no image';
    throw new TidegateError('layout-image-count', `${this.folder} ${found}, expected one.`, {
      next: root ? 'Use a separate layout for each image.' : 'Build an image into it first.',
    });
  }

  /** Path of the blob. The digest is checked again, so that only hex digits become part of a path. */
  blobPath(descriptor: Pick<Descriptor, 'digest'>): string {
    return join(this.folder, 'blobs', 'sha256', hexOf(parseDigest(descriptor.digest, this.folder)));
  }

  async resolve(tagOrDigest: string): Promise<Descriptor> {
    return resolveAmong(await this.index(), tagOrDigest, (entry) => this.manifest(entry), this.folder);
  }

  /** Whether it is a regular file of the right size. Its content is verified when it is read. */
  async exists(descriptor: Descriptor): Promise<boolean> {
    try {
      closeSync(openUntrusted(this.blobPath(descriptor), descriptor.size));
      return true;
    } catch (error) {
      if (hasKind(error, 'not-found')) return false;
      throw error;
    }
  }

  content(descriptor: Descriptor): Content {
    const path = this.blobPath(descriptor);
    return {
      open: (offset = 0) => streamUntrusted(path, descriptor.size, offset),
      openFile: () => openUntrusted(path, descriptor.size),
    };
  }

  async fetch(descriptor: Descriptor, options: CallOptions = {}): Promise<Readable> {
    throwIfCancelled(options.signal, `reading ${descriptor.digest}`);
    return verified(streamUntrusted(this.blobPath(descriptor), descriptor.size), descriptor, this.folder);
  }

  async fetchBytes(descriptor: Descriptor, options: CallOptions & { readonly limit?: number } = {}): Promise<Buffer> {
    const limit = options.limit ?? BYTES_LIMIT;
    refuseLarge(descriptor, limit, this.folder);
    return readAll(await this.fetch(descriptor, options), limit, this.folder);
  }

  async push(descriptor: Descriptor, content: Content, options: PushOptions = {}): Promise<PushOutcome> {
    const outcome = (await this.#holds(descriptor, options))
      ? 'present'
      : await this.#write(descriptor, content, options);
    const isManifest = isIndexType(descriptor.mediaType) || isManifestType(descriptor.mediaType);
    // A referrer is found only through index.json.
    if (isManifest && (await this.manifest(descriptor)).subject) await this.add(descriptor);
    return outcome;
  }

  /**
   * Add a manifest of the layout to index.json, as a root or as a referrer.
   * @param annotations of the entry
   */
  async add(descriptor: Descriptor, annotations: Readonly<Record<string, string>> = {}): Promise<void> {
    const manifest = await this.manifest(descriptor);
    const artifactType = artifactTypeOf(manifest);
    // Do not copy the manifest's annotations: a malicious one could tag itself `latest` with ref.name.
    const entry = {
      ...bare(descriptor),
      artifactType: manifest.subject ? artifactType : undefined,
      annotations: Object.keys(annotations).length > 0 ? annotations : undefined,
    };
    await this.#index.edit((entries) =>
      entries.some(({ digest }) => digest === descriptor.digest) ? entries : [...entries, entry],
    );
  }

  /** The image and its evidence, by digest: every manifest and blob that index.json leads to. */
  async contents(): Promise<ReadonlyMap<Digest, Reached>> {
    return reachableFrom(await this.index(), (entry) => this.manifest(entry), this.folder);
  }

  /** Take over the index.json of `other`, byte for byte: the same image and evidence, and the same `digest`. */
  async takeIndex(other: ImageLayout): Promise<void> {
    await this.#index.takeFrom(other.#index);
  }

  /** Remove an entry from index.json. Its blobs stay until `collect`. */
  async unlist(descriptor: Descriptor): Promise<void> {
    await this.#index.edit((entries) => entries.filter(({ digest }) => digest !== descriptor.digest));
  }

  /** Remove the blobs that are not reachable from index.json, and temporary files of crashed writers. */
  async collect(options: CollectOptions = {}): Promise<Collected> {
    return this.#index.exclusive(async () => {
      const kept = await this.contents();
      return collectGarbage(this.folder, new Set(kept.keys()), options);
    });
  }

  async referrers(subject: Digest, artifactType?: string): Promise<readonly Descriptor[]> {
    return referrersAmong(await this.index(), subject, artifactType, (entry) => this.manifest(entry), this.folder);
  }

  /** Read and checked once, then cached. Content that is sent is read and hashed again. */
  async manifest(descriptor: Descriptor): Promise<Manifest | Index> {
    const known = this.#manifests.get(descriptor);
    if (known) return known;
    const manifest = parseManifest(await this.fetchBytes(descriptor, { limit: MANIFEST_LIMIT }), descriptor);
    this.#manifests.add(descriptor, manifest);
    return manifest;
  }

  /** Unlike `exists`, this reads the content, so that a push replaces corrupt blobs. */
  async #holds(descriptor: Descriptor, { signal }: CallOptions): Promise<boolean> {
    // A check is cheaper than an exception, and most pushed blobs are new.
    if (!lstatSync(this.blobPath(descriptor), { throwIfNoEntry: false })) return false;
    try {
      const content = await this.fetch(descriptor, { signal });
      for await (const _ of content) throwIfCancelled(signal, `reading ${descriptor.digest}`);
      return true;
    } catch (error) {
      if (hasKind(error, 'not-found', 'integrity', 'layout')) return false;
      throw error;
    }
  }

  async #write(descriptor: Descriptor, content: Content, options: PushOptions): Promise<PushOutcome> {
    const disk = descriptor.size <= SMALL ? this.#disk : undefined;
    const file = new AtomicFile(this.blobPath(descriptor), this.folder, disk);
    try {
      await receive(descriptor, content, file, this.folder, this.#buffers, options);
      await file.commit();
      return 'sent';
    } finally {
      file.discard();
    }
  }
}
