import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatAge, hasCode, messageOf, TidegateError } from '@tidegate/core';
import { type DatabaseState, databaseState } from './database-state.ts';
import type { Services } from './services.ts';

export interface DatabaseOptions {
  /** Folder that keeps the database; Grype puts it into a folder named after the schema. */
  readonly cache: string;
  /** Base URLs that each hold `v6/latest.json`, asked in this order. Default: Grype's own. */
  readonly mirrors?: readonly string[];
  /** Take it from this file, and ask nobody. It is held against its sum (hex sha256) each time. */
  readonly archive?: { readonly path: string; readonly sha256: string };
  /** How old a database of an earlier run may be that stands in for one that cannot be had, in milliseconds. Absent: none may. */
  readonly fallbackMaxAge?: number;
  /** How long to wait before each further round of questions, in milliseconds. For tests. */
  readonly waits?: readonly number[];
}

/** Grype's environment: this cache, no update behind our back. */
export function databaseEnvironment({ cache }: Pick<DatabaseOptions, 'cache'>): Record<string, string> {
  return {
    GRYPE_CHECK_FOR_APP_UPDATE: 'false',
    GRYPE_DB_CACHE_DIR: cache,
    GRYPE_DB_AUTO_UPDATE: 'false',
    // The gate judges the age, from the report, and says so; Grype would fail with an exit code of 1 for everything.
    GRYPE_DB_VALIDATE_AGE: 'false',
  };
}

const TIMEOUT = 20 * 60_000;
/** A server that limits its clients, or is being restarted, answers again after some seconds. */
const WAITS = [2_000, 6_000];
/** Grype's schema, and the folder in the cache that is named after it. */
const SCHEMA = '6';

/**
 * Bring the vulnerability database up to date; it may run while the image is still being built. Whatever is used was
 * held against its own sum a moment ago: a cache is a place that others may write to.
 * An update that cannot be had is not papered over with an old database, unless the options allow one of that age.
 * @throws TidegateError `tool` when none is to be had, `integrity` when one is not what it says it is.
 */
export async function updateDatabase(options: DatabaseOptions, services: Services): Promise<DatabaseState> {
  await mkdir(options.cache, { recursive: true });
  try {
    if (options.archive) await importArchive(options.cache, options.archive, services);
    else await updateFromServers(options, services);
  } catch (error) {
    if (services.signal.aborted || hasCode(error, 'integrity')) throw error;
    return standIn(options, error, services);
  }
  let state = await databaseState(options, services);
  if (state.kind !== 'sound' && !options.archive) {
    services.log.notice(`The cached vulnerability database is damaged (${state.why}); it is fetched anew.`);
    await rm(join(options.cache, SCHEMA), { recursive: true, force: true });
    await updateFromServers(options, services);
    state = await databaseState(options, services);
  }
  if (state.kind !== 'sound') {
    throw new TidegateError('integrity', `The vulnerability database is not what its sum says: ${state.why}.`, {
      next: 'Empty the folder db-cache, or let db-mirror point to a server that is whole.',
    });
  }
  services.log.info(
    `Vulnerability database of ${shownDate(state.built)}${state.checksum ? ` (${state.checksum})` : ''}.`,
  );
  return state;
}

