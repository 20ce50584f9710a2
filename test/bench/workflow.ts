/**
 * The overhead of the reusable workflow: one cached commit by commit-to-registry.yml under act, and by the root action,
 * in turn, each with a repository in the registry that has nothing. Told apart are the artifacts that go from job to job
 * (GitHub's own client, to a service on loopback: the network's time comes on top), `join-layouts`, the work of the other
 * actions, and act. A job of GitHub also waits for a runner, which nothing here measures.
 * Command: `npm run bench -- workflow`, or one cell: `npm run bench -- workflow "2 GB"`. BENCH_RUNS is the number of runs.
 * Writes the cells into test/bench/figures/workflow.json and docs/performance.md.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ensureDebianPackages,
  pushOf,
  runBundle,
  serveFolder,
  toolsFolder,
  vulnerabilityDatabase,
} from '@tidegate/testkit';
import { startBuildkitd, startDockerRegistry } from '../support/servers.ts';
import { expectRun, REPOSITORY, type RealRuns, SIGNING_KEY, startRealRuns } from '../workflow/real-runs.ts';
import { BOOTSTRAP, type DebianSystem, LARGE, SMALL } from './debian.ts';
import { median, pairs, summary, writeCell } from './figures.ts';
import { type Base, contextOf, debianOf } from './images.ts';
import { writeTables } from './tables.ts';
import { type Phases, phasesOf, readSteps } from './workflow/steps.ts';

const CELLS: Readonly<Record<string, { readonly system: DebianSystem; readonly runs: number }>> = {
  '100 MB': { system: SMALL, runs: 3 },
  '2 GB': { system: LARGE, runs: 2 },
};
const JOBS = ['plan', 'build', 'scan', 'publish'];
const say = (line: string) => console.error(line);

interface Turn {
  readonly phases: Phases;
  /** Bytes of all artifacts, in each direction. */
  readonly up: number;
  readonly down: number;
  readonly root: number;
}

const names = process.argv.slice(3);
const unknown = names.filter((name) => !(name in CELLS));
if (unknown.length > 0) throw new Error(`There is no cell ${unknown.join(', ')}: ${Object.keys(CELLS).join('; ')}.`);
const folder = await mkdtemp(join(tmpdir(), 'tidegate-bench-'));
await using cleanup = new AsyncDisposableStack();
cleanup.defer(() => rm(folder, { recursive: true, force: true }));
await ensureDebianPackages(['runc', 'docker-registry', ...BOOTSTRAP], { log: say });
const tools = await toolsFolder({ log: say });
const database = cleanup.use(await serveFolder((await vulnerabilityDatabase({ log: say })).folder)).url;
const buildkit = cleanup.use(await startBuildkitd(tools, join(folder, 'buildkit'))).address;
const notes = join(folder, 'steps');
const importing = `--import=${new URL('workflow/note-times.mjs', import.meta.url).href}`;
const runs = cleanup.use(
  await startRealRuns({ env: { BUILDKIT_HOST: buildkit, BENCH_STEPS: notes, NODE_OPTIONS: importing } }),
);
for (const [name, { system, runs: usual }] of Object.entries(CELLS)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const base = await debianOf(system, say);
  const count = Number(process.env.BENCH_RUNS ?? usual);
  const turns: Turn[] = [];
  // The first turn builds what the others find built.
  for (let at = 0; at <= count; at += 1) {
    const turn = await shipTwice(runs, base, `${system.name}-${at}`);
    const { whole, uploads, downloads, join: joined, act } = turn.phases;
    const times = { whole, uploads, downloads, join: joined, act, root: turn.root };
    const said = Object.entries(times).map(([part, seconds]) => `${part} ${seconds.toFixed(2)} s`);
    say(`${name}, ${at === 0 ? 'warm-up' : `run ${at}`}: ${said.join(', ')}`);
    if (at > 0) turns.push(turn);
  }
  await writeCell('workflow', 'npm run bench -- workflow', name, figuresOf(turns));
  await writeTables();
}

