/**
 * The whole chain against what a team runs today, on the same commit, registry, BuildKit and machine, in one run:
 *   peers: buildx build --push, syft and grype on the registry's image, cosign sign and attest ×3 with a key
 *   ours:  the shipped root action, which besides signs provenance and verdict, and reads everything back
 * Command: `npm run bench -- chain`. Writes test/bench/figures/chain.json.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureDebianPackages, runBundle, serveFolder, toolsFolder, vulnerabilityDatabase } from '@tidegate/testkit';
import { startBuildkitd, startDockerRegistry } from '../e2e/support/servers.ts';
import { makeCommit } from './commit.ts';
import { median, pairs, summary, writeFigures } from './figures.ts';
import { type OwnTime, ownTime } from './own-time.ts';
import { recordTools } from './recorded-tools.ts';

const run = promisify(execFile);
/** BENCH_PROFILE=folder: each run of the action leaves a CPU profile there. */
const profiles = process.env.BENCH_PROFILE;
const TIMELINE = new URL('timeline.mjs', import.meta.url).href;
const RUNS = Number(process.env.BENCH_RUNS ?? 5);
const say = (line: string) => console.error(line);

const folder = await mkdtemp(join(tmpdir(), 'tidegate-bench-'));
const cleanup = new AsyncDisposableStack();
cleanup.defer(() => rm(folder, { recursive: true, force: true }));
try {
  await ensureDebianPackages(['runc', 'docker-registry', 'debootstrap'], { log: say });
  const tools = await toolsFolder({ log: say });
  const database = cleanup.use(await serveFolder((await vulnerabilityDatabase({ log: say })).folder));
  const workspace = await makeCommit(folder, say);
  const buildkit = cleanup.use(await startBuildkitd(tools, join(folder, 'buildkit'))).address;
  const key = await makeKey();
  const recorded = await recordTools(tools, join(folder, 'recorded'));

  const ours: number[] = [];
  const own: OwnTime[] = [];
  const peers: Record<string, number>[] = [];
  for (let turn = 0; turn <= RUNS; turn += 1) {
    const one = await withRegistry(turn, (host) => runOurs(host));
    const other = await withRegistry(turn, (host) => runPeers(host));
    say(
      `${turn === 0 ? 'warm-up' : `run ${turn}`}: ours ${one.seconds.toFixed(2)} s, peers ${(other.total ?? 0).toFixed(2)} s`,
    );
    if (turn === 0) continue;
    ours.push(one.seconds);
    own.push(one.own);
    peers.push(other);
  }
  const totals = peers.map((one) => one.total ?? 0);
  await writeFigures('chain', {
    command: 'npm run bench -- chain',
    runs: RUNS,
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
    },
  });

  function shares(of: (time: OwnTime) => number) {
    return summary(own.map((time, at) => of(time) / 1000 / (ours[at] ?? Number.NaN)));
  }

  async function withRegistry<T>(turn: number, work: (host: string) => Promise<T>): Promise<T> {
    await using registry = await startDockerRegistry(join(folder, `registry-${turn}-${Date.now()}`));
    return await work(registry.address);
  }

  async function runOurs(host: string): Promise<{ seconds: number; own: OwnTime }> {
    const temp = await mkdtemp(join(folder, 'temp-'));
    const timeline = join(temp, 'timeline.json');
    await rm(recorded.log, { force: true });
    const started = Date.now();
    const result = await runBundle({
      action: 'ship',
      temp,
      workspace,
      event: { repository: { default_branch: 'main' } },
      eventName: 'push',
      env: {
        BUILDKIT_HOST: buildkit,
        GITHUB_REF: 'refs/tags/v1.0.0',
        GITHUB_SHA: (await run('git', ['rev-parse', 'HEAD'], { cwd: workspace })).stdout.trim(),
        GITHUB_REPOSITORY: 'acme/app',
        RUNNER_TOOL_CACHE: join(folder, 'tool-cache'),
        BENCH_TIMELINE: timeline,
        NODE_OPTIONS: `--import=${TIMELINE}${profiles ? ` --cpu-prof --cpu-prof-dir=${profiles}` : ''}`,
      },
      inputs: {
        image: `${host}/acme/app`,
        tools: recorded.folder,
        'db-mirror': database.url,
        key: key.private,
      },
    });
    const ended = Date.now();
    if (result.exitCode !== 0) throw new Error(`The root action failed:\n${result.log.join('\n')}`);
    if (process.env.BENCH_SPANS) {
      for (const line of (await readFile(recorded.log, 'utf8')).trim().split('\n')) {
        const [from, to, ...what] = line.split(' ');
        say(
          `  ${(Number(from) - started / 1000).toFixed(2)} to ${(Number(to) - started / 1000).toFixed(2)} s: ${what.join(' ')}`,
        );
      }
      say(`  0 to ${((ended - started) / 1000).toFixed(2)} s: all`);
    }
    const own = await ownTime(timeline, recorded.log, started, ended);
    await rm(temp, { recursive: true, force: true });
    return { seconds: result.milliseconds / 1000, own };
  }

  async function runPeers(host: string): Promise<Record<string, number>> {
    const temp = await mkdtemp(join(folder, 'temp-'));
    const image = `${host}/acme/peer`;
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: temp,
      BUILDX_CONFIG: join(folder, 'buildx'),
      SYFT_REGISTRY_INSECURE_USE_HTTP: 'true',
      SYFT_CHECK_FOR_APP_UPDATE: 'false',
      GRYPE_REGISTRY_INSECURE_USE_HTTP: 'true',
      GRYPE_CHECK_FOR_APP_UPDATE: 'false',
      GRYPE_DB_CACHE_DIR: join(folder, 'grype-db'),
      GRYPE_DB_UPDATE_URL: `${database.url}/v6/latest.json`,
      COSIGN_PASSWORD: '',
    };
    const times: Record<string, number> = {};
    const step = async (name: string, program: string, argv: readonly string[]) => {
      const started = performance.now();
      await run(join(tools, program), [...argv], { cwd: workspace, env, maxBuffer: 1 << 28 });
      times[name] = (times[name] ?? 0) + (performance.now() - started) / 1000;
    };
    await run(join(tools, 'buildx'), ['create', '--name', 'peer', '--driver', 'remote', buildkit], { env }).catch(
      () => {},
    );
    const build = ['build', '--builder', 'peer', '--push', '-t', `${image}:1.0.0`, '-t', `${image}:latest`];
    await step('buildx build --push', 'buildx', [...build, '.']);
    const spdx = join(temp, 'spdx.json');
    const cyclonedx = join(temp, 'cyclonedx.json');
    const report = join(temp, 'grype.json');
    await step('syft', 'syft', [
      'scan',
      `registry:${image}:1.0.0`,
      '-q',
      '-o',
      `spdx-json=${spdx}`,
      '-o',
      `cyclonedx-json=${cyclonedx}`,
    ]);
    await step('grype', 'grype', [
      `registry:${image}:1.0.0`,
      '-q',
      '-o',
      'json',
      '--file',
      report,
      '--fail-on',
      'high',
    ]);
    const { headers } = await fetch(`http://${image.replace('/acme', '/v2/acme')}/manifests/1.0.0`, {
      method: 'HEAD',
      headers: { accept: 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json' },
    });
    const reference = `${image}@${headers.get('docker-content-digest')}`;
    const flags = [
      '--key',
      key.private,
      '--tlog-upload=false',
      '--use-signing-config=false',
      '--allow-http-registry',
      '--yes',
    ];
    await step('cosign sign', 'cosign', ['sign', ...flags, reference]);
    for (const [type, file] of [
      ['spdxjson', spdx],
      ['cyclonedx', cyclonedx],
      ['custom', report],
    ] as const) {
      await step('cosign attest ×3', 'cosign', ['attest', ...flags, '--type', type, '--predicate', file, reference]);
    }
    times.total = Object.values(times).reduce((sum, one) => sum + one, 0);
    await rm(temp, { recursive: true, force: true });
    return times;
  }

  async function makeKey(): Promise<{ private: string }> {
    await run(join(tools, 'cosign'), ['generate-key-pair', '--output-key-prefix', join(folder, 'bench')], {
      env: { ...process.env, COSIGN_PASSWORD: '' },
    });
    await readFile(join(folder, 'bench.pub'));
    return { private: join(folder, 'bench.key') };
  }
} finally {
  await cleanup.disposeAsync();
}
