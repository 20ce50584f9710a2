import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startBuildkitd, startDockerRegistry } from '../../support/servers.ts';
import type { Checkout } from '../commit.ts';
import type { Cell } from './cells.ts';
import { type ImageFacts, imageFacts } from './image-facts.ts';
import { type OursResult, runOurs } from './ours.ts';
import { type ChainRun, type Peers, runPeers, type StepTimes } from './peers.ts';
import type { Recorded } from './recorded-tools.ts';

export interface World {
  readonly tools: string;
  /** The same tools, which note their times. */
  readonly recorded: Recorded;
  /** URL of the vulnerability database's folder. */
  readonly database: string;
  readonly key: string;
  readonly say: (line: string) => void;
}

export interface Measured {
  readonly image: ImageFacts;
  readonly ours: readonly OursResult[];
  readonly peers: ReadonlyMap<Peers, readonly StepTimes[]>;
}

type Side = 'ours' | Peers;

/** Ours and the peers in turn, each with a registry of its own, so that they meet the same machine. */
export async function runCell(
  name: string,
  cell: Cell,
  checkout: Checkout,
  folder: string,
  world: World,
): Promise<Measured> {
  const { tools, recorded, database, key, say } = world;
  await using opened = new AsyncDisposableStack();
  const runs = Number(process.env.BENCH_RUNS ?? cell.runs);
  const ours: OursResult[] = [];
  const peers = new Map<Peers, StepTimes[]>(cell.peers.map((side) => [side, []]));
  const kept = cell.state === 'fresh' ? undefined : await buildkitIn(opened);
  const registries = new Map<Side, string>();
  let image: ImageFacts | undefined;

  for (let turn = cell.state === 'fresh' ? 1 : 0; turn <= runs; turn += 1) {
    await cell.change?.(checkout, turn);
    const first = await onGround('ours', async (given) => {
      const result = await runOurs({ ...given, tools: recorded.folder, log: recorded.log, say });
      image ??= await imageFacts(given.registry, 'acme/app');
      return result;
    });
    const own = ((first.ownSeconds / first.seconds) * 100).toFixed(1);
    const said = [`ours ${first.seconds.toFixed(2)} s (${own} % its own, Syft ran ${first.catalogs}×)`];
    if (turn > 0) ours.push(first);
    for (const [side, times] of peers) {
      // The first turn makes what the others find: images in BuildKit, and in the registry where it is kept.
      if (turn === 0 && cell.state === 'cached' && side !== 'sbom') continue;
      const one = await onGround(side, (given) => runPeers({ ...given, tools }, side));
      said.push(`${PEERS[side]} ${(one.total ?? Number.NaN).toFixed(2)} s`);
      if (turn > 0) times.push(one);
    }
    say(`${name}, ${turn === 0 ? 'warm-up' : `run ${turn}`}: ${said.join(', ')}`);
  }
  if (!image) throw new Error(`${name} did not run.`);
  return { image, ours, peers };

  async function onGround<T>(side: Side, work: (given: Omit<ChainRun, 'tools'>) => Promise<T>): Promise<T> {
    await using ground = new AsyncDisposableStack();
    const registry = cell.state === 'unchanged' ? await keptRegistry(side) : await registryIn(ground);
    return await work({ folder, checkout, buildkit: kept ?? (await buildkitIn(ground)), registry, database, key });
  }

  async function keptRegistry(side: Side): Promise<string> {
    const registry = registries.get(side) ?? (await registryIn(opened));
    registries.set(side, registry);
    return registry;
  }

  async function registryIn(stack: AsyncDisposableStack): Promise<string> {
    const state = await emptyFolder('registry-', stack);
    return stack.use(await startDockerRegistry(state)).address;
  }

  async function buildkitIn(stack: AsyncDisposableStack): Promise<string> {
    const state = await emptyFolder('buildkit-', stack);
    return stack.use(await startBuildkitd(tools, state)).address;
  }

  async function emptyFolder(prefix: string, stack: AsyncDisposableStack): Promise<string> {
    const state = await mkdtemp(join(folder, prefix));
    stack.defer(() => rm(state, { recursive: true, force: true }));
    return state;
  }
}

/** Names in the figures. */
export const PEERS: Readonly<Record<Peers, string>> = {
  image: 'peers',
  sbom: 'smart peers',
  runner: "smart peers, the runner's platform only",
};
