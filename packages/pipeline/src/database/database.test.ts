import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf, hexOf } from '@tidegate/core';
import { childContexts, type RunOptions } from '@tidegate/tools';
import type { Services } from '../services.ts';
import { type Database, type DatabaseOptions, updateDatabase } from './database.ts';
import type { Reach } from './kept-archive.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const HOUR = 3_600_000;
const FRESH = 'the database of today';
const OLD = 'the database of yesterday';
const OUT_OF_REACH: Reach = async () => 'denied';

let base: string;
let count = 0;
const servers: Server[] = [];
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'tidegate-database-'));
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => rm(base, { recursive: true, force: true }));

interface Offer {
  readonly archive?: string;
  readonly latest?: object | string;
  /** Responds instead of serving the two files. @returns whether it responded */
  readonly instead?: (path: string, response: ServerResponse, attempt: number) => boolean;
}

/** A database server. @returns its base URL, and the requested paths */
async function serverOf({ archive = FRESH, latest = {}, instead = () => false }: Offer = {}) {
  const asked: string[] = [];
  const headers: (string | undefined)[] = [];
  const name = 'vulnerability-db_v6_2026-11-24T01:00:00Z.tar.gz';
  const document = typeof latest === 'string' ? latest : JSON.stringify({ ...latestOf(archive, name), ...latest });
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    headers.push(request.headers.authorization);
    if (instead(path, response, asked.length - 1)) return;
    if (path.endsWith('/v6/latest.json')) response.end(document);
    else if (path.endsWith(`/v6/${name}`)) response.end(archive);
    else response.writeHead(404).end();
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, headers, name };
}

const latestOf = (archive: string, path: string) => ({
  status: 'active',
  schemaVersion: 'v6.1.0',
  built: NOW.toISOString(),
  path,
  checksum: digestOf(archive),
});

const refusing = (status = 429) =>
  serverOf({
    instead: (_, response) => {
      response.writeHead(status).end();
      return true;
    },
  });

interface World extends Partial<DatabaseOptions> {
  /** Result of Grype's `db status`. */
  readonly status?: { readonly exitCode: number; readonly stdout: string };
}

const sound = (built: Date) => ({ exitCode: 0, stdout: JSON.stringify({ built: built.toISOString(), valid: true }) });

async function bring({ status = sound(NOW), ...over }: World) {
  count += 1;
  const place = join(base, `run-${count}`);
  await mkdir(place);
  const imported: string[] = [];
  const settings: Record<string, string>[] = [];
  const notices: string[] = [];
  const log = {
    info: () => {},
    debug: () => {},
    notice: (text: string) => notices.push(text),
    warning: (text: string) => notices.push(text),
    group: (_: string, work: (l: unknown) => unknown) => work(log),
  };
  const services = {
    tools: { get: async () => ({ path: 'grype' }) },
    run: async (_: string, argv: readonly string[], { context: { env } }: RunOptions) => {
      settings.push(env);
      if (argv[1] === 'status') return { ...status, stderr: '', milliseconds: 1 };
      imported.push(await readFile(argv[2] ?? '', 'utf8'));
      return { exitCode: 0, stdout: '', stderr: '', milliseconds: 1 };
    },
    progress: { start: () => ({ advance: () => {}, done: () => {} }) },
    log,
    clock: () => NOW,
    signal: new AbortController().signal,
    temp: place,
    children: childContexts({ env: { PATH: '' }, folder: join(place, 'children'), workspace: place }),
  } as unknown as Services;
  const options = { cache: join(place, 'cache'), mirrors: [], waits: [0, 0], ...over };
  const outcome = await updateDatabase(options, services).catch((error: unknown) => error as Error);
  return { outcome, database: outcome as Database, imported, settings, notices, place, cache: options.cache };
}

/** A cache as left by an earlier run or by an attacker. */
async function cacheWith(archive: string, claim: object = {}): Promise<string> {
  count += 1;
  const cache = join(base, `cache-${count}`);
  await mkdir(join(cache, 'v6'), { recursive: true });
  const path = `${hexOf(digestOf(archive))}.tar.gz`;
  await writeFile(join(cache, 'v6', path), archive);
  await writeFile(join(cache, 'v6/latest.json'), JSON.stringify({ ...latestOf(archive, path), ...claim }));
  return cache;
}

