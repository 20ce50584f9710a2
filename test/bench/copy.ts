/**
 * Pushes and pulls by Tidegate's engine, crane and oras: same layouts, registries and machine, in turn, each in a
 * process of its own and against a registry that has just been started. Seconds are of the copy alone: from a peer's
 * time that of its `version` command is taken off, ours says itself how long the copy took. Beside the seconds stands
 * the CPU time of client and registry: together they have to fit on the machine's cores, which is what holds a cell.
 * On loopback «bare» takes part as well: what Node alone needs for the same bytes (copy-bare), which no engine on it can
 * undercut by much. Both run as bundles, as an action does.
 * Command: `npm run bench -- copy [cells]`, cells by a part of their name. Writes test/bench/figures/copy.json: those
 * cells, each with the time when it was measured; others keep what they had. Where bare Node is far from its other
 * figures, the machine was busy with something else, and the cell is to be measured again.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { devTools, ensureDebianPackages, node24, startSlowLink } from '@tidegate/testkit';
import { type Server, startDockerRegistry, startOlareg } from '../support/servers.ts';
import { BOTH, CELLS, type Cell, isLoopback, type Peer } from './copy-cells.ts';
import { writeImage } from './copy-images.ts';
import { median, pairs, readFigures, summary, writeFigures } from './figures.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RUNS = Number(process.env.BENCH_RUNS ?? 3);
/** BENCH_PROFILE=folder: each of our copies leaves a CPU profile there. */
const profiles = process.env.BENCH_PROFILE;
const asked = process.argv.slice(3);
const say = (line: string) => console.error(line);
const HASHED = 512 * 1024 * 1024;

type Who = 'ours' | 'bare' | Peer;
interface Once {
  readonly seconds: number;
  readonly cpu: number;
  readonly rss: number;
  /** CPU seconds of the registry meanwhile. */
  readonly registry?: number;
}

