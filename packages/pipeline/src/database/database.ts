import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Digest, formatAge, hasCode, KEPT_DATABASE, messageOf, parseDigest, TidegateError } from '@tidegate/core';
import { type ConnectionOptions, Connections } from '@tidegate/oci';
import type { Services } from '../services.ts';
import { builtOn, importArchive } from './grype.ts';
import { copyKept, isOutOfReach, keep, keptIn, type Reach, suffixOf } from './kept-archive.ts';
import { type Offer, offerOf } from './server.ts';
import { sha256Of } from './sha256.ts';

export interface DatabaseOptions {
  /** Folder that keeps the archive between jobs. Nothing in it is used unless its checksum is known from elsewhere. */
  readonly cache: string;
  /** Base URLs that each hold `v6/latest.json`, asked in this order. */
  readonly mirrors: readonly string[];
  /** Take it from this file, and ask no server. It is held against its checksum (hex sha256) each time. */
  readonly archive?: { readonly path: string; readonly sha256: string } | undefined;
  /** How old a database may be, in milliseconds, that stands in for one that no server gives. Absent: none may. */
  readonly fallbackMaxAge?: number | undefined;
  readonly connections?: ConnectionOptions;
  /** How long to wait before each further round of questions, in milliseconds. For tests. */
  readonly waits?: readonly number[];
  /** For tests. */
  readonly reach?: Reach;
}

/** A database of this run alone, and where it came from. */
export interface Database {
  /** GRYPE_DB_CACHE_DIR. Below the temporary folder of the run. */
  readonly folder: string;
  readonly built: Date;
  /** Of the archive it came in. */
  readonly checksum: Digest;
  /** The server that named the checksum, without user and password; `db-archive`, or `db-cache` where one stands in. */
  readonly source: string;
}

/** A server that limits its clients, or is being restarted, answers again after some seconds. */
const WAITS = [2_000, 6_000];

/**
 * Bring the vulnerability database into a folder of this run; it may happen while the image is still being built.
 * What decides is the checksum that the server asked for has named a moment ago (or that the user gave): a cache is a
 * place that other jobs write to, so of it only bytes with that checksum are used.
 * A database that cannot be had is not replaced with an old one, unless the options allow one of that age.
 * @throws TidegateError `tool` or `network` when none is to be had, `integrity` when one does not match its checksum.
 */
export async function updateDatabase(options: DatabaseOptions, services: Services): Promise<Database> {
  // That there is no Grype is no server's fault, and waiting does not help.
  await services.tools.get('grype');
  const work = await mkdtemp(join(services.temp, 'database-'));
  const database = await bring(options, work, services);
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
    if (services.signal.aborted || hasCode(error, 'integrity')) throw error;
    return standIn(options, work, error, services);
  }
}

interface Verified {
  readonly archive: string;
  readonly checksum: Digest;
  readonly source: string;
}

/** @param verified an archive in a folder of this run, held against its checksum */
async function imported({ archive, checksum, source }: Verified, work: string, services: Services): Promise<Database> {
  const folder = join(work, 'grype');
  await importArchive(archive, folder, services);
  return { folder, built: await builtOn(folder, services), checksum, source };
}

/** A file of the user's. Not copied: it is hashed and imported at once. */
async function fromFile(
  { path, sha256 }: NonNullable<DatabaseOptions['archive']>,
  work: string,
  services: Services,
): Promise<Database> {
  const actual = await sha256Of(path, services.signal).catch((cause: unknown) => {
    if (services.signal.aborted) throw cause;
    throw new TidegateError('bad-input', `Input db-archive: cannot read ${path}: ${messageOf(cause)}.`, {
      next: 'Set the path of a vulnerability database archive, as downloaded from its server.',
      cause,
    });
  });
  const checksum = parseDigest(`sha256:${sha256}`);
  if (actual !== checksum) {
    throw new TidegateError('integrity', `${path} has the checksum ${actual}, expected ${checksum}.`, {
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
          if (services.signal.aborted || hasCode(error, 'bad-input')) throw error;
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
  const code = hasCode(cause, 'integrity') ? 'integrity' : 'tool';
  return new TidegateError(
    code,
    `The vulnerability database could not be updated (${attempts} attempts). ${messageOf(cause)}`,
    {
      next: 'Check that its server is reachable, or set another one with db-mirror.',
      cause,
    },
  );
}

/** The archive that a server offers: the one kept by an earlier run where that has its checksum, else downloaded. */
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
 * No server gives one: policy decides whether an older one will do. Nothing fresh says which checksum it should have, so
 * only a cache counts that no job can write to.
 */
async function standIn(options: DatabaseOptions, work: string, error: unknown, services: Services): Promise<Database> {
  const { cache, fallbackMaxAge, reach } = options;
  if (fallbackMaxAge === undefined) throw error;
  const refused = (why: string, next: string) =>
    new TidegateError(
      'tool',
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