async function updateFromServers(options: DatabaseOptions, services: Services): Promise<void> {
  const { mirrors = [], waits = WAITS } = options;
  // That there is no Grype is no server's fault, and waiting does not mend it.
  await services.tools.get('grype');
  const servers = mirrors.length > 0 ? mirrors : [undefined];
  for (let round = 0; ; round += 1) {
    let last: unknown;
    for (const server of servers) {
      try {
        await runGrype('Vulnerability database', ['db', 'update', '-v'], options, services, {
          ...(server ? { GRYPE_DB_UPDATE_URL: `${server.replace(/\/+$/, '')}/v6/latest.json` } : {}),
          GRYPE_DB_REQUIRE_UPDATE_CHECK: 'true',
          GRYPE_DB_MAX_UPDATE_CHECK_FREQUENCY: '0',
        });
        return;
      } catch (error) {
        if (services.signal.aborted) throw error;
        last = error;
        if (servers.length > 1) services.log.notice(`No vulnerability database from ${hostOf(server)}.`);
      }
    }
    const wait = waits[round];
    if (wait === undefined) {
      throw new TidegateError(
        'tool',
        `The vulnerability database could not be updated (${round + 1} attempts). ${messageOf(last)}`,
        {
          next: 'Check that its server is reached, or name one that is with db-mirror; or let the policy accept an older one with database.fallback-max-age.',
          cause: last,
        },
      );
    }
    services.log.notice(
      `The vulnerability database could not be updated; attempt ${round + 2} of ${waits.length + 1} follows in ${Math.ceil(wait / 1000)} s.`,
    );
    await sleep(wait, undefined, { signal: services.signal });
  }
}

/** A file of the user's: a copy is not made, so it is hashed and imported at once. */
async function importArchive(
  cache: string,
  { path, sha256 }: NonNullable<DatabaseOptions['archive']>,
  services: Services,
): Promise<void> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { signal: services.signal })) hash.update(chunk as Buffer);
  } catch (cause) {
    if (services.signal.aborted) throw cause;
    throw new TidegateError('bad-input', `Input db-archive: ${path} cannot be read: ${messageOf(cause)}.`, {
      next: 'Name the archive of a vulnerability database, as its server has it.',
      cause,
    });
  }
  const actual = hash.digest('hex');
  if (actual !== sha256) {
    throw new TidegateError('integrity', `${path} has the sum ${actual} and not ${sha256}.`, {
      next: 'Fetch the archive again, or give db-archive-sha256 the sum that its latest.json names.',
    });
  }
  await runGrype('Vulnerability database', ['db', 'import', path], { cache }, services, {});
}

/** Nothing new is to be had: policy decides whether what is there will do, and the log says what was decided. */
async function standIn(options: DatabaseOptions, error: unknown, services: Services): Promise<DatabaseState> {
  const { fallbackMaxAge } = options;
  if (fallbackMaxAge === undefined || options.archive) throw error;
  const state = await databaseState(options, services);
  const age = state.kind === 'sound' ? services.clock().getTime() - state.built.getTime() : Number.NaN;
  if (state.kind === 'sound' && age >= 0 && age <= fallbackMaxAge) {
    services.log.notice(
      `The vulnerability database could not be updated. That of ${shownDate(state.built)}, ${formatAge(age)} old, stands in: the policy allows ${formatAge(fallbackMaxAge)}.`,
    );
    return state;
  }
  const there = state.kind === 'sound' ? `the one of ${shownDate(state.built)} is ${formatAge(age)} old` : state.why;
  throw new TidegateError(
    'tool',
    `${messageOf(error)} The policy accepts one that is ${formatAge(fallbackMaxAge)} old, and ${there}.`,
    { next: 'Check that its server is reached, or name one that is with db-mirror.', cause: error },
  );
}

async function runGrype(
  title: string,
  argv: readonly string[],
  options: Pick<DatabaseOptions, 'cache'>,
  services: Services,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const grype = await services.tools.get('grype');
  const context = await services.children.create({ set: { ...databaseEnvironment(options), ...env } });
  await services.log.group(title, (log) =>
    services.run(grype.path, [...argv, '--config', context.emptyConfig], {
      context,
      timeout: TIMEOUT,
      signal: services.signal,
      onLine: (line) => log.info(line),
    }),
  );
}

function shownDate(date: Date): string {
  return `${date.toISOString().slice(0, 16)}Z`;
}

function hostOf(server: string | undefined): string {
  return server && URL.canParse(server) ? new URL(server).host : "Grype's own server";
}