const folder = await mkdtemp(join(tmpdir(), 'tidegate-bench-'));
// The registry's disk is memory where the machine has that: its waiting is nobody's merit.
const storage = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tidegate-bench-'));
try {
  await ensureDebianPackages(['docker-registry'], { log: say });
  const tools = await devTools(['crane', 'oras', 'olareg'], { log: say });
  const node = await node24();
  const bundles = join(folder, 'bundles');
  const script = join(ROOT, 'packages/tooling/src/bundle-worker.ts');
  const entries = ['copy-ours', 'copy-bare'].flatMap((name) => [name, join(ROOT, 'test/bench', name, 'main.ts')]);
  await run(node, ['--no-warnings', script, bundles, ...entries], { cwd: ROOT });
  const env = { PATH: process.env.PATH ?? '', HOME: folder };
  const timed = async (argv: readonly [string, ...string[]]): Promise<{ seconds: number; stdout: string }> => {
    const started = performance.now();
    const { stdout } = await run(argv[0], argv.slice(1), { env, maxBuffer: 1 << 26 });
    return { seconds: (performance.now() - started) / 1000, stdout };
  };
  const starts: Record<Peer, number> = { crane: 0, oras: 0 };
  for (const peer of BOTH) {
    const times: number[] = [];
    const version = ['sh', '-c', '"$@" && times', 'sh', tools[peer], 'version'] as const;
    for (let turn = 0; turn < 5; turn += 1) times.push((await timed(version)).seconds);
    starts[peer] = median(times);
  }

  const began = process.cpuUsage();
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(256 * 1024);
  for (let at = 0; at < HASHED; at += chunk.length) hash.update(chunk);
  hash.digest();
  const hashSeconds = process.cpuUsage(began).user / 1e6;

  const before = (await readFigures('copy'))?.cells as Readonly<Record<string, unknown>> | undefined;
  const cells: Record<string, unknown> = {};
  for (const cell of CELLS) {
    if (asked.length > 0 && !asked.some((part) => cell.name.includes(part))) {
      if (before?.[cell.name]) cells[cell.name] = before[cell.name];
      continue;
    }
    cells[cell.name] = { measured: new Date().toISOString(), runs: runsOf(cell), ...(await measure(cell)) };
    say(`${cell.name}: ${JSON.stringify(cells[cell.name])}`);
  }
  await writeFigures('copy', {
    command: 'npm run bench -- copy',
    'start of a process, taken off, seconds': starts,
    "load of the machine at the end (others' work is in the times of both sides)": Number(
      (loadavg()[0] ?? 0).toFixed(1),
    ),
    cells,
  });

  async function measure(cell: Cell): Promise<object> {
    const layout = join(folder, cell.shape.name.replaceAll(' ', '-'));
    if (!existsSync(layout)) await writeImage(layout, cell.shape);
    const bytes = cell.shape.layers * cell.shape.mebibytes * 1024 * 1024;
    const ours: Once[] = [];
    const theirs: Record<string, Once[]> = {};
    const bare: Once[] = [];
    for (let turn = 0; turn < runsOf(cell); turn += 1) {
      // The order changes, so that other work of the machine does not always meet the same side.
      const floor = isLoopback(cell) ? (['bare'] as const) : [];
      const all = ['ours', ...cell.peers, ...floor] as const;
      const order = turn % 2 === 0 ? all : all.toReversed();
      for (const who of order) {
        const time = await withRegistry(cell, (host, cpu) => copyOnce(who, cell, layout, host, cpu));
        if (who === 'ours') ours.push(time);
        else if (who === 'bare') bare.push(time);
        else theirs[who] = [...(theirs[who] ?? []), time];
      }
    }
    const seconds = ours.map((time) => time.seconds);
    const rss = Math.round(Math.max(...ours.map((time) => time.rss)));
    const toFaster = (times: readonly Once[]) =>
      pairs(
        times.map((time) => time.seconds),
        times.map((_, at) => Math.min(...Object.values(theirs).map((peer) => peer[at]?.seconds ?? Number.NaN))),
      );
    const ratios = cell.peers.length ? toFaster(ours) : [];
    const found =
      cell.measure === 'ratio'
        ? median(ratios)
        : cell.measure === 'memory'
          ? rss
          : median(seconds) / (bytes / (cell.bytesPerSecond ?? Number.POSITIVE_INFINITY));
    return {
      measure: cell.measure,
      target: cell.target,
      found: Number(found.toFixed(3)),
      met: found <= cell.target,
      ...(ratios.length ? { 'ratio to the faster peer, run by run': summary(ratios) } : {}),
      ...(bare.length ? { 'the same ratio of bare Node': Number(median(toFaster(bare)).toFixed(3)) } : {}),
      'ours, seconds': summary(seconds),
      ...Object.fromEntries(
        Object.entries({ ...theirs, ...(bare.length ? { bare } : {}) }).map(([who, times]) => [
          `${who}, seconds`,
          summary(times.map((time) => time.seconds)),
        ]),
      ),
      'CPU seconds': {
        ...Object.fromEntries(
          Object.entries({ ours, ...theirs, ...(bare.length ? { bare } : {}) }).map(([who, times]) => [
            who,
            cpuOf(times),
          ]),
        ),
        'hashing so many bytes': Number((hashSeconds * (bytes / HASHED)).toFixed(2)),
      },
      'ours, peak MiB': rss,
    };
  }

  function runsOf({ measure }: Cell): number {
    return measure === 'ratio' ? RUNS : 1;
  }

  function cpuOf(times: readonly Once[]): { readonly client: number; readonly registry: number } {
    const of = (part: 'cpu' | 'registry') => Number(median(times.map((time) => time[part] ?? 0)).toFixed(2));
    return { client: of('cpu'), registry: of('registry') };
  }

  async function copyOnce(who: Who, cell: Cell, layout: string, host: string, cpu: () => number): Promise<Once> {
    const measured = async (argv: readonly [string, ...string[]]): Promise<Once> => {
      const before = cpu();
      const once = await timeOf(who, argv);
      return { ...once, registry: cpu() - before };
    };
    const image = `${host}/acme/app`;
    const place = join(storage, 'pulled');
    await rm(place, { recursive: true, force: true });
    const push = commandOf(who, 'push', layout, image);
    if (cell.direction === 'push') return measured(push);
    // Bare sends no manifest.
    await timed(who === 'bare' ? commandOf('ours', 'push', layout, image) : push);
    if (cell.direction === 're-push') return measured(push);
    const once = await measured(commandOf(who, 'pull', place, image));
    await rm(place, { recursive: true, force: true });
    return once;
  }

  async function timeOf(who: Who, argv: readonly [string, ...string[]]): Promise<Once> {
    // `times` says what the shell's children took.
    const watched = who === 'ours' || who === 'bare' ? argv : (['sh', '-c', '"$@" && times', 'sh', ...argv] as const);
    const { seconds, stdout } = await timed(watched);
    if (who === 'crane' || who === 'oras') {
      const cpu = [...(stdout.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
      const sum = cpu.reduce((total, [, minutes, rest]) => total + Number(minutes) * 60 + Number(rest), 0);
      return { seconds: Math.max(0.001, seconds - starts[who]), cpu: sum, rss: 0 };
    }
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Once;
  }

  function commandOf(
    who: Who,
    direction: 'push' | 'pull',
    layout: string,
    image: string,
  ): readonly [string, ...string[]] {
    if (who === 'crane') {
      return direction === 'push'
        ? [tools.crane, 'push', '--insecure', layout, `${image}:v1`]
        : [tools.crane, 'pull', '--insecure', '--format=oci', `${image}:v1`, layout];
    }
    if (who === 'oras') {
      return direction === 'push'
        ? [tools.oras, 'cp', '--no-tty', '--from-oci-layout', `${layout}:v1`, '--to-plain-http', `${image}:v1`]
        : [tools.oras, 'cp', '--no-tty', '--from-plain-http', `${image}:v1`, '--to-oci-layout', `${layout}:v1`];
    }
    // Names in a profile are worth more than the bundle's start.
    const script = profiles ? join(ROOT, `test/bench/copy-${who}/main.ts`) : join(bundles, `copy-${who}`, 'index.js');
    const profile = profiles ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`] : [];
    const ends = direction === 'push' ? [layout, image] : [image, layout];
    return [node, '--no-warnings', ...profile, script, direction, ...ends];
  }

  async function withRegistry<T>(cell: Cell, work: (host: string, cpu: () => number) => Promise<T>): Promise<T> {
    const place = await mkdtemp(join(storage, 'registry-'));
    await mkdir(place, { recursive: true });
    try {
      await using server: Server =
        cell.registry === 'olareg' ? await startOlareg(tools.olareg) : await startDockerRegistry(place);
      const { roundTrip, bytesPerSecond } = cell;
      const cpu = () => cpuSeconds(server.pid);
      if (roundTrip === undefined) return await work(server.address, cpu);
      const narrow = bytesPerSecond === undefined ? {} : { bytesPerSecond };
      await using link = await startSlowLink({ target: server.address, roundTrip, ...narrow });
      return await work(link.host, cpu);
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
  await rm(storage, { recursive: true, force: true });
}

/** proc_pid_stat(5), fields 14 and 15, in hundredths of a second. */
function cpuSeconds(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