describe('from a server', () => {
  test('the archive is held against the checksum that the server named, and imported into a folder of this run', async () => {
    const server = await serverOf();
    const { database, imported, settings, place } = await bring({ mirrors: [server.url] });
    expect(database).toMatchObject({ built: NOW, checksum: digestOf(FRESH), source: server.url });
    expect(imported).toEqual([FRESH]);
    expect(database.folder.startsWith(place)).toBe(true);
    for (const env of settings) {
      expect(env).toMatchObject({
        GRYPE_DB_CACHE_DIR: database.folder,
        GRYPE_DB_AUTO_UPDATE: 'false',
        GRYPE_DB_UPDATE_URL: 'https://database.invalid',
      });
    }
  });

  test('an archive that does not match is rejected after every retry', async () => {
    const server = await serverOf({ latest: { checksum: digestOf('another archive') } });
    const { outcome, imported, place } = await bring({ mirrors: [server.url] });
    expect(outcome).toMatchObject({
      id: 'database-untrusted',
      message: expect.stringContaining(digestOf('another archive')),
    });
    expect(imported).toEqual([]);
    expect((await readdir(place, { recursive: true })).filter((file) => file.includes('archive'))).toEqual([]);
  });

  test('an archive that is kept is not downloaded again, if it matches what the server names now', async () => {
    const server = await serverOf();
    const first = await bring({ mirrors: [server.url] });
    const second = await bring({ mirrors: [server.url], cache: first.cache });
    expect(second.imported).toEqual([FRESH]);
    expect(server.asked.filter((path) => path.endsWith('.json'))).toHaveLength(2);
    expect(server.asked.filter((path) => path.endsWith('.gz'))).toHaveLength(1);
  });

  test.each([
    ['where nothing can be made', '/proc/none'],
    ['a file', import.meta.filename],
  ])('a cache that is %s costs a notice, not the database', async (_, cache) => {
    const { imported, notices } = await bring({ mirrors: [(await serverOf()).url], cache });
    expect(imported).toEqual([FRESH]);
    expect(notices).toEqual([expect.stringMatching(/could not be saved in .*, so later jobs download it again: /)]);
  });

  test('only the newest archive is kept', async () => {
    const cache = await cacheWith(OLD);
    const server = await serverOf();
    await bring({ mirrors: [server.url], cache });
    expect((await readdir(join(cache, 'v6'))).toSorted()).toEqual([
      ...[`${hexOf(digestOf(FRESH))}.tar.gz`, 'latest.json'].toSorted(),
    ]);
  });

  test.each([
    ['an older archive', OLD, {}],
    ['another archive under the checksum that the server names', 'an empty database', { checksum: digestOf(FRESH) }],
    ['a path that leads out of the cache', OLD, { path: '../../archive', checksum: digestOf(FRESH) }],
    ['another date and server', OLD, { built: '2099-01-01T00:00:00Z', path: 'https://evil.example/x' }],
  ])('%s in the cache decides nothing', async (_, archive, claim) => {
    const server = await serverOf();
    const { database, imported } = await bring({ mirrors: [server.url], cache: await cacheWith(archive, claim) });
    expect(imported).toEqual([FRESH]);
    expect(database).toMatchObject({ checksum: digestOf(FRESH), source: server.url });
  });

  test.each([1, 2])('a server that fails %d times is retried', async (refusals) => {
    const server = await serverOf({
      instead: (_, response, attempt) => {
        if (attempt < refusals) response.writeHead(429).end();
        return attempt < refusals;
      },
    });
    const { database } = await bring({ mirrors: [server.url] });
    expect(database.source).toBe(server.url);
    expect(server.asked).toHaveLength(refusals + 2);
  });

  test('mirrors are tried in their order, each round', async () => {
    const [a, b] = [await refusing(), await refusing(503)];
    const { outcome } = await bring({ mirrors: [`${a.url}/`, b.url] });
    expect(outcome).toMatchObject({
      kind: 'tool',
      message: expect.stringMatching(/\(3 attempts\).*responded with 503/),
    });
    expect([a.asked.length, b.asked.length]).toEqual([3, 3]);
  });

  test('the date is the one that the database itself has, not the one that the server claims', async () => {
    const server = await serverOf({ latest: { built: '2099-01-01T00:00:00Z' } });
    const { database } = await bring({ mirrors: [server.url], status: sound(new Date(NOW.getTime() - HOUR)) });
    expect(database.built).toEqual(new Date(NOW.getTime() - HOUR));
  });

  test('user and password go to the server and to no host that it redirects to, and are shown nowhere', async () => {
    const other = await serverOf();
    const server = await serverOf({
      instead: (path, response) => {
        response.writeHead(302, { location: `${other.url}${path}` }).end();
        return true;
      },
    });
    const withUser = server.url.replace('//', '//me:s3cret@');
    const { database } = await bring({ mirrors: [withUser] });
    expect(server.headers.every((header) => header === `Basic ${Buffer.from('me:s3cret').toString('base64')}`)).toBe(
      true,
    );
    expect(other.headers).toEqual([undefined, undefined]);
    expect(database.source).toBe(server.url);
  });

  test.each<[string, Offer, string]>([
    ['is not JSON', { latest: '<html>' }, 'is not JSON'],
    ['is an empty object', { latest: '{}' }, 'does not describe a database'],
    ['is of another schema', { latest: { schemaVersion: 'v5.0.0' } }, 'schema "v5.0.0", expected 6'],
    ['names a file elsewhere', { latest: { path: '../x.tar.gz' } }, 'outside its folder'],
    ['names another server', { latest: { path: 'https://evil.example/x' } }, 'outside its folder'],
    ['names no sha256', { latest: { checksum: 'md5:00' } }, 'not a sha256 digest'],
    ['is endless', { latest: ' '.repeat(1024 * 1024 + 1) }, 'larger than 1048576 bytes'],
    [
      'is a redirect without end',
      { instead: (path, response) => Boolean(response.writeHead(302, { location: path }).end()) },
      'redirects more than 5 times',
    ],
    [
      'is a redirect to a file',
      { instead: (_, response) => Boolean(response.writeHead(302, { location: 'file:///etc/passwd' }).end()) },
      'not https',
    ],
  ])('a latest.json that %s is refused', async (_, offer, why) => {
    const server = await serverOf(offer);
    const { outcome, imported } = await bring({ mirrors: [server.url] });
    expect(String(outcome)).toContain(why);
    expect(imported).toEqual([]);
  });

  test.each([
    ['is damaged', { exitCode: 1, stdout: JSON.stringify({ valid: false, error: 'bad hash' }) }, 'bad hash'],
    ['cannot be read', { exitCode: 1, stdout: '' }, 'Grype cannot read it'],
    ['has no date', { exitCode: 0, stdout: JSON.stringify({ valid: true, built: 'today' }) }, 'no build date'],
    ['is called valid and fails', { exitCode: 1, stdout: JSON.stringify({ valid: true }) }, 'exited with 1'],
    ['is not called valid', { exitCode: 0, stdout: '{}' }, 'did not report a valid database'],
  ])('a database that Grype imported and that then %s is refused', async (_, status, why) => {
    const server = await serverOf();
    expect(String((await bring({ mirrors: [server.url], status })).outcome)).toContain(why);
  });
});

