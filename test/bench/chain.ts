/**
 * The whole chain against what a team runs today, on the same commit, registry, BuildKit and machine, in one run:
 *   peers: buildx build --push, syft and grype on the registry's image, cosign sign and attest ×3 with a key
 *   ours:  the shipped root action, which besides signs provenance and verdict, and reads everything back
 * Twice: of a commit that BuildKit has built before, where nothing but the chain itself takes time; and of a new one on a
 * builder that has nothing, as a hosted runner is each time, where a program is compiled.
 * Command: `npm run bench -- chain`. Writes test/bench/figures/chain.json.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureDebianPackages, serveFolder, toolsFolder, vulnerabilityDatabase } from '@tidegate/testkit';
import { startBuildkitd, startDockerRegistry } from '../support/servers.ts';
import { runOurs } from './chain-ours.ts';
import { runPeers } from './chain-peers.ts';
import { type Checkout, changeSources, makeCommit, makeSources } from './commit.ts';
import { median, pairs, summary, writeFigures } from './figures.ts';
import type { OwnTime } from './own-time.ts';
import { recordTools } from './recorded-tools.ts';

const run = promisify(execFile);
const RUNS = Number(process.env.BENCH_RUNS ?? 5);
/** Each compiles twice, and takes ten times as long. */
const NEW_RUNS = Math.min(RUNS, 3);
const say = (line: string) => console.error(line);

interface Measured {
  readonly ours: number[];
  readonly own: OwnTime[];
  readonly peers: Record<string, number>[];
}

const folder = await mkdtemp(join(tmpdir(), 'tidegate-bench-'));
const cleanup = new AsyncDisposableStack();
cleanup.defer(() => rm(folder, { recursive: true, force: true }));
try {
  await ensureDebianPackages(['runc', 'docker-registry', 'debootstrap'], { log: say });
  const tools = await toolsFolder({ log: say });
  const database = cleanup.use(await serveFolder((await vulnerabilityDatabase({ log: say })).folder)).url;
  const recorded = await recordTools(tools, join(folder, 'recorded'));
  const buildkit = cleanup.use(await startBuildkitd(tools, join(folder, 'buildkit'))).address;
  const key = await makeKey();

  const commit = await makeCommit(folder, say);
  const cached: Measured = { ours: [], own: [], peers: [] };
  for (let turn = 0; turn <= RUNS; turn += 1) {
    // The first of them builds what the others find built.
    await measure(`cached, ${turn === 0 ? 'warm-up' : `run ${turn}`}`, turn === 0 ? undefined : cached, async (side) =>
      side(commit, buildkit),
    );
  }

  const sources = await makeSources(folder, (argv) => buildx(argv), say);
  const fresh: Measured = { ours: [], own: [], peers: [] };
  for (let turn = 1; turn <= NEW_RUNS; turn += 1) {
    await changeSources(sources, turn);
    await measure(`new commit, run ${turn}`, fresh, async (side) => {
      const state = await mkdtemp(join(folder, 'empty-'));
      try {
        await using daemon = await startBuildkitd(tools, state);
        return await side(sources, daemon.address);
      } finally {
        await rm(state, { recursive: true, force: true });
      }
    });
  }

  await writeFigures('chain', {
    command: 'npm run bench -- chain',
    runs: RUNS,
    ...figuresOf(cached),
    'a new commit, compiled on a builder that has nothing': { runs: NEW_RUNS, ...figuresOf(fresh) },
  });

  /** Ours and the peers' once, one after the other, each with a registry of its own. */
  async function measure(
    name: string,
    into: Measured | undefined,
    place: <T>(side: (checkout: Checkout, buildkit: string) => Promise<T>) => Promise<T>,
  ): Promise<void> {
    const common = { folder, database, key };
    const one = await place((checkout, builder) =>
      withRegistry((registry) =>
        runOurs({ ...common, tools: recorded.folder, log: recorded.log, checkout, buildkit: builder, registry, say }),
      ),
    );
    const other = await place((checkout, builder) =>
      withRegistry((registry) => runPeers({ ...common, tools, checkout, buildkit: builder, registry })),
    );
    const own = ((all(one.own) / 1000 / one.seconds) * 100).toFixed(1);
    say(
      `${name}: ours ${one.seconds.toFixed(2)} s (${own} % its own), peers ${(other.total ?? Number.NaN).toFixed(2)} s`,
    );
    into?.ours.push(one.seconds);
    into?.own.push(one.own);
    into?.peers.push(other);
  }

  async function withRegistry<T>(work: (host: string) => Promise<T>): Promise<T> {
    const state = await mkdtemp(join(folder, 'registry-'));
    try {
      await using registry = await startDockerRegistry(state);
      return await work(registry.address);
    } finally {
      await rm(state, { recursive: true, force: true });
    }
  }

  async function buildx(argv: readonly string[]): Promise<void> {
    const env = { PATH: process.env.PATH ?? '', HOME: folder, BUILDX_CONFIG: join(folder, 'buildx') };
    const program = join(tools, 'buildx');
    await run(program, ['create', '--use', '--name', 'bench', '--driver', 'remote', buildkit], { env });
    await run(program, [...argv], { env, maxBuffer: 1 << 26 });
  }

  async function makeKey(): Promise<string> {
    await run(join(tools, 'cosign'), ['generate-key-pair', '--output-key-prefix', join(folder, 'bench')], {
      env: { ...process.env, COSIGN_PASSWORD: '' },
    });
    await readFile(join(folder, 'bench.pub'));
    return join(folder, 'bench.key');
  }
} finally {
  await cleanup.disposeAsync();
}

function figuresOf({ ours, own, peers }: Measured) {
  const totals = peers.map((one) => one.total ?? 0);
  const shares = (of: (time: OwnTime) => number) =>
    summary(own.map((time, at) => of(time) / 1000 / (ours[at] ?? Number.NaN)));
  return {
    ours: summary(ours),
    peers: summary(totals),
    ratio: summary(pairs(ours, totals)),
    'peers by step, median seconds': Object.fromEntries(
      Object.keys(peers[0] ?? {}).map((step) => [step, Number(median(peers.map((one) => one[step] ?? 0)).toFixed(3))]),
    ),
    'ours, share of the time in which none of its tools ran': {
      'its main thread at work': shares(({ working }) => working),
      'nothing to do but wait for the registry': shares(({ awaiting }) => awaiting),
      "files, git, other threads, Node's start and end": shares(({ other }) => other),
      sum: shares(all),
    },
    'ours, own time, seconds': summary(own.map((time) => all(time) / 1000)),
  };
}

/** Milliseconds in which none of the action's tools ran. */
function all({ working, awaiting, other }: OwnTime): number {
  return working + awaiting + other;
}