/** By the workflow, and by the root action. */
async function shipTwice(real: RealRuns, base: Base, name: string): Promise<Turn> {
  await using opened = new AsyncDisposableStack();
  const temp = await mkdtemp(join(folder, 'temp-'));
  opened.defer(() => rm(temp, { recursive: true, force: true }));
  const registry = opened.use(await startDockerRegistry(join(temp, 'registry'))).address;
  const lines = [`FROM ${base.name}`, 'COPY app-linux-amd64 /usr/local/bin/app', 'USER 65532'];
  const inputs = { image: `${registry}/acme/app`, 'build-contexts': contextOf(base) };
  const caller = await real.caller(name, {
    files: { Dockerfile: [...lines, 'ENTRYPOINT ["/usr/local/bin/app"]', ''].join('\n') },
    with: inputs,
  });
  await rm(notes, { force: true });
  const started = performance.now();
  const attempt = await real.run(caller, pushOf('refs/heads/main', { repository: REPOSITORY, sha: caller.sha }));
  const whole = (performance.now() - started) / 1000;
  expectRun(attempt, 0, JOBS);
  const moved = (direction: 'up' | 'down') =>
    real.artifacts
      .transfers(attempt.attempt)
      .reduce((sum, one) => sum + (one.direction === direction ? one.bytes : 0), 0);
  const phases = phasesOf(await readSteps(notes), whole);
  if (process.env.BENCH_LOG) say(JSON.stringify(phases, null, 2));

  const result = await runBundle({
    action: 'ship',
    temp: join(temp, 'runner'),
    workspace: caller.folder,
    event: { repository: { default_branch: 'main' } },
    eventName: 'push',
    env: {
      BUILDKIT_HOST: buildkit,
      GITHUB_REF: 'refs/heads/main',
      GITHUB_SHA: caller.sha,
      GITHUB_REPOSITORY: REPOSITORY,
    },
    inputs: { ...inputs, image: `${registry}/acme/root`, tools, 'db-mirror': database, key: SIGNING_KEY },
    timeout: 600_000,
  });
  if (result.exitCode !== 0) throw new Error(`The root action failed:\n${result.log.join('\n')}`);
  return { phases, up: moved('up'), down: moved('down'), root: result.milliseconds / 1000 };
}

function figuresOf(turns: readonly Turn[]): Readonly<Record<string, unknown>> {
  const of = (part: (phases: Phases) => number) => summary(turns.map(({ phases }) => part(phases)));
  const workOf = ({ work }: Phases) => Object.values(work).reduce((sum, one) => sum + one, 0);
  const handOver = ({ uploads, downloads, join: joined }: Phases) => uploads + downloads + joined;
  const roots = turns.map(({ root }) => root);
  const megabytes = (bytes: readonly number[]) => Math.round(median(bytes) / 1e6);
  const steps = Object.keys(turns[0]?.phases.work ?? {});
  return {
    runs: turns.length,
    'the whole run under act': of(({ whole }) => whole),
    'uploads of artifacts': of(({ uploads }) => uploads),
    'uploads of artifacts, MB': megabytes(turns.map(({ up }) => up)),
    'downloads of artifacts': of(({ downloads }) => downloads),
    'downloads of artifacts, MB': megabytes(turns.map(({ down }) => down)),
    'join-layouts': of(({ join: joined }) => joined),
    "the actions' own work": of(workOf),
    "the actions' own work by job and action, median seconds": Object.fromEntries(
      steps.map((step) => [step, Number(median(turns.map(({ phases }) => phases.work[step] ?? 0)).toFixed(3))]),
    ),
    'act: jobs, steps, check-out': of(({ act }) => act),
    'the root action': summary(roots),
    'artifacts and join-layouts to the root action': summary(
      pairs(
        turns.map(({ phases }) => handOver(phases)),
        roots,
      ),
    ),
    "the actions' own work to the root action": summary(
      pairs(
        turns.map(({ phases }) => workOf(phases)),
        roots,
      ),
    ),
  };
}
