/**
 * A stand-in for GitHub's artifact service, on loopback: the service at `ACTIONS_RESULTS_URL` on a runner. It supports
 * the Twirp calls and the block-blob uploads of GitHub's own client (@actions/artifact 6), with GitHub's rules:
 *
 * - An artifact's name is unique within one attempt of a run; a second upload is a conflict (upload-artifact README,
 *   "(Not) Uploading to the same artifact").
 * - "Re-run failed jobs" is a new attempt that sees the artifacts of the earlier attempts, and keeps its own copy of a
 *   name; "Re-run all jobs" sees none of them. GitHub does not document this; go-gitea/gitea#38901 tested it.
 * - An artifact disappears when its retention ends, without a trace (upload-artifact README, "Retention Period").
 * - Uploads count against a storage quota (toolkit `packages/artifact/src/internal/shared/errors.ts`, UsageError).
 * - A final artifact never changes, and an id is never used again.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, type ReadStream } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { answerJson, type Loopback, readBody, serveLoopback } from '../network/loopback.ts';
import { artifactToken, scopeOf } from './artifact-token.ts';

export interface StoredArtifact {
  readonly id: number;
  readonly run: string;
  readonly name: string;
  readonly size: number;
  /** sha256 of the zip, `sha256:<hex>`. */
  readonly digest: string;
  /** Retention in days. */
  readonly days: number;
  /** The zip file as uploaded. */
  readonly file: string;
}

/** An upload or a download, with its job. */
interface ArtifactTransfer {
  readonly run: string;
  /** Of the token with which the URL was requested. */
  readonly job: string;
  readonly direction: 'up' | 'down';
  readonly name: string;
  readonly bytes: number;
}

export interface ArtifactService extends Loopback {
  /** `ACTIONS_RESULTS_URL`. */
  readonly url: string;
  /** `ACTIONS_RUNTIME_TOKEN` of one job of one attempt of a run. Unsigned: only the two ids in it are read. */
  token(run: string, job: string): string;
  /** Makes the attempt `next` a re-run of the failed jobs of the attempt `run`. */
  rerunFailed(run: string, next: string): void;
  /** Final artifacts that have not expired, oldest first; of one attempt, or of all. */
  artifacts(run?: string): readonly StoredArtifact[];
  /** Every finished transfer of one attempt, in order. A download that was interrupted counts with the bytes sent. */
  transfers(run: string): readonly ArtifactTransfer[];
  /** Advances the time by this many days. */
  pass(days: number): void;
  /** Fills or empties the storage quota of uploads. */
  full(isFull: boolean): void;
  /**
   * Replaces the zip file of an artifact's name and id, including its digest. A job could delete it and upload its own
   * under that name (with a new id), or an attacker inside the service could replace it.
   */
  replace(id: number, file: string): Promise<void>;
  /** Serves another file for an artifact, but keeps its digest: damage within the service. */
  corrupt(id: number, file: string): void;
}

export interface ArtifactServiceOptions {
  /** Called when an artifact is final, before the job that uploaded it gets the response. */
  readonly onFinal?: (artifact: StoredArtifact) => void | Promise<void>;
}

interface Upload {
  readonly id: number;
  readonly run: string;
  readonly name: string;
  readonly sig: string;
  readonly folder: string;
  size: number;
  digest: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
  file: string;
  state: 'open' | 'committed' | 'final';
}

const DAY = 86_400_000;
/** upload-artifact README, "Retention Period". */
const DEFAULT_DAYS = 90;
const TWIRP = '/twirp/github.actions.results.api.v1.ArtifactService/';

