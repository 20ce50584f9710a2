import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { defined, hasKind, messageOf, TidegateError } from '@tidegate/core';
import type { Connections, HttpResponse } from '@tidegate/oci';
import { type Origin, parseOrigin } from '@tidegate/tools';
import type { Services } from '../services.ts';
import { type Latest, parseLatest, SCHEMA } from './latest.ts';

const MOST_REDIRECTS = 5;
const LARGEST_LATEST = 1024 * 1024;
/** In bytes. The archive has about 100 MB today. */
const LARGEST_ARCHIVE = 4 * 1024 * 1024 * 1024;

/** A database that a server has just offered. */
export interface Offer extends Latest {
  /** The server, without user and password. */
  readonly server: string;
  /** Download its archive to `file` and verify its checksum. @throws TidegateError `network` or `integrity` */
  fetch(file: string): Promise<void>;
}

type ServerServices = Pick<Services, 'signal' | 'progress'>;

/**
 * Request the current database of a server. @throws TidegateError `network`, or `integrity` if the response is invalid.
 */
export async function offerOf(server: string, connections: Connections, services: ServerServices): Promise<Offer> {
  const origin = parseOrigin(server, 'db-mirror');
  const ask = (path: string) => get(new URL(`${origin.base}/${SCHEMA}/${path}`), origin, connections, services.signal);
  const url = `${origin.shown}/${SCHEMA}/latest.json`;
  const answer = await ask('latest.json');
  const latest = parseLatest(await read(answer, url, LARGEST_LATEST), url);
  return {
    ...latest,
    server: origin.shown,
    async fetch(file) {
      // Archive names contain times with colons, and servers expect unescaped colons.
      const path = latest.path
        .split('/')
        .map((part) => encodeURIComponent(part).replaceAll('%3A', ':'))
        .join('/');
      const archive = await ask(path);
      const progress = services.progress.start(
        'Vulnerability database',
        Number(archive.headers['content-length']) || undefined,
      );
      try {
        const actual = await save(archive, file, (bytes) => progress.advance(bytes), services.signal);
        if (actual === latest.checksum) return;
        await rm(file, { force: true });
        throw new TidegateError(
          'database-checksum-wrong',
          `${origin.shown}/${SCHEMA}/${path} has the checksum ${actual}, but ${url} says ${latest.checksum}.`,
          {
            next: 'Run again, in case the server was being updated. If it still fails, do not trust the server or the proxy.',
          },
        );
      } finally {
        progress.done();
      }
    },
  };
}

/** The URL's user and password are sent only to its own host, never to a host that it redirects to. */
async function get(url: URL, origin: Origin, connections: Connections, signal: AbortSignal): Promise<HttpResponse> {
  let at = url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const authorization = at.origin === url.origin ? origin.authorization : undefined;
    const answer = await connections
      .send({
        method: 'GET',
        url: at,
        headers: defined({ 'user-agent': 'tidegate', authorization: authorization || undefined }),
        signal,
      })
      .catch((cause: unknown) => {
        if (signal.aborted || hasKind(cause, 'cancelled')) throw cause;
        throw failed(url, messageOf(cause), cause);
      });
    const { statusCode = 0, headers } = answer;
    if (statusCode === 200) return answer;
    answer.destroy();
    if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) {
      throw failed(url, `the server responded with ${statusCode}`);
    }
    const next = URL.canParse(headers.location, at.href) ? new URL(headers.location, at.href) : undefined;
    if (
      !next ||
      !['http:', 'https:'].includes(next.protocol) ||
      (at.protocol === 'https:' && next.protocol !== 'https:')
    ) {
      throw failed(url, 'it redirects to an address that is not https');
    }
    at = next;
  }
  throw failed(url, `it redirects more than ${MOST_REDIRECTS} times`);
}

function failed(url: URL, why: string, cause?: unknown): TidegateError {
  const { origin, pathname } = url;
  return new TidegateError(
    'database-not-fetched',
    `${origin}${pathname} could not be fetched: ${why.replace(/\.$/, '')}.`,
    {
      next: 'Check that its server is reached, or name another one with db-mirror.',
      cause,
    },
  );
}

async function read(answer: HttpResponse, url: string, limit: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw new Error(`it is larger than ${limit} bytes`);
      chunks.push(chunk);
    }
  } catch (cause) {
    throw failed(new URL(url), messageOf(cause), cause);
  }
  return Buffer.concat(chunks);
}

async function save(
  answer: HttpResponse,
  file: string,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  let size = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _, done) {
      size += chunk.length;
      hash.update(chunk);
      onBytes(chunk.length);
      done(size > LARGEST_ARCHIVE ? new Error(`it is larger than ${LARGEST_ARCHIVE} bytes`) : null, chunk);
    },
  });
  try {
    await pipeline(answer, counted, createWriteStream(file, { flags: 'wx', mode: 0o600 }), { signal });
  } catch (cause) {
    await rm(file, { force: true });
    if (signal.aborted) throw cause;
    throw new TidegateError(
      'database-not-fetched',
      `The archive of the vulnerability database could not be fetched: ${messageOf(cause)}.`,
      {
        next: 'Run again, or set another server with db-mirror.',
        cause,
      },
    );
  }
  return `sha256:${hash.digest('hex')}`;
}
