import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { serveLoopback } from './loopback.ts';

export interface FolderServer extends AsyncDisposable {
  /** Without a trailing slash. */
  readonly url: string;
  close(): Promise<void>;
}

/** A static server on loopback: GET and HEAD of the files below `folder`, 404 for anything else. */
export async function serveFolder(folder: string): Promise<FolderServer> {
  const server = await serveLoopback(async (request, response, url) => {
    // URL resolves any `..` before its path is used; an encoded one stays a name.
    const path = join(folder, decodeURIComponent(url.pathname));
    const file = path.startsWith(folder + sep) ? await stat(path).catch(() => undefined) : undefined;
    if (!file?.isFile() || !['GET', 'HEAD'].includes(request.method ?? '')) {
      response.writeHead(404).end();
      return;
    }
    const type = path.endsWith('.json') ? 'application/json' : 'application/octet-stream';
    response.writeHead(200, {
      'content-type': type,
      'content-length': file.size,
      'last-modified': file.mtime.toUTCString(),
    });
    if (request.method === 'HEAD') response.end();
    else await pipeline(createReadStream(path), response);
  });
  const close = async (): Promise<void> => server[Symbol.asyncDispose]();
  return { url: server.url.replace(/\/$/, ''), close, [Symbol.asyncDispose]: close };
}
