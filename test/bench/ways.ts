/**
 * The same cached commit in three ways, in turn, each with registries that have nothing: by the root action, by the five
 * actions one after the other, and by the root action to two registries. The steps are the shipped bundles, as the runner
 * runs them.
 * Command: `npm run bench -- ways`. Writes test/bench/figures/ways.json.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureDebianPackages, runBundle, serveFolder, toolsFolder, vulnerabilityDatabase } from '@tidegate/testkit';
import { startBuildkitd, startDockerRegistry } from '../support/servers.ts';
import { makeCommit } from './commit.ts';
import { BOOTSTRAP } from './debian.ts';
import { median, pairs, summary, writeFigures } from './figures.ts';

const run = promisify(execFile);
const RUNS = Number(process.env.BENCH_RUNS ?? 5);
const FIVE = ['build-image', 'generate-sbom', 'scan-image', 'sign-image', 'push-image'] as const;
const WAYS = { root: ['ship'], five: FIVE, two: ['ship'] } as const;
type Way = keyof typeof WAYS;
const say = (line: string) => console.error(line);

const folder = await mkdtemp(join(tmpdir(), 'tidegate-bench-'));
const cleanup = new AsyncDisposableStack();
cleanup.defer(() => rm(folder, { recursive: true, force: true }));
try {
  await ensureDebianPackages(['runc', 'docker-registry', ...BOOTSTRAP], { log: say });
  const tools = await toolsFolder({ log: say });
  const database = cleanup.use(await serveFolder((await vulnerabilityDatabase({ log: say })).folder)).url;
  const buildkit = cleanup.use(await startBuildkitd(tools, join(folder, 'buildkit'))).address;
  const commit = await makeCommit(folder, say);
  const head = (await run('git', ['rev-parse', 'HEAD'], { cwd: commit.folder })).stdout.trim();
  await run(join(tools, 'cosign'), ['generate-key-pair', '--output-key-prefix', join(folder, 'bench')], {
    env: { ...process.env, COSIGN_PASSWORD: '' },
  });
  const key = join(folder, 'bench.key');

  const seconds: Record<Way, number[]> = { root: [], five: [], two: [] };
  const each = new Map<string, number[]>();
  for (let turn = 0; turn <= RUNS; turn += 1) {
    for (const way of ['root', 'five', 'two'] as const) {
      const times = await shipped(way);
      const took = Object.values(times).reduce((sum, one) => sum + one, 0);
      // The first turn builds what the others find built.
      if (turn > 0) seconds[way].push(took);
      if (turn > 0 && way === 'five') {
        for (const [action, one] of Object.entries(times)) each.set(action, [...(each.get(action) ?? []), one]);
      }
      const parts = Object.entries(times).map(([action, one]) => `${action} ${one.toFixed(2)}`);
      say(`${turn === 0 ? 'warm-up' : `run ${turn}`}, ${way}: ${took.toFixed(2)} s (${parts.join(', ')})`);
    }
  }
  await writeFigures('ways', {
    command: 'npm run bench -- ways',
    runs: RUNS,
    'the root action': summary(seconds.root),
    'five actions': summary(seconds.five),
    'each of the five, median seconds': Object.fromEntries(
      [...each].map(([action, times]) => [action, Number(median(times).toFixed(3))]),
    ),
    'two registries': summary(seconds.two),
    'five actions to the root action': summary(pairs(seconds.five, seconds.root)),
    'two registries to one': summary(pairs(seconds.two, seconds.root)),
  });

  /** @returns seconds of each step */
  async function shipped(way: Way): Promise<Readonly<Record<string, number>>> {
    await using registries = new AsyncDisposableStack();
    const images: string[] = [];
    for (let at = 0; at < (way === 'two' ? 2 : 1); at += 1) {
      const state = await mkdtemp(join(folder, 'registry-'));
      registries.defer(() => rm(state, { recursive: true, force: true }));
      images.push(`${registries.use(await startDockerRegistry(state)).address}/acme/app`);
    }
    const temp = await mkdtemp(join(folder, 'temp-'));
    registries.defer(() => rm(temp, { recursive: true, force: true }));
    const took: Record<string, number> = {};
    for (const action of WAYS[way]) {
      const result = await runBundle({
        action,
        temp,
        workspace: commit.folder,
        event: { repository: { default_branch: 'main' } },
        eventName: 'push',
        env: {
          BUILDKIT_HOST: buildkit,
          GITHUB_REF: 'refs/tags/v1.0.0',
          GITHUB_SHA: head,
          GITHUB_REPOSITORY: 'acme/app',
          RUNNER_TOOL_CACHE: join(folder, 'tool-cache'),
        },
        inputs: inputsOf(action, images.join('\n')),
      });
      if (result.exitCode !== 0) throw new Error(`${action} failed:\n${result.log.join('\n')}`);
      took[action] = result.milliseconds / 1000;
      if (process.env.BENCH_LOG) say(result.log.join('\n'));
    }
    return took;
  }

  function inputsOf(action: (typeof FIVE)[number] | 'ship', image: string): Record<string, string> {
    const all = { tools, 'db-mirror': database, key, image };
    const has = {
      'build-image': ['tools'],
      'generate-sbom': ['tools'],
      'scan-image': ['tools', 'db-mirror'],
      'sign-image': ['key'],
      'push-image': ['image'],
      ship: ['tools', 'db-mirror', 'key', 'image'],
    } as const satisfies Record<string, readonly (keyof typeof all)[]>;
    return Object.fromEntries(has[action].map((name) => [name, all[name]]));
  }
} finally {
  await cleanup.disposeAsync();
}
