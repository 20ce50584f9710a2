import type { Blobs, Upload } from './blobs.ts';
import type { Exchange } from './exchange.ts';
import type { Repository } from './repository.ts';

/** distribution-spec, "Pushing blobs": POST, PATCH, PUT, the state of an upload, its cancellation, and mounting. */
export class Uploads {
  readonly #blobs: Blobs;
  readonly #open = new Map<string, { readonly repository: string; readonly upload: Upload; busy: boolean }>();

  constructor(blobs: Blobs) {
    this.#blobs = blobs;
  }

  async begin(exchange: Exchange, name: string, repository: Repository): Promise<void> {
    const upload = await this.#blobs.begin();
    this.#open.set(upload.id, { repository: name, upload, busy: false });
    const digest = exchange.query.get('digest');
    if (digest !== null) return this.#complete(exchange, name, upload.id, digest, repository);
    for await (const chunk of exchange.body()) await upload.append(chunk);
    this.#state(exchange, 202, name, upload);
  }

  async handle(exchange: Exchange, name: string, id: string, repository: Repository): Promise<void> {
    const session = this.#open.get(id);
    if (!session || session.repository !== name) {
      return exchange.fail(404, 'BLOB_UPLOAD_UNKNOWN', 'there is no such upload');
    }
    if (session.busy) return exchange.fail(416, 'BLOB_UPLOAD_INVALID', 'the upload is being written to');
    const { upload } = session;
    switch (exchange.method) {
      case 'GET':
        return this.#state(exchange, 204, name, upload);
      case 'DELETE':
        this.#open.delete(id);
        await upload.cancel();
        return exchange.answer(204);
      case 'PATCH':
        if (!inOrder(exchange, upload.size)) return this.#state(exchange, 416, name, upload);
        session.busy = true;
        try {
          for await (const chunk of exchange.body()) await upload.append(chunk);
        } finally {
          session.busy = false;
        }
        return this.#state(exchange, 202, name, upload);
      case 'PUT': {
        if (!inOrder(exchange, upload.size)) return this.#state(exchange, 416, name, upload);
        const digest = exchange.query.get('digest');
        if (digest === null) return exchange.fail(400, 'DIGEST_INVALID', 'the digest is missing');
        return this.#complete(exchange, name, id, digest, repository);
      }
      default:
        return exchange.fail(405, 'UNSUPPORTED', 'not on an upload');
    }
  }

  /** Like a registry that cleans up, or restarts. */
  async forget(id: string): Promise<void> {
    const session = this.#open.get(id);
    this.#open.delete(id);
    if (session && !session.busy) await session.upload.cancel();
  }

  async #complete(exchange: Exchange, name: string, id: string, digest: string, repository: Repository): Promise<void> {
    const session = this.#open.get(id);
    if (!session) return;
    session.busy = true;
    try {
      for await (const chunk of exchange.body()) await session.upload.append(chunk);
    } finally {
      session.busy = false;
    }
    this.#open.delete(id);
    const actual = await session.upload.finish(digest);
    if (actual !== digest) return exchange.fail(400, 'DIGEST_INVALID', `the bytes hash to ${actual}`);
    repository.blobs.add(digest);
    exchange.answer(201, { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest });
  }

  #state(exchange: Exchange, status: number, name: string, upload: Upload): void {
    exchange.answer(status, {
      location: `/v2/${name}/blobs/uploads/${upload.id}`,
      range: `0-${Math.max(0, upload.size - 1)}`,
      'docker-upload-uuid': upload.id,
    });
  }
}

function inOrder(exchange: Exchange, size: number): boolean {
  const range = exchange.request.headers['content-range'];
  if (range === undefined) return true;
  return /^(?:bytes )?(\d+)-\d+/.exec(range)?.[1] === String(size);
}