describe('where no server answers', () => {
  const young = sound(new Date(NOW.getTime() - HOUR));
  const standIn = async (over: World) => bring({ mirrors: [(await refusing()).url], ...over });

  test('without a policy that allows it, there is no fallback', async () => {
    const { outcome, imported } = await standIn({ cache: await cacheWith(OLD), reach: OUT_OF_REACH });
    expect(outcome).toMatchObject({ kind: 'tool', message: expect.stringContaining('responded with 429') });
    expect(imported).toEqual([]);
  });

  test('a database that no job can write is the fallback, and is named so', async () => {
    const world = { cache: await cacheWith(OLD), reach: OUT_OF_REACH, fallbackMaxAge: 2 * HOUR, status: young };
    const { database, imported, notices } = await standIn(world);
    expect(imported).toEqual([OLD]);
    expect(database).toMatchObject({ source: 'db-cache', checksum: digestOf(OLD) });
    expect(notices.at(-1)).toContain('is used instead: the policy allows');
  });

  test('one that this job could have written decides nothing', async () => {
    const { outcome, imported } = await standIn({
      cache: await cacheWith(OLD),
      fallbackMaxAge: 2 * HOUR,
      status: young,
    });
    expect(outcome).toMatchObject({ kind: 'tool', message: expect.stringContaining('could have written') });
    expect(imported).toEqual([]);
  });

  test.each<[string, Date, boolean]>([
    ['exactly old enough', new Date(NOW.getTime() - HOUR), true],
    ['a millisecond too old', new Date(NOW.getTime() - HOUR - 1), false],
    ['of the future', new Date(NOW.getTime() + HOUR), false],
  ])('one that is %s: %s', async (_, built, passes) => {
    const world = { cache: await cacheWith(OLD), reach: OUT_OF_REACH, fallbackMaxAge: HOUR, status: sound(built) };
    const { outcome } = await standIn(world);
    if (passes) expect(outcome).toMatchObject({ source: 'db-cache' });
    else expect(outcome).toMatchObject({ kind: 'tool', message: expect.stringContaining('The policy accepts') });
  });

  test.each([
    ['there is none', async () => join(base, 'none'), 'contains none'],
    ['it does not match', async () => cacheWith(OLD, { checksum: digestOf('x') }), 'does not match its checksum'],
  ])('%s: said so', async (_, cache, why) => {
    const { outcome } = await standIn({ cache: await cache(), reach: OUT_OF_REACH, fallbackMaxAge: HOUR });
    expect(String(outcome)).toContain(why);
  });
});

describe('from a file', () => {
  const archive = async () => {
    const path = join(base, 'archive.tar.gz');
    await writeFile(path, FRESH);
    return { path, sha256: hexOf(digestOf(FRESH)) };
  };

  test('it is imported when its checksum matches the input, and no server is contacted', async () => {
    const server = await serverOf();
    const { database, imported } = await bring({ mirrors: [server.url], archive: await archive() });
    expect([imported, server.asked, database.source]).toEqual([[FRESH], [], 'db-archive']);
  });

  test('it is refused with another checksum, before Grype sees it', async () => {
    const { imported, outcome } = await bring({ archive: { ...(await archive()), sha256: 'ab'.repeat(32) } });
    expect([imported, outcome]).toEqual([[], expect.objectContaining({ id: 'database-checksum-wrong' })]);
  });

  test('it is refused when it is not there', async () => {
    const missing = { path: join(base, 'missing'), sha256: 'ab'.repeat(32) };
    expect((await bring({ archive: missing, fallbackMaxAge: HOUR })).outcome).toMatchObject({
      id: 'database-file-unreadable',
      message: `Input db-archive: cannot read ${missing.path}: it does not exist.`,
    });
  });
});
