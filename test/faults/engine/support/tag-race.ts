import { setTimeout as wait } from 'node:timers/promises';
import { type Descriptor, type Digest, digestOf, hasKind, MediaType } from '@tidegate/core';
import { contentOfBytes, Registry } from '@tidegate/oci';
import { type RecordedRequest, startRegistry } from '@tidegate/testkit';
import { seeded } from './random.ts';

const REPOSITORY = 'race/app';
const TAG = 'latest';
/** Maximum delay of a request, so that two writers meet in every order. Milliseconds. */
const LONGEST_DELAY = 4;

export interface TagRaces {
  readonly races: number;
  /** Both writers considered the tag free to move, and wrote. */
  readonly bothWrote: number;
  /** One writer learned that the other has, or will have, the tag. */
  readonly reported: number;
  /** Both writers got a success, and none of their reads could have shown otherwise. */
  readonly unseen: number;
  /** Both writers got a success, although one of them read what the other had written. Must be empty. */
  readonly unreported: readonly string[];
  /** The writer whose digest is on the tag got no success. Must be empty. */
  readonly wrongWinner: readonly string[];
  /**
   * Time from the last read before a write until the registry has it, over all writes: other writers cannot see us
   * then. Milliseconds.
   */
  readonly window: { readonly median: number; readonly p95: number };
}

type Moment = { readonly writer: string; readonly what: 'look' | 'write'; readonly at: number };

/** Two writers move the same tag at once, `races` times, each from its previous digest. */
export async function raceForTag(races: number, conditions: boolean): Promise<TagRaces> {
  const random = seeded(races);
  let moments: Moment[] = [];
  const about = ({ url, headers }: RecordedRequest) =>
    url.endsWith(`/manifests/${TAG}`) ? String(headers['user-agent']) : undefined;
  const server = await startRegistry({
    conditions,
    onRequest: async (request) => {
      if (about(request)?.startsWith('writer')) await wait(random() * LONGEST_DELAY);
      return undefined;
    },
    onDone: (request) => {
      const writer = about(request);
      if (!writer?.startsWith('writer') || (request.status ?? 500) >= 400) return;
      moments.push({ writer, what: request.method === 'PUT' ? 'write' : 'look', at: performance.now() });
    },
  });
  const client = (userAgent: string) =>
    new Registry({ registry: server.host, repository: REPOSITORY }, { userAgent, retry: { base: 1 } });
  const writers = [client('writer 1'), client('writer 2')] as const;
  const counts = { bothWrote: 0, reported: 0, unseen: 0 };
  const unreported: string[] = [];
  const wrongWinner: string[] = [];
  const windows: number[] = [];
  try {
    const [before, ...theirs] = await images(writers[0]);
    for (let race = 0; race < races; race += 1) {
      server.setTag(REPOSITORY, TAG, before.descriptor.digest);
      moments = [];
      const told = await Promise.all(
        writers.map((registry, at) => move(registry, theirs[at] as Pushed, before.descriptor.digest)),
      );
      const wrote = writers.filter((_, at) => moments.some((one) => one.what === 'write' && one.writer === name(at)));
      windows.push(...windowsOf(moments));
      if (wrote.length === 2) counts.bothWrote += 1;
      if (told.includes(false)) counts.reported += 1;
      else if (couldSee(moments)) unreported.push(`race ${race}: ${moments.map((m) => `${m.writer} ${m.what}`)}`);
      else counts.unseen += 1;
      const winner = theirs.findIndex(({ descriptor }) => descriptor.digest === server.tags(REPOSITORY).get(TAG));
      if (!told[winner]) wrongWinner.push(`race ${race}: writer ${winner + 1}`);
    }
  } finally {
    for (const registry of writers) registry.close();
    await server.close();
  }
  const sorted = windows.toSorted((a, b) => a - b);
  const quantile = (part: number) => Number((sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(2));
  return { races, ...counts, unreported, wrongWinner, window: { median: quantile(0.5), p95: quantile(0.95) } };
}

const name = (at: number) => `writer ${at + 1}`;

/** @returns whether it was told that the tag is its own */
async function move(registry: Registry, { descriptor, bytes }: Pushed, from: Digest): Promise<boolean> {
  try {
    await registry.moveTag(descriptor, TAG, { from, bytes });
    return true;
  } catch (error) {
    if (hasKind(error, 'conflict')) return false;
    throw error;
  }
}

/** Whether the first writer read after the second had written, or the second before it wrote but after the first. */
function couldSee(moments: readonly Moment[]): boolean {
  const first = moments.findIndex(({ what }) => what === 'write');
  const second = moments.findIndex(({ what }, at) => what === 'write' && at > first);
  if (first < 0 || second < 0) return true; // One did not write, and was told that the tag is its own.
  const looked = (writer: string | undefined, from: number, to: number) =>
    moments.slice(from, to).some((one) => one.what === 'look' && one.writer === writer);
  return (
    looked(moments[first]?.writer, second + 1, moments.length) || looked(moments[second]?.writer, first + 1, second)
  );
}

function windowsOf(moments: readonly Moment[]): readonly number[] {
  return moments.flatMap(({ writer, what, at }, index) => {
    if (what !== 'write') return [];
    const look = moments.slice(0, index).findLast((one) => one.writer === writer && one.what === 'look');
    return look ? [at - look.at] : [];
  });
}

interface Pushed {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
}

async function images(registry: Registry): Promise<[Pushed, Pushed, Pushed]> {
  const put = async (mediaType: string, text: string): Promise<Pushed> => {
    const bytes = Buffer.from(text);
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await registry.push(descriptor, contentOfBytes(bytes));
    return { descriptor, bytes };
  };
  const { descriptor: config } = await put(MediaType.config, '{"os":"linux","architecture":"amd64"}');
  const image = (of: string) =>
    put(
      MediaType.manifest,
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MediaType.manifest,
        config,
        layers: [],
        annotations: { of },
      }),
    );
  return [await image('before'), await image('one'), await image('other')];
}
