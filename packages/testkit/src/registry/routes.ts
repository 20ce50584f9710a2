import { pipeline } from 'node:stream/promises';
import type { RegistryDoor } from './auth.ts';
import type { Blobs } from './blobs.ts';
import type { Exchange } from './exchange.ts';
import { Repository } from './repository.ts';
import { Uploads } from './uploads.ts';

const MANIFEST_LIMIT = 4 * 1024 * 1024;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const INDEX = 'application/vnd.oci.image.index.v1+json';
const NAME = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*';
const ROUTE = new RegExp(`^/v2/(${NAME})/(blobs|manifests|tags|referrers)/(.*)$`);

export interface RegistryAbilities {
  /** A number: the status of the missing endpoint. */
  readonly referrers: boolean | number;
  readonly digestTags: boolean;
  readonly conditions: boolean;
}

/** The routing of requests, and the responses of the distribution specification. */
export class RegistryRoutes {
  readonly #blobs: Blobs;
  readonly #door: RegistryDoor;
  readonly #can: RegistryAbilities;
  readonly #uploads: Uploads;
  readonly #repositories = new Map<string, Repository>();

  constructor(blobs: Blobs, door: RegistryDoor, can: RegistryAbilities) {
    this.#blobs = blobs;
    this.#door = door;
    this.#can = can;
    this.#uploads = new Uploads(blobs);
  }

  repository(name: string): Repository {
    const known = this.#repositories.get(name) ?? new Repository();
    this.#repositories.set(name, known);
    return known;
  }

  deleteRepository(name: string): void {
    this.#repositories.delete(name);
  }

  async forgetUpload(path: string): Promise<void> {
    const id = /\/blobs\/uploads\/([\w-]+)$/.exec(path)?.[1];
    if (id !== undefined) await this.#uploads.forget(id);
  }

