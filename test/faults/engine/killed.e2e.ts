/** A push or a pull is killed (SIGKILL) before or after any of its requests, fsyncs and renames. */
import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Digest, MediaType } from '@tidegate/core';
import { blobsOf, type ImageLayout, readManifest } from '@tidegate/oci';
import { node24, type RegistryServer, type RegistryServerOptions, startRegistry } from '@tidegate/testkit';
import { keepFigures } from '../figures.ts';
import { missingBehindAnyTag, missingBehindTags, taken, unfinished } from './support/landed.ts';
import { openedIfAny, pull } from './support/pull.ts';
import { LOGIN, push, pushToEach, REPOSITORY } from './support/push.ts';
import type { PusherSettings } from './support/pusher.ts';
import { type SignedLayout, scratch, signedLayout } from './support/signed-layout.ts';

const PUSHER = fileURLToPath(new URL('support/pusher.ts', import.meta.url));
const AT_ONCE = 3;
/** For all points together, on a machine that does much else. Milliseconds. */
const PATIENCE = 900_000;
/** Extra time of a request to the slower of two destinations. Milliseconds. */
const LATE = 20;
const AUTH = { kind: 'token', ...LOGIN } as const;

const base = scratch('killed');
let layout: SignedLayout;
beforeAll(async () => {
  layout = await signedLayout();
});
afterAll(async () => {
  await layout[Symbol.asyncDispose]();
  await rm(base, { recursive: true, force: true });
});

const killed: Record<string, { points: number; killed: number; wrong: number }> = {};

/** Which of the points: all where it says nothing. Not every other, which would be only what is before, or after. */
type Chosen = (point: number) => boolean;

test.each<[string, RegistryServerOptions, Chosen]>([
  ['with the referrers API', { referrers: true }, () => true],
  ['with a fallback tag', { referrers: false, conditions: false }, (point) => point % 3 === 0],
])(
  'a push %s',
  async (name, options, chosen) => {
    await atPoints(`push ${name}`, chosen, async (dieAt) => {
      await using server = await registry(options);
      const count = await run({ ...layout, work: 'push', hosts: [server.host], dieAt });
      if (dieAt === 0) return { count, wrong: unfinished(server, layout) };
      const wrong = [...missingBehindTags(server, layout)];
      const before = taken(server.requests);
      await push({ host: server.host, ...layout });
      wrong.push(...unfinished(server, layout));
      wrong.push(...sentTwice(server, before));
      return { count, wrong };
    });
  },
  PATIENCE,
);

/** The slow one is behind in everything: whatever the other one has by then, it has no tag. */
test.each<[string, 0 | 1, Chosen]>([
  ['the first is slower', 0, (point) => point % 3 !== 1],
  ['the second is slower', 1, (point) => point % 3 !== 2],
])(
  'a push to two destinations, of which %s',
  async (name, slow, chosen) => {
    /** How many of both had a tag when the push had died. */
    const ends: number[] = [];
    await atPoints(`push to two destinations, ${name}`, chosen, async (dieAt) => {
      const start = (at: 0 | 1) => registry(at === slow ? { onRequest: late } : {});
      await using first = await start(0);
      await using second = await start(1);
      const servers = [first, second] as const;
      const hosts = [first.host, second.host] as const;
      const count = await run({ ...layout, work: 'push', hosts, dieAt });
      if (dieAt === 0) return { count, wrong: servers.flatMap((server) => unfinished(server, layout)) };
      const wrong = [...missingBehindAnyTag(servers, layout)];
      if (count === undefined) ends.push(servers.filter((server) => server.tags(REPOSITORY).size > 0).length);
      await pushToEach(hosts, layout);
      wrong.push(...servers.flatMap((server) => unfinished(server, layout)));
      return { count, wrong };
    });
    // Some died before the first tag, and some between the tags: otherwise this shows little.
    expect(new Set(ends)).toEqual(new Set([0, 1, 2]));
  },
  PATIENCE,
);

