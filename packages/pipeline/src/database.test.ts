import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf, hexOf, TidegateError } from '@tidegate/core';
import { childContexts, type RunOptions } from '@tidegate/tools';
import { type DatabaseOptions, updateDatabase } from './database.ts';
import type { Services } from './services.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const HOUR = 3_600_000;
const SUM = `sha256:${'ab'.repeat(32)}`;
let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-database-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Grype {
  /** By server: whether its update works. */
  readonly update?: (server: string | undefined, attempt: number) => boolean;
  /** What `db status` says, by how often it was asked. */
  readonly status?: (asked: number) => { exitCode: number; stdout: string };
}

const sound = (built: Date) => ({
  exitCode: 0,
  stdout: JSON.stringify({ built: built.toISOString(), valid: true, from: `http://x/a?checksum=${SUM}` }),
});
const damaged = { exitCode: 1, stdout: JSON.stringify({ built: '', valid: false, error: 'bad hash' }) };

async function bring({ update = () => true, status = () => sound(NOW) }: Grype, over: Partial<DatabaseOptions> = {}) {
  count += 1;
  const cache = join(folder, `cache-${count}`);
  await mkdir(join(cache, '6'), { recursive: true });
  const calls: string[] = [];
  const notices: string[] = [];
  let [attempts, asked] = [0, 0];
  const log = {
    info: () => {},
    notice: (text: string) => notices.push(text),
    group: (_: string, work: (l: unknown) => unknown) => work(log),
  };
  const services = {
    tools: { get: async () => ({ path: 'grype' }) },
    run: async (_: string, argv: readonly string[], { context: { env } }: RunOptions) => {
      calls.push(argv.slice(0, 2).join(' '));
      if (argv[1] === 'status') {
        expect(env.GRYPE_DB_VALIDATE_BY_HASH_ON_START).toBe('true');
        return { ...status(asked++), stderr: '', milliseconds: 1 };
      }
      if (argv[1] === 'update' && !update(env.GRYPE_DB_UPDATE_URL, attempts++))
        throw new TidegateError('tool', '429 Too Many Requests');
      return { exitCode: 0, stdout: '', stderr: '', milliseconds: 1 };
    },
    log,
    clock: () => NOW,
    signal: new AbortController().signal,
    children: childContexts({ env: {}, folder: join(folder, 'children'), workspace: folder }),
  } as unknown as Services;
  const options = { cache, waits: [0, 0], ...over };
  const outcome = await updateDatabase(options, services).catch((error: unknown) => error as Error);
  return { outcome, calls, notices, cache };
}

describe('from servers', () => {
  test('is held against its sum after the update', async () => {
    const { calls, outcome } = await bring({});
    expect(calls).toEqual(['db update', 'db status']);
    expect(outcome).toEqual({ kind: 'sound', built: NOW, checksum: SUM });
  });

  test.each([
    [1, 'db update db update db status'],
    [2, 'db update db update db update db status'],
  ])('a server that refuses %d times is asked again', async (refusals, expected) => {
    const { calls } = await bring({ update: (_, attempt) => attempt >= refusals });
    expect(calls.join(' ')).toBe(expected);
  });

  test('mirrors are asked in their order, each round', async () => {
    const asked: (string | undefined)[] = [];
    const update = (server: string | undefined) => asked.push(server) > 3;
    await bring({ update }, { mirrors: ['http://a/', 'http://b'] });
    expect(asked).toEqual([1, 2].flatMap(() => ['http://a/v6/latest.json', 'http://b/v6/latest.json']));
  });

  test('one that is damaged in the cache is thrown away and fetched anew', async () => {
    const { calls, cache, notices } = await bring({ status: (asked) => (asked === 0 ? damaged : sound(NOW)) });
    expect(calls).toEqual(['db update', 'db status', 'db update', 'db status']);
    await expect(stat(join(cache, '6'))).rejects.toThrow('ENOENT');
    expect(notices.join()).toContain('damaged (bad hash)');
  });

  test('one that stays damaged is refused', async () => {
    const { outcome } = await bring({ status: () => damaged });
    expect(outcome).toMatchObject({ code: 'integrity', message: expect.stringContaining('bad hash') });
  });
});

describe('where no server answers', () => {
  const dead = () => false;
  test.each<[string, Partial<DatabaseOptions>, () => { exitCode: number; stdout: string }, RegExp | 'stands in']>([
    ['without a policy', {}, () => sound(NOW), /could not be updated \(3 attempts\)\. 429 Too Many Requests$/],
    ['young enough', { fallbackMaxAge: 2 * HOUR }, () => sound(new Date(NOW.getTime() - HOUR)), 'stands in'],
    ['exactly old enough', { fallbackMaxAge: HOUR }, () => sound(new Date(NOW.getTime() - HOUR)), 'stands in'],
    [
      'too old',
      { fallbackMaxAge: HOUR },
      () => sound(new Date(NOW.getTime() - 3 * HOUR)),
      /accepts one that is .* old, and the one of 2026-11-24T09:00Z is .* old/,
    ],
    ['from the future', { fallbackMaxAge: HOUR }, () => sound(new Date(NOW.getTime() + HOUR)), /The policy accepts/],
    ['damaged', { fallbackMaxAge: HOUR }, () => damaged, /bad hash/],
    ['not there', { fallbackMaxAge: HOUR }, () => ({ exitCode: 1, stdout: '' }), /there is none/],
  ])('one that is %s', async (_, options, status, said) => {
    const { outcome, notices } = await bring({ update: dead, status }, options);
    if (said === 'stands in') {
      expect(outcome).toMatchObject({ kind: 'sound' });
      expect(notices.at(-1)).toContain('stands in: the policy allows');
    } else {
      expect(outcome).toMatchObject({ code: 'tool', message: expect.stringMatching(said) });
    }
  });
});

describe('from a file', () => {
  const archive = async () => {
    const path = join(folder, 'archive.tar.gz');
    await writeFile(path, 'a database');
    return { path, sha256: hexOf(digestOf('a database')) };
  };

  test('is imported when its sum is the one that was given, and nobody is asked', async () => {
    expect((await bring({}, { archive: await archive() })).calls).toEqual(['db import', 'db status']);
  });

  test('is refused with another sum, before Grype sees it', async () => {
    const { calls, outcome } = await bring({}, { archive: { ...(await archive()), sha256: 'ab'.repeat(32) } });
    expect(calls).toEqual([]);
    expect(outcome).toMatchObject({ code: 'integrity' });
  });

  test('is refused when it is not there', async () => {
    const missing = { path: join(folder, 'missing'), sha256: 'ab'.repeat(32) };
    expect((await bring({}, { archive: missing, fallbackMaxAge: HOUR })).outcome).toMatchObject({ code: 'bad-input' });
  });
});
