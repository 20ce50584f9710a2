import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  counted,
  type Digest,
  formatAge,
  hasKind,
  KEPT_DATABASE,
  messageOf,
  parseDigest,
  TidegateError,
  together,
  whyUnreadable,
} from '@tidegate/core';
import { type ConnectionOptions, Connections } from '@tidegate/oci';
import type { Services } from '../services.ts';
import { builtOn, importArchive } from './grype.ts';
import { copyKept, isOutOfReach, keep, keptIn, type Reach, suffixOf } from './kept-archive.ts';
import { type Offer, offerOf } from './server.ts';
import { sha256Of } from './sha256.ts';

export interface DatabaseOptions {
  /**
   * Folder that keeps the archive between jobs. Its files are used only if their checksum is known from another source.
   */
  readonly cache: string;
  /** Base URLs that each serve `v6/latest.json`, tried in this order. */
  readonly mirrors: readonly string[];
  /** Use this archive and contact no server. Its checksum (sha256, hex) is verified each time. */
  readonly archive?: { readonly path: string; readonly sha256: string } | undefined;
  /**
   * Maximum age, in milliseconds, of a cached database that is used if no server provides one. Absent: never use one.
   */
  readonly fallbackMaxAge?: number | undefined;
  readonly connections?: ConnectionOptions;
  /** In milliseconds: pause before each further round of requests. For tests. */
  readonly waits?: readonly number[];
  /** For tests. */
  readonly reach?: Reach;
}

/** A database that only this run uses, and its source. */
export interface Database {
  /** GRYPE_DB_CACHE_DIR. Below the temporary folder of the run. */
  readonly folder: string;
  readonly built: Date;
  /** Checksum of the database archive. */
  readonly checksum: Digest;
  /** The server that provided the checksum, without user and password; `db-archive` or `db-cache` if no server did. */
  readonly source: string;
}

/** In milliseconds. A server that limits requests or restarts responds again after a few seconds. */
const WAITS = [2_000, 6_000];

/**
 * Provide the vulnerability database in a folder of this run; this may run while the image is being built.
 * The checksum decides: the server has just provided it, or the user did. Other jobs can write to a cache, so only
 * bytes with that checksum are used from it.
 * If no database is available, an old one is not used instead, unless the options allow one of that age.
 * @throws TidegateError `tool` or `network` when none is available, `integrity` when one does not match its checksum.
 */
export async function updateDatabase(options: DatabaseOptions, services: Services): Promise<Database> {
  const work = await mkdtemp(join(services.temp, 'database-'));
  // The archive arrives while Grype does, which unpacks it. Without Grype, no server is asked again.
  const [database] = await together<[Database, unknown]>(services.signal, (signal) => [
    bring(options, work, { ...services, signal }),
    services.tools.get('grype'),
  ]);
  services.log.info(
    `Vulnerability database of ${shownDate(database.built)} from ${database.source} (${database.checksum}).`,
  );
  return database;
}

async function bring(options: DatabaseOptions, work: string, services: Services): Promise<Database> {
  if (options.archive) return fromFile(options.archive, work, services);
  try {
    return await fromServers(options, work, services);
  } catch (error) {
    if (services.signal.aborted || hasKind(error, 'integrity')) throw error;
    return standIn(options, work, error, services);
  }
}

interface Verified {
  readonly archive: string;
  readonly checksum: Digest;
  readonly source: string;
}

/** @param verified an archive in a folder of this run, whose checksum was verified */
async function imported({ archive, checksum, source }: Verified, work: string, services: Services): Promise<Database> {
  const folder = join(work, 'grype');
  await importArchive(archive, folder, services);
  return { folder, built: await builtOn(folder, services), checksum, source };
}

/** An archive from the user. It is not copied: it is hashed and imported immediately. */
async function fromFile(
  { path, sha256 }: NonNullable<DatabaseOptions['archive']>,
  work: string,
  services: Services,
): Promise<Database> {
  const actual = await sha256Of(path, services.signal).catch((cause: unknown) => {
    if (services.signal.aborted) throw cause;
    throw new TidegateError(
      'database-file-unreadable',
      `Input db-archive: cannot read ${path}: ${whyUnreadable(cause)}.`,
      {
        next: 'Set the path of a vulnerability database archive, as downloaded from its server.',
        cause,
      },
    );
  });
  const checksum = parseDigest(`sha256:${sha256}`);
  if (actual !== checksum) {
    throw new TidegateError('database-checksum-wrong', `${path} has the checksum ${actual}, expected ${checksum}.`, {
      next: 'Download the archive again, or set db-archive-sha256 to the checksum in its latest.json.',
    });
  }
  return imported({ archive: path, checksum, source: 'db-archive' }, work, services);
}