test(
  'a pull',
  async () => {
    await using server = await registry({ referrers: true });
    await push({ host: server.host, ...layout });
    await atPoints(
      'pull',
      (point) => point % 3 !== 0,
      async (dieAt) => {
        const folder = join(base, `pulled-${dieAt}`);
        await mkdir(folder, { recursive: true });
        const count = await run({ ...layout, work: 'pull', hosts: [server.host], folder, dieAt });
        const begun = await openedIfAny(folder);
        const wrong = begun ? await halfThere(begun) : [];
        if (dieAt > 0) await pull({ host: server.host, folder, root: layout.root });
        const pulled = await openedIfAny(folder);
        wrong.push(...(pulled ? await halfThere(pulled) : ['no layout']));
        for (const [subject, wanted] of layout.referrers) {
          const found = (await pulled?.referrers(subject))?.map(({ digest }) => digest).toSorted() ?? [];
          if (found.join() !== wanted.join())
            wrong.push(`${subject} has ${found.length} of ${wanted.length} referrers`);
        }
        await rm(folder, { recursive: true, force: true });
        return { count, wrong };
      },
    );
  },
  PATIENCE,
);

test('these were points enough', async () => {
  const points = Object.values(killed).reduce((sum, each) => sum + each.killed, 0);
  await keepFigures('killed', 'faults', { 'killed at so many points': points, ...killed });
  expect(points).toBeGreaterThanOrEqual(200);
});

async function late(): Promise<undefined> {
  await wait(LATE);
  return undefined;
}

/** @param at dies at that point, 0: never. @returns the number of points, where it lived to tell */
async function atPoints(
  what: string,
  chosen: Chosen,
  at: (dieAt: number) => Promise<{ readonly count: number | undefined; readonly wrong: readonly string[] }>,
): Promise<void> {
  const alive = await at(0);
  expect(alive.wrong).toEqual([]);
  const points = alive.count ?? 0;
  expect(points).toBeGreaterThan(20);
  const wrong: string[] = [];
  const count = { points, killed: 0, wrong: 0 };
  killed[what] = count;
  const queue = Array.from({ length: points }, (_point, index) => index + 1).filter(chosen);
  const next = queue.values();
  const worker = async () => {
    for (const dieAt of next) {
      const { count: lived, wrong: found } = await at(dieAt);
      // Side by side requests make a few more or fewer points than the first run had.
      if (lived === undefined) count.killed += 1;
      wrong.push(...found.map((each) => `${what} killed at ${dieAt} of ${points}: ${each}`));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  count.wrong = wrong.length;
  expect(wrong).toEqual([]);
}

/** @returns the number of points, undefined where it was killed */
async function run(settings: PusherSettings): Promise<number | undefined> {
  try {
    const env = { NODE_COMPILE_CACHE: join(base, 'compiled'), NODE_NO_WARNINGS: '1' };
    const { stdout } = await promisify(execFile)(node24(), [PUSHER, JSON.stringify(settings)], { env });
    return Number(stdout);
  } catch (error) {
    if ((error as { signal?: unknown }).signal === 'SIGKILL') return undefined;
    throw error;
  }
}

/** A blob that is complete at the restart is not sent again. */
function sentTwice(server: RegistryServer, before: number): readonly string[] {
  const size = [...layout.blobs.values()].reduce((sum, each) => sum + each, 0);
  const sent = taken(server.requests);
  // The upload that was cut off had its bytes in a session that died with the one who knew of it.
  const lost = server.requests.filter(({ status, received }) => status === undefined && received > 0);
  const allowed = size + lost.reduce((sum, { received }) => sum + received, 0);
  return sent > allowed ? [`${sent} bytes (${before} before) for blobs of ${size}`] : [];
}

/** Whatever a layout lists must be there, down to the last byte. */
async function halfThere(pulled: ImageLayout): Promise<string[]> {
  const wrong: string[] = [];
  const visit = async (digest: Digest, descriptor: Parameters<typeof readManifest>[1]): Promise<void> => {
    try {
      const manifest = await readManifest(pulled, descriptor);
      if (manifest.kind === 'index') for (const child of manifest.manifests) await visit(child.digest, child);
      else for (const blob of blobsOf(manifest)) for await (const _ of await pulled.fetch(blob));
    } catch (error) {
      wrong.push(`lists ${digest}, and ${error}`);
    }
  };
  for (const entry of await pulled.index()) {
    if (entry.mediaType === MediaType.manifest || entry.mediaType === MediaType.index) await visit(entry.digest, entry);
  }
  return wrong;
}

async function registry(options: RegistryServerOptions) {
  const server = await startRegistry({ ...options, auth: AUTH });
  return { ...server, [Symbol.asyncDispose]: () => server.close() };
}
