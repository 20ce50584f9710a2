/**
 * A stand-in for GitHub's cache service v2, on loopback: the service at `ACTIONS_RESULTS_URL` on a runner. It supports
 * the Twirp calls of actions/toolkit (packages/cache/src/generated/results/api/v1/cache.ts) and the block blobs that
 * BuildKit's client uploads with Azure's library (tonistiigi/go-actions-cache, cache_v2.go). Like GitHub, it separates
 * caches by ref: the scopes in the claim `ac` of a token define where it reads and writes.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson, type Loopback, readBody, serveLoopback } from '../network/loopback.ts';

export interface CacheScope {
  readonly Scope: string;
  /** 1: read, 2: write. */
  readonly Permission: 1 | 2 | 3;
}

export interface ActionsCache extends Loopback {
  /** `ACTIONS_RESULTS_URL`. */
  readonly url: string;
  /**
   * `ACTIONS_RUNTIME_TOKEN`: the scopes that this job reads, in order; it writes to the last scope with write
   * permission.
   */
  token(scopes: readonly CacheScope[]): string;
  /** Final entries, oldest first. */
  entries(): readonly { readonly scope: string; readonly key: string }[];
}

interface Entry {
  readonly scope: string;
  readonly key: string;
  readonly version: string;
  readonly path: string;
  readonly sig: string;
  readonly blocks: Map<string, Buffer>;
  content?: Buffer;
  final: boolean;
}

const TWIRP = '/twirp/github.actions.results.api.v1.CacheService/';

export async function startActionsCache(): Promise<ActionsCache> {
  const entries: Entry[] = [];
  const secret = randomBytes(12).toString('base64url');

  const server = await serveLoopback(async (request, response, url) => {
    if (url.pathname.startsWith(TWIRP)) return call(url.pathname.slice(TWIRP.length), request, response);
    const entry = entries.find(({ path, sig }) => path === url.pathname && sig === url.searchParams.get('sig'));
    if (!entry) return answerJson(response, 403, { code: 'AuthenticationFailed' });
    if (request.method === 'PUT') return putBlob(entry, url, request, response);
    getBlob(entry, request, response);
  });

  async function call(method: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const scopes = scopesOf(request.headers.authorization ?? '', secret);
    if (!scopes) return answerJson(response, 401, { code: 'unauthenticated', msg: 'bad credentials' });
    const body = JSON.parse((await readBody(request)).toString('utf8')) as Record<string, unknown>;
    const [key, version] = [String(body.key ?? ''), String(body.version ?? '')];
    const scope = scopes.findLast(({ Permission }) => (Permission & 2) !== 0)?.Scope;
    const own = entries.find((one) => one.scope === scope && one.key === key && one.version === version);
    switch (method) {
      case 'CreateCacheEntry': {
        // cache.ts of the toolkit, saveCacheV2: a response that is not ok contains a message for an annotation.
        if (scope === undefined) return answerJson(response, 200, { ok: false, message: 'the token may only read' });
        if (own) return answerJson(response, 409, { code: 'already_exists', msg: 'cache entry already exists' });
        const sig = randomBytes(16).toString('hex');
        const path = `/results/caches/${entries.length}`;
        entries.push({ scope, key, version, path, sig, blocks: new Map(), final: false });
        return answerJson(response, 200, { ok: true, signed_upload_url: signed(path, sig) });
      }
      case 'FinalizeCacheEntryUpload': {
        if (own?.content?.length !== Number(body.size_bytes)) {
          return answerJson(response, 400, { code: 'invalid_argument', msg: 'not what was uploaded' });
        }
        own.final = true;
        return answerJson(response, 200, { ok: true, entry_id: String(entries.indexOf(own) + 1) });
      }
      case 'GetCacheEntryDownloadURL': {
        const keys = [key, ...(Array.isArray(body.restore_keys) ? body.restore_keys.map(String) : [])];
        const found = lookUp(scopes, keys, version);
        if (!found) return answerJson(response, 200, { ok: false, signed_download_url: '', matched_key: '' });
        const { path, sig } = found;
        return answerJson(response, 200, { ok: true, signed_download_url: signed(path, sig), matched_key: found.key });
      }
      default:
        return answerJson(response, 404, { code: 'bad_route', msg: method });
    }
  }

  /** Scope by scope: the key itself, otherwise the newest key that begins with one of the keys. */
  function lookUp(scopes: readonly CacheScope[], keys: readonly string[], version: string): Entry | undefined {
    for (const { Scope } of scopes.filter(({ Permission }) => (Permission & 1) !== 0)) {
      const there = entries.filter((one) => one.final && one.scope === Scope && one.version === version);
      const exact = there.find((one) => one.key === keys[0]);
      const newest = keys.map((key) => there.findLast((one) => one.key.startsWith(key))).find((one) => one);
      if (exact ?? newest) return exact ?? newest;
    }
    return undefined;
  }

  const signed = (path: string, sig: string) => `${server.url}${path.slice(1)}?sig=${sig}`;
  return {
    url: server.url,
    token(scopes) {
      const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const now = Math.floor(Date.now() / 1000);
      const claims = { ac: JSON.stringify(scopes), nbf: now - 60, exp: now + 3600 };
      return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.${secret}`;
    },
    entries: () => entries.filter(({ final }) => final).map(({ scope, key }) => ({ scope, key })),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function scopesOf(authorization: string, secret: string): readonly CacheScope[] | undefined {
  const [, payload, signature] = authorization.replace(/^Bearer /, '').split('.');
  if (payload === undefined || signature !== secret) return undefined;
  const { ac } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { ac: string };
  return JSON.parse(ac) as readonly CacheScope[];
}

/** Put Blob, Put Block, Put Block List. Azure names each request, and its client library reads that name. */
async function putBlob(entry: Entry, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (entry.final) return answerJson(response, 403, { code: 'AuthorizationFailure' });
  const body = await readBody(request);
  const kind = url.searchParams.get('comp');
  if (kind === 'block') entry.blocks.set(url.searchParams.get('blockid') ?? '', body);
  else if (kind === 'blocklist') {
    const ids = [...body.toString('utf8').matchAll(/<Latest>([^<]*)<\/Latest>/g)].map(([, id = '']) => id);
    entry.content = Buffer.concat(ids.map((id) => entry.blocks.get(id) ?? Buffer.alloc(0)));
  } else entry.content = body;
  response.writeHead(201, { 'content-length': 0, etag: '"0"', 'x-ms-request-id': randomBytes(8).toString('hex') });
  response.end();
}

function getBlob(entry: Entry, request: IncomingMessage, response: ServerResponse): void {
  const content = entry.final ? entry.content : undefined;
  if (!content) {
    answerJson(response, 404, { code: 'BlobNotFound' });
    return;
  }
  const range = /^bytes=(\d+)-(\d*)$/.exec(String(request.headers['x-ms-range'] ?? request.headers.range ?? ''));
  const from = Number(range?.[1] ?? 0);
  const to = range?.[2] ? Number(range[2]) : content.length - 1;
  const part = content.subarray(from, to + 1);
  response.writeHead(range ? 206 : 200, {
    ...{ 'content-type': 'application/octet-stream', 'content-length': part.length, etag: '"0"' },
    ...(range ? { 'content-range': `bytes ${from}-${to}/${content.length}` } : {}),
    'x-ms-request-id': randomBytes(8).toString('hex'),
  });
  response.end(request.method === 'HEAD' ? undefined : part);
}
