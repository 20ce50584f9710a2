import { Readable } from 'node:stream';
import { type Descriptor, defined, quoted, TidegateError } from '@tidegate/core';
import type { HttpResponse } from '../http/http-response.ts';
import type { CallOptions, Content } from '../store.ts';
import { verified } from '../verified.ts';
import type { RegistryClient } from './client.ts';
import { download } from './download.ts';
import { isManifest, pathOf } from './manifests.ts';

/** Reads blobs and manifests of one repository by digest, as streams, from any offset. */
export class RegistryContent {
  readonly #client: RegistryClient;

  constructor(client: RegistryClient) {
    this.#client = client;
  }

  get #name(): string {
    const { registry, repository } = this.#client.parts;
    return `${registry}/${repository}`;
  }

  /** Unverified content, for a caller that hashes it. */
  of(descriptor: Descriptor, options: CallOptions): Content {
    const open = (at: number): Promise<HttpResponse> => this.#open(descriptor, at, options);
    return {
      open: (offset = 0, onResume) => {
        const body = download(this.#client, descriptor, open, offset, { ...options, onResume });
        return Readable.from(body, { objectMode: false });
      },
    };
  }

  /** Content that is verified while it streams. */
  async fetch(descriptor: Descriptor, options: CallOptions): Promise<Readable> {
    // Await the first response, so that a missing blob is reported here and not in the stream.
    const first = await this.#open(descriptor, 0, options);
    const open = (at: number): Promise<HttpResponse> => this.#open(descriptor, at, options);
    const body = Readable.from(download(this.#client, descriptor, open, 0, options, first), { objectMode: false });
    // A generator that was never started does not run its `finally`.
    body.once('close', () => first.destroy());
    return verified(body, descriptor, this.#name);
  }

  async #open(descriptor: Descriptor, at: number, options: CallOptions): Promise<HttpResponse> {
    const operation = `read of ${descriptor.digest}`;
    const response = await this.#client.call({
      method: 'GET',
      target: pathOf(descriptor),
      operation,
      statuses: at > 0 ? [200, 206] : [200],
      headers: defined({
        // A compressed transfer would have another length and digest.
        'accept-encoding': 'identity',
        accept: isManifest(descriptor) ? descriptor.mediaType : undefined,
        range: at > 0 ? `bytes=${at}-` : undefined,
      }),
      ...options,
    });
    const type = response.headers['content-type']?.split(';')[0]?.trim();
    if (isManifest(descriptor) && type !== descriptor.mediaType) {
      response.destroy();
      throw new TidegateError(
        'registry-content-wrong',
        `${this.#name}: ${descriptor.digest} is served as ${type === undefined ? 'no media type' : quoted(type, 100)}, but its descriptor says ${descriptor.mediaType}.`,
        { next: 'Do not use it: clients would interpret it differently.' },
      );
    }
    return response;
  }
}