  async handle(exchange: Exchange): Promise<void> {
    const path = decodeURIComponent(exchange.url.pathname);
    if (path === '/token') return this.#token(exchange);
    const reading = exchange.method === 'GET' || exchange.method === 'HEAD';
    if (path === '/v2/' || path === '/v2') {
      if (this.#refuse(exchange, undefined, 'pull')) return;
      return exchange.answer(200, { 'content-type': 'application/json' }, '{}');
    }
    const [, name, kind, rest] = ROUTE.exec(path) ?? [];
    if (name === undefined || rest === undefined) return exchange.fail(404, 'NAME_UNKNOWN', 'there is nothing here');
    const upload = kind === 'blobs' ? /^uploads\/([\w-]*)$/.exec(rest)?.[1] : undefined;
    if (this.#refuse(exchange, name, reading && upload === undefined ? 'pull' : 'push')) return;
    const repository = this.repository(name);
    if (upload === '' && exchange.method === 'POST') return this.#post(exchange, name, repository);
    if (upload !== undefined) return this.#uploads.handle(exchange, name, upload, repository);
    if (kind === 'blobs') return this.#blob(exchange, rest, repository);
    if (kind === 'manifests') return this.#manifest(exchange, name, rest, repository);
    if (kind === 'tags' && rest === 'list' && reading) return listTags(exchange, name, repository);
    if (kind === 'referrers' && reading) {
      const { referrers } = this.#can;
      if (referrers === true) return listReferrers(exchange, rest, repository);
      if (referrers !== false) return exchange.fail(referrers, 'UNSUPPORTED', 'no referrers API');
    }
    // The response of a registry without such an endpoint: NAME_UNKNOWN would mean that the repository is missing, and
    // oras would then not try the fallback tag.
    return exchange.answer(404, { 'content-type': 'text/plain' }, '404 page not found\n');
  }

  #refuse(exchange: Exchange, name: string | undefined, action: 'pull' | 'push'): boolean {
    const refused = this.#door.refuse(exchange.request, name, action);
    if (refused) exchange.fail(refused.status, 'UNAUTHORIZED', 'authentication required', refused.headers);
    return refused !== undefined;
  }

  async #token(exchange: Exchange): Promise<void> {
    const form = new URLSearchParams(String((await exchange.bytes(64 * 1024)) ?? ''));
    const scopes = [...exchange.query.getAll('scope'), ...form.getAll('scope')];
    const line = exchange.request.headers.authorization ?? '';
    const token = this.#door.issue(line, scopes, form.get('refresh_token') ?? undefined);
    if (token === undefined) return exchange.fail(401, 'UNAUTHORIZED', 'wrong user name or password');
    const body = JSON.stringify({ token, access_token: token, expires_in: this.#door.lifetime });
    exchange.answer(200, { 'content-type': 'application/json' }, body);
  }

  async #post(exchange: Exchange, name: string, repository: Repository): Promise<void> {
    const digest = exchange.query.get('mount');
    const from = exchange.query.get('from');
    const source = from === null ? undefined : this.#repositories.get(from);
    if (digest !== null && from !== null && source?.blobs.has(digest) && this.#door.mayPull(exchange.request, from)) {
      repository.blobs.add(digest);
      const headers = { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest };
      return exchange.answer(201, headers);
    }
    return this.#uploads.begin(exchange, name, repository);
  }

  async #blob(exchange: Exchange, digest: string, repository: Repository): Promise<void> {
    if (!DIGEST.test(digest)) return exchange.fail(400, 'DIGEST_INVALID', 'that is no digest');
    const size = repository.blobs.has(digest) ? await this.#blobs.size(digest) : undefined;
    if (size === undefined) return exchange.fail(404, 'BLOB_UNKNOWN', 'the blob is not here');
    if (exchange.method === 'DELETE') {
      repository.blobs.delete(digest);
      return exchange.answer(202);
    }
    if (exchange.method !== 'GET' && exchange.method !== 'HEAD') {
      return exchange.fail(405, 'UNSUPPORTED', 'not on a blob');
    }
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(exchange.request.headers.range ?? '') ?? [];
    const start = Number(from ?? 0);
    const end = to ? Math.min(Number(to), size - 1) : size - 1;
    if (from !== undefined && (start >= size || end < start)) {
      return exchange.fail(416, 'RANGE_INVALID', 'the blob is shorter', { 'content-range': `bytes */${size}` });
    }
    exchange.record.status = from === undefined ? 200 : 206;
    exchange.response.writeHead(exchange.record.status, {
      'content-type': 'application/octet-stream',
      'content-length': String(end - start + 1),
      'docker-content-digest': digest,
      'accept-ranges': 'bytes',
      ...(from === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${size}` }),
    });
    if (exchange.method === 'HEAD' || size === 0) exchange.response.end();
    else await pipeline(this.#blobs.read(digest, start, end), exchange.response);
  }

  async #manifest(exchange: Exchange, name: string, reference: string, repository: Repository): Promise<void> {
    if (exchange.method === 'PUT') return this.#putManifest(exchange, name, reference, repository);
    const [, hex] = (this.#can.digestTags && /^sha256-([0-9a-f]{64})$/.exec(reference)) || [];
    const found = repository.find(reference) ?? (hex === undefined ? undefined : repository.find(`sha256:${hex}`));
    if (!found) return exchange.fail(404, 'MANIFEST_UNKNOWN', 'the manifest is not here');
    if (exchange.method === 'DELETE') {
      if (!repository.tags.delete(reference)) {
        repository.manifests.delete(found.digest);
        for (const [tag, digest] of repository.tags) if (digest === found.digest) repository.tags.delete(tag);
      }
      return exchange.answer(202);
    }
    const headers = {
      'content-type': found.mediaType,
      'docker-content-digest': found.digest,
      etag: `"${found.digest}"`,
      'content-length': String(found.bytes.length),
    };
    return exchange.answer(200, headers, found.bytes);
  }

  async #putManifest(exchange: Exchange, name: string, reference: string, repository: Repository): Promise<void> {
    const bytes = await exchange.bytes(MANIFEST_LIMIT);
    if (!bytes) return exchange.fail(413, 'SIZE_INVALID', `more than ${MANIFEST_LIMIT} bytes`);
    if (this.#can.conditions && !conditionsHold(exchange, repository.find(reference)?.digest)) {
      return exchange.fail(412, 'DENIED', 'somebody else wrote it');
    }
    const accepted = repository.accept(bytes, exchange.request.headers['content-type'] ?? '');
    if ('code' in accepted) return exchange.fail(400, accepted.code, accepted.message);
    if (DIGEST.test(reference) && reference !== accepted.digest) {
      return exchange.fail(400, 'DIGEST_INVALID', `the bytes hash to ${accepted.digest}`);
    }
    repository.manifests.set(accepted.digest, accepted);
    if (!DIGEST.test(reference)) repository.tags.set(reference, accepted.digest);
    exchange.answer(201, {
      location: `/v2/${name}/manifests/${accepted.digest}`,
      'docker-content-digest': accepted.digest,
      ...(this.#can.referrers === true && accepted.subject !== undefined ? { 'oci-subject': accepted.subject } : {}),
    });
  }
}

/** RFC 9110, 13.1.1 and 13.1.2. Atomic with the write: there is no await in between. */
function conditionsHold(exchange: Exchange, digest: string | undefined): boolean {
  const { 'if-match': match, 'if-none-match': noneMatch } = exchange.request.headers;
  if (match !== undefined && (digest === undefined || (match !== '*' && match !== `"${digest}"`))) return false;
  return noneMatch === undefined || digest === undefined || (noneMatch !== '*' && noneMatch !== `"${digest}"`);
}

function listTags(exchange: Exchange, name: string, repository: Repository): void {
  if (repository.manifests.size === 0) {
    exchange.fail(404, 'NAME_UNKNOWN', 'nothing was pushed here yet');
    return;
  }
  const last = exchange.query.get('last') ?? '';
  const limit = Number(exchange.query.get('n') ?? Number.POSITIVE_INFINITY);
  const all = [...repository.tags.keys()].sort().filter((tag) => tag > last);
  const tags = all.slice(0, limit);
  const more = `</v2/${name}/tags/list?n=${limit}&last=${tags.at(-1)}>; rel="next"`;
  exchange.answer(
    200,
    { 'content-type': 'application/json', ...(tags.length < all.length ? { link: more } : {}) },
    JSON.stringify({ name, tags }),
  );
}

function listReferrers(exchange: Exchange, subject: string, repository: Repository): void {
  if (!DIGEST.test(subject)) {
    exchange.fail(400, 'DIGEST_INVALID', 'that is no digest');
    return;
  }
  const artifactType = exchange.query.get('artifactType');
  const manifests = repository.referrers(subject, artifactType);
  exchange.answer(
    200,
    { 'content-type': INDEX, ...(artifactType === null ? {} : { 'oci-filters-applied': 'artifactType' }) },
    JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }),
  );
}
