import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { type Descriptor, TidegateError } from '@tidegate/core';
import { header } from '../http/responses.ts';
import type { CallOptions, Content } from '../store.ts';
import { verified } from '../verified.ts';
import type { RegistryClient } from './client.ts';
import { download } from './download.ts';
import { isManifest, pathOf } from './manifests.ts';

/** Blobs and manifests of one repository, read by digest: as streams, from any byte on. */
export class RegistryContent {
  readonly #client: RegistryClient;

  constructor(client: RegistryClient) {
    this.#client = client;
  }

  get #name(): string {
    const { registry, repository } = this.#client.parts;
    return `${registry}/${repository}`;
  }

  /** Unverified, for who hashes it. */
  of(descriptor: Descriptor, options: CallOptions): Content {
    const open = (at: number): Promise<IncomingMessage> => this.#open(descriptor, at, options);
    return {
      open: (offset = 0, onResume) => {
        const body = download(this.#client, descriptor, open, offset, { ...options, onResume });
        return Readable.from(body, { objectMode: false });
      },
    };
  }

  /** Verified as it flows. */
  async fetch(descriptor: Descriptor, options: CallOptions): Promise<Readable> {
    // The first answer is awaited, so that what is not there is said here and not in the stream.
    const first = await this.#open(descriptor, 0, options);
    const open = (at: number): Promise<IncomingMessage> => this.#open(descriptor, at, options);
    const body = Readable.from(download(this.#client, descriptor, open, 0, options, first), { objectMode: false });
    // A generator that nobody has begun to read has no `finally` that would run.
    body.once('close', () => first.destroy());
    return verified(body, descriptor, this.#name);
  }

  async #open(descriptor: Descriptor, at: number, options: CallOptions): Promise<IncomingMessage> {
    const operation = `read of ${descriptor.digest}`;
    const answer = await this.#client.call({
      method: 'GET',
      target: pathOf(descriptor),
      operation,
      answers: at > 0 ? [200, 206] : [200],
      headers: {
        // Compressed on the way, its length and its hash would be of something else.
        'accept-encoding': 'identity',
        ...(isManifest(descriptor) ? { accept: descriptor.mediaType } : {}),
        ...(at > 0 ? { range: `bytes=${at}-` } : {}),
      },
      ...options,
    });
    const type = header(answer, 'content-type')?.split(';')[0]?.trim();
    if (isManifest(descriptor) && type !== descriptor.mediaType) {
      answer.destroy();
      throw new TidegateError(
        'integrity',
        `${this.#name}: ${descriptor.digest} is served as ${JSON.stringify(type?.slice(0, 100))}, and described as ${descriptor.mediaType}.`,
        { next: 'Do not use it: two clients would read it in two ways.' },
      );
    }
    return answer;
  }
}
