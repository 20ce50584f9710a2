/**
 * A stand-in for GitHub's artifact service, on loopback: what `ACTIONS_RESULTS_URL` points to on a runner. It speaks the
 * Twirp calls and the block-blob uploads of GitHub's own client (@actions/artifact 6), and keeps the promises that the
 * reusable workflow leans on: a name is taken once in a run, what is finalized never changes, an id names one artifact.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { answerJson, type Loopback, readBody, serveLoopback } from './loopback.ts';

export interface StoredArtifact {
  readonly id: number;
  readonly run: string;
  readonly name: string;
  readonly size: number;
  /** sha256 of the zip, `sha256:<hex>`. */
  readonly digest: string;
  /** The zip as it was uploaded. */
  readonly file: string;
}

export interface ArtifactService extends Loopback {
  /** `ACTIONS_RESULTS_URL`. */
  readonly url: string;
  /** `ACTIONS_RUNTIME_TOKEN` of one job of one run. Unsigned: it is only read for the two ids. */
  token(run: string, job: string): string;
  /** What is finalized, oldest first. */
  artifacts(): readonly StoredArtifact[];
  /**
   * Puts another zip behind an artifact's name and id, digest and all: as a job does that deletes it and uploads its own
   * under that name (the id would be new then), or someone inside the service.
   */
  replace(id: number, file: string): Promise<void>;
}

export interface ArtifactServiceOptions {
  /** Called when an artifact is final, before the job that uploaded it hears of that. */
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
  readonly file: string;
  state: 'open' | 'committed' | 'final';
}

const TWIRP = '/twirp/github.actions.results.api.v1.ArtifactService/';

export async function startArtifactService(options: ArtifactServiceOptions = {}): Promise<ArtifactService> {
  const folder = await mkdtemp(join(tmpdir(), 'artifacts-'));
  const uploads: Upload[] = [];

  const server = await serveLoopback(async (request, response, url) => {
    if (url.pathname.startsWith(TWIRP)) return call(url.pathname.slice(TWIRP.length), request, response);
    const upload = uploads.find((u) => url.pathname === blobPath(u) && url.searchParams.get('sig') === u.sig);
    if (!upload) return answerJson(response, 403, { code: 'AuthenticationFailed' });
    if (request.method === 'GET') return sendBlob(upload, response);
    if (request.method === 'PUT') return putBlob(upload, url, request, response);
    return answerJson(response, 405, { code: 'UnsupportedHttpVerb' });
  });

  async function call(method: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const run = runOf(request.headers.authorization ?? '');
    const body: Record<string, unknown> = JSON.parse((await readBody(request)).toString('utf8'));
    // A token opens its own run only, whatever the body says.
    if (!run || body.workflow_run_backend_id !== run) {
      return answerJson(response, 401, { code: 'unauthenticated', msg: 'token of another run' });
    }
    const name = String(body.name ?? '');
    const named = uploads.find((u) => u.run === run && u.name === name);
    switch (method) {
      case 'CreateArtifact': {
        if (named) return answerJson(response, 409, { code: 'already_exists', msg: `${name} is there already` });
        const upload = await open(run, name);
        return answerJson(response, 200, { ok: true, signed_upload_url: signed(upload) });
      }
      case 'FinalizeArtifact': {
        if (named?.state !== 'committed') return answerJson(response, 412, { code: 'failed_precondition', msg: name });
        if (body.hash !== named.digest || Number(body.size) !== named.size) {
          return answerJson(response, 400, { code: 'invalid_argument', msg: 'not what was uploaded' });
        }
        named.state = 'final';
        await options.onFinal?.(stored(named));
        return answerJson(response, 200, { ok: true, artifact_id: String(named.id) });
      }
      case 'ListArtifacts': {
        const wanted = uploads.filter(
          (u) =>
            u.run === run &&
            u.state === 'final' &&
            (body.name_filter === undefined || body.name_filter === u.name) &&
            (body.id_filter === undefined || body.id_filter === String(u.id)),
        );
        return answerJson(response, 200, { artifacts: wanted.map(listed) });
      }
      case 'GetSignedArtifactURL': {
        if (named?.state !== 'final') return answerJson(response, 404, { code: 'not_found', msg: name });
        return answerJson(response, 200, { signed_url: signed(named) });
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
  async function open(run: string, name: string): Promise<Upload> {
    const id = ++lastId;
    const own = join(folder, String(id));
    await mkdir(own);
    const file = join(own, 'artifact.zip');
    const upload: Upload = {
      ...{ id, run, name, folder: own, file },
      ...{ sig: randomBytes(16).toString('hex'), size: 0, digest: '', state: 'open' },
    };
    uploads.push(upload);
    return upload;
  }

  const signed = (upload: Upload) => `${server.url}${blobPath(upload).slice(1)}?sig=${upload.sig}`;
  return {
    url: server.url,
    token: (run, job) => unsignedToken({ scp: `Actions.Results:${run}:${job}` }),
    artifacts: () => uploads.filter((upload) => upload.state === 'final').map(stored),
    async replace(id, file) {
      const upload = uploads.find((one) => one.id === id);
      if (!upload) throw new Error(`no artifact ${id}`);
      await commit(upload, createReadStream(file));
      upload.state = 'final';
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const stored = ({ id, run, name, size, digest, file }: Upload): StoredArtifact => ({
  id,
  run,
  name,
  size,
  digest,
  file,
});

/** Azure's shape where the host is an address: account, container, blob. */
const blobPath = (upload: Upload) => `/results/artifacts/${upload.id}.zip`;

const listed = (upload: Upload) => ({
  workflow_run_backend_id: upload.run,
  workflow_job_run_backend_id: upload.run,
  database_id: String(upload.id),
  name: upload.name,
  size: String(upload.size),
  digest: upload.digest,
});

async function sendBlob(upload: Upload, response: ServerResponse): Promise<void> {
  const { size } = await stat(upload.file);
  response.writeHead(200, { 'content-type': 'application/zip', 'content-length': size });
  await pipeline(createReadStream(upload.file), response);
}

/** Put Block, Put Block List, or Put Blob in one go. A signed URL writes nothing once the artifact is final. */
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

function runOf(authorization: string): string | undefined {
  const payload = authorization.replace(/^Bearer /, '').split('.')[1];
  if (!payload) return undefined;
  const { scp }: { scp?: unknown } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  return typeof scp === 'string' ? scp.split(':')[1] : undefined;
}

function unsignedToken(claims: Record<string, unknown>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
}