async function fromServers(options: DatabaseOptions, work: string, services: Services): Promise<Database> {
  const { mirrors, waits = WAITS } = options;
  const connections = new Connections(options.connections);
  try {
    for (let round = 0; ; round += 1) {
      let last: unknown;
      for (const server of mirrors) {
        try {
          const verified = await fetched(await offerOf(server, connections, services), options.cache, work, services);
          return await imported(verified, work, services).finally(() => rm(verified.archive, { force: true }));
        } catch (error) {
          if (services.signal.aborted || hasKind(error, 'bad-input')) throw error;
          last = error;
          if (mirrors.length > 1)
            services.log.notice(`No vulnerability database from ${hostOf(server)}: ${messageOf(error)}`);
        }
      }
      const wait = waits[round];
      if (wait === undefined) throw unavailable(round + 1, last);
      services.log.notice(
        `The vulnerability database could not be updated. Attempt ${round + 2} of ${waits.length + 1} starts in ${Math.ceil(wait / 1000)} s.`,
      );
      await sleep(wait, undefined, { signal: services.signal });
    }
  } finally {
    connections.close();
  }
}

function unavailable(attempts: number, cause: unknown): TidegateError {
  const id = hasKind(cause, 'integrity') ? 'database-untrusted' : 'database-unavailable';
  return new TidegateError(
    id,
    `The vulnerability database could not be updated (${counted(attempts, 'attempt')}). ${messageOf(cause)}`,
    {
      next: 'Check that its server is reachable, or set another one with db-mirror.',
      cause,
    },
  );
}

/** The archive that a server offers: from the cache of an earlier run if its checksum matches, otherwise downloaded. */
async function fetched(offer: Offer, cache: string, work: string, services: Services): Promise<Verified> {
  const { checksum, server: source } = offer;
  const archive = join(work, `archive${suffixOf(offer.path)}`);
  await rm(archive, { force: true });
  const kept = await keptIn(cache);
  if (kept?.checksum === checksum && (await copyKept(kept, checksum, archive, services.log))) {
    return { archive, checksum, source };
  }
  await offer.fetch(archive);
  await keep(archive, offer, cache, services.log);
  return { archive, checksum, source };
}

/**
 * No server provides a database: policy decides whether an older one is acceptable. No current source provides its
 * checksum, so only a cache that no job can write to is trusted.
 */
async function standIn(options: DatabaseOptions, work: string, error: unknown, services: Services): Promise<Database> {
  const { cache, fallbackMaxAge, reach } = options;
  if (fallbackMaxAge === undefined) throw error;
  const refused = (why: string, next: string) =>
    new TidegateError(
      'database-unavailable',
      `${messageOf(error)} The policy accepts one that is at most ${formatAge(fallbackMaxAge)} old, but ${why}.`,
      {
        next,
        cause: error,
      },
    );
  const kept = await keptIn(cache);
  if (!kept) throw refused(`${cache} contains none`, 'Set a second server with db-mirror.');
  const files = [kept.file, join(cache, 'v6', 'latest.json')];
  if (!(await Promise.all(files.map((file) => isOutOfReach(file, reach)))).every(Boolean)) {
    throw refused(
      `this job could have written the one in ${cache}, so any other job could have`,
      'Mount db-cache read-only or make another user its owner, or set a second server with db-mirror.',
    );
  }
  const archive = join(work, `archive${suffixOf(kept.path)}`);
  await rm(archive, { force: true });
  if (!(await copyKept(kept, kept.checksum, archive, services.log))) {
    throw refused(`the one in ${cache} does not match its checksum`, 'Download the database into db-cache again.');
  }
  const database = await imported({ archive, checksum: kept.checksum, source: KEPT_DATABASE }, work, services);
  const age = services.clock().getTime() - database.built.getTime();
  if (!(age >= 0 && age <= fallbackMaxAge)) {
    throw refused(
      `the one of ${shownDate(database.built)} is ${formatAge(age)} old`,
      'Download the database into db-cache again.',
    );
  }
  services.log.notice(
    `The vulnerability database could not be updated. The one of ${shownDate(database.built)}, ${formatAge(age)} old, is used instead: the policy allows ${formatAge(fallbackMaxAge)}.`,
  );
  return database;
}

function shownDate(date: Date): string {
  return `${date.toISOString().slice(0, 16)}Z`;
}

function hostOf(server: string): string {
  return URL.canParse(server) ? new URL(server).host : server;
}