export async function startArtifactService(options: ArtifactServiceOptions = {}): Promise<ArtifactService> {
  const folder = await mkdtemp(join(tmpdir(), 'artifacts-'));
  const uploads: Upload[] = [];
  const before = new Map<string, string>();
  const moved: ArtifactTransfer[] = [];
  let passed = 0;
  let isFull = false;
  const now = () => Date.now() + passed;
  const isAlive = (upload: Upload) => upload.expires > now();
  const sees = (run: string, other: string): boolean => {
    for (let at: string | undefined = run; at !== undefined; at = before.get(at)) if (at === other) return true;
    return false;
  };

  const server = await serveLoopback(async (request, response, url) => {
    if (url.pathname.startsWith(TWIRP)) return call(url.pathname.slice(TWIRP.length), request, response);
    const upload = uploads.find((u) => url.pathname === blobPath(u) && url.searchParams.get('sig') === u.sig);
    if (!upload) return answerJson(response, 403, { code: 'AuthenticationFailed' });
    if (request.method === 'GET') {
      const content = createReadStream(upload.file);
      const [run = '', job = ''] = (url.searchParams.get('for') ?? '').split(':');
      try {
        await sendBlob(upload, content, response);
      } finally {
        // A client may close the connection with the last byte.
        moved.push({ run, job, direction: 'down', name: upload.name, bytes: content.bytesRead });
      }
      return;
    }
    if (request.method === 'PUT') return putBlob(upload, url, request, response);
    return answerJson(response, 405, { code: 'UnsupportedHttpVerb' });
  });

  async function call(method: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { run, job } = scopeOf(request.headers.authorization ?? '');
    const body: Record<string, unknown> = JSON.parse((await readBody(request)).toString('utf8'));
    const asked = String(body.workflow_run_backend_id ?? '');
    // A token is only for its own run, whatever the body says: it writes to this attempt, and also reads the attempts
    // that it re-runs.
    const reads = method === 'ListArtifacts' || method === 'GetSignedArtifactURL';
    if (!run || !(reads ? sees(run, asked) : asked === run)) {
      return answerJson(response, 401, { code: 'unauthenticated', msg: 'token of another run' });
    }
    const name = String(body.name ?? '');
    const named = uploads.find((u) => u.run === asked && u.name === name && isAlive(u));
    switch (method) {
      case 'CreateArtifact': {
        const taken = 'an artifact with this name already exists on the workflow run';
        if (named) return answerJson(response, 409, { code: 'already_exists', msg: taken });
        if (isFull) return answerJson(response, 403, { code: 'permission_denied', msg: 'insufficient usage' });
        const upload = await open(run, name, String(body.expires_at ?? ''));
        return answerJson(response, 200, { ok: true, signed_upload_url: signed(upload, run, job) });
      }
      case 'FinalizeArtifact': {
        if (named?.state !== 'committed') return answerJson(response, 412, { code: 'failed_precondition', msg: name });
        if (body.hash !== named.digest || Number(body.size) !== named.size) {
          return answerJson(response, 400, { code: 'invalid_argument', msg: 'not what was uploaded' });
        }
        named.state = 'final';
        moved.push({ run, job, direction: 'up', name, bytes: named.size });
        await options.onFinal?.(stored(named));
        return answerJson(response, 200, { ok: true, artifact_id: String(named.id) });
      }
      case 'ListArtifacts': {
        const wanted = uploads.filter(
          (u) =>
            sees(run, u.run) &&
            u.state === 'final' &&
            isAlive(u) &&
            (body.name_filter === undefined || body.name_filter === u.name) &&
            (body.id_filter === undefined || body.id_filter === String(u.id)),
        );
        return answerJson(response, 200, { artifacts: wanted.map(listed) });
      }
      case 'GetSignedArtifactURL': {
        if (named?.state !== 'final') return answerJson(response, 404, { code: 'not_found', msg: name });
        return answerJson(response, 200, { signed_url: signed(named, run, job) });
      }
      case 'DeleteArtifact': {
        if (!named) return answerJson(response, 404, { code: 'not_found', msg: name });
        uploads.splice(uploads.indexOf(named), 1);
        return answerJson(response, 200, { ok: true, artifact_id: String(named.id) });
      }
      default:
        return answerJson(response, 404, { code: 'bad_route', msg: method });
    }
  }

  let lastId = 0;
  async function open(run: string, name: string, expires: string): Promise<Upload> {
    const id = ++lastId;
    const own = join(folder, String(id));
    await mkdir(own);
    const file = join(own, 'artifact.zip');
    const upload: Upload = {
      ...{ id, run, name, folder: own, file, expires: Date.parse(expires) || now() + DEFAULT_DAYS * DAY },
      ...{ sig: randomBytes(16).toString('hex'), size: 0, digest: '', state: 'open' },
    };
    uploads.push(upload);
    return upload;
  }

  const signed = (upload: Upload, run: string, job: string) =>
    `${server.url}${blobPath(upload).slice(1)}?sig=${upload.sig}&for=${encodeURIComponent(`${run}:${job}`)}`;
  return {
    url: server.url,
    token: artifactToken,
    rerunFailed(run, next) {
      before.set(next, run);
    },
    artifacts: (run) =>
      uploads
        .filter((upload) => upload.state === 'final' && isAlive(upload) && (run === undefined || upload.run === run))
        .map(stored),
    transfers: (run) => moved.filter((one) => one.run === run),
    pass(days) {
      passed += days * DAY;
    },
    full(full) {
      isFull = full;
    },
    async replace(id, file) {
      const upload = uploads.find((one) => one.id === id);
      if (!upload) throw new Error(`no artifact ${id}`);
      await commit(upload, createReadStream(file));
      upload.state = 'final';
    },
    corrupt(id, file) {
      const upload = uploads.find((one) => one.id === id);
      if (!upload) throw new Error(`no artifact ${id}`);
      upload.file = file;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function stored({ id, run, name, size, digest, file, expires }: Upload): StoredArtifact {
  return { id, run, name, size, digest, file, days: Math.round((expires - Date.now()) / DAY) };
}

/** Azure's path format for a host that is an IP address: account, container, blob. */
const blobPath = (upload: Upload) => `/results/artifacts/${upload.id}.zip`;

const listed = (upload: Upload) => ({
  workflow_run_backend_id: upload.run,
  workflow_job_run_backend_id: upload.run,
  database_id: String(upload.id),
  name: upload.name,
  size: String(upload.size),
  digest: upload.digest,
});

async function sendBlob(upload: Upload, content: ReadStream, response: ServerResponse): Promise<void> {
  const { size } = await stat(upload.file);
  response.writeHead(200, { 'content-type': 'application/zip', 'content-length': size });
  await pipeline(content, response);
}

/** Put Block, Put Block List, or a single Put Blob. A signed URL cannot write after the artifact is final. */
async function putBlob(upload: Upload, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (upload.state === 'final') return answerJson(response, 403, { code: 'AuthorizationFailure' });
  const kind = url.searchParams.get('comp');
  if (kind === 'block') {
    const block = Buffer.from(url.searchParams.get('blockid') ?? '').toString('hex');
    await pipeline(request, createWriteStream(join(upload.folder, block)));
  } else if (kind === 'blocklist') {
    const list = (await readBody(request)).toString('utf8');
    const blocks = [...list.matchAll(/<Latest>([^<]*)<\/Latest>/g)].map(([, id]) =>
      Buffer.from(id ?? '').toString('hex'),
    );
    await commit(
      upload,
      (async function* () {
        for (const block of blocks) yield* createReadStream(join(upload.folder, block));
      })(),
    );
  } else {
    await commit(upload, request);
  }
  response.writeHead(201, { 'content-length': 0, etag: '"0"' });
  response.end();
}

async function commit(upload: Upload, content: AsyncIterable<Buffer>): Promise<void> {
  const hash = createHash('sha256');
  const metered = new PassThrough();
  upload.size = 0;
  metered.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    upload.size += chunk.length;
  });
  await pipeline(content, metered, createWriteStream(upload.file));
  upload.digest = `sha256:${hash.digest('hex')}`;
  upload.state = 'committed';
}
