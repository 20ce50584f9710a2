/**
 * SBOM and scan of one image layout, with one vulnerability database, in one run:
 *   peers: `syft` and then `grype`, each on the image
 *   ours:  the stages as the root action runs them, and the actions generate-sbom and scan-image as shipped, which
 *          besides read the layers for secrets, judge, and write reports
 * Command: `npm run bench -- scan`. Writes test/bench/figures/scan.json.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ensureDebianPackages, runBundle, serveFolder, toolsFolder, vulnerabilityDatabase } from '@tidegate/testkit';
import { startBuildkitd } from '../support/servers.ts';
import { makeCommit } from './commit.ts';
import { BOOTSTRAP } from './debian.ts';
import { median, pairs, summary, writeFigures } from './figures.ts';

const run = promisify(execFile);
const RUNS = Number(process.env.BENCH_RUNS ?? 7);
const say = (line: string) => console.error(line);

const folder = await mkdtemp(join(tmpdir(), 'tidegate-bench-scan-'));
const cleanup = new AsyncDisposableStack();
cleanup.defer(() => rm(folder, { recursive: true, force: true }));
try {
  await ensureDebianPackages(['runc', ...BOOTSTRAP], { log: say });
  const tools = await toolsFolder({ log: say });
  const database = cleanup.use(await serveFolder((await vulnerabilityDatabase({ log: say })).folder));
  const image = await buildLayout();

  const [stages, actions, syft, grype]: [number[], number[], number[], number[]] = [[], [], [], []];
  // Turn about, so that all meet the same machine; the first turn warms the file cache and does not count.
  for (let turn = 0; turn <= RUNS; turn += 1) {
    const one = await withCopy(runStages);
    const two = await withCopy(runActions);
    const theirs = await runPeers();
    const times = [one, two, theirs.syft, theirs.grype].map((time) => time.toFixed(2));
    say(
      `${turn === 0 ? 'warm-up' : `run ${turn}`}: stages ${times[0]} s, actions ${times[1]} s, syft ${times[2]} s, grype ${times[3]} s`,
    );
    if (turn === 0) continue;
    stages.push(one);
    actions.push(two);
    syft.push(theirs.syft);
    grype.push(theirs.grype);
  }
  const peers = syft.map((time, at) => time + (grype[at] ?? 0));
  await writeFigures('scan', {
    command: 'npm run bench -- scan',
    runs: RUNS,
    'ours, stages as in the root action, seconds': summary(stages),
    'ours, two actions as shipped, seconds': summary(actions),
    'syft on the image, median seconds': Number(median(syft).toFixed(3)),
    'grype on the image, median seconds': Number(median(grype).toFixed(3)),
    'peers together, seconds': summary(peers),
    'ratio, stages': summary(pairs(stages, peers)),
    'ratio, actions': summary(pairs(actions, peers)),
  });

  async function buildLayout(): Promise<string> {
    const { folder: workspace } = await makeCommit(folder, say);
    await using buildkit = await startBuildkitd(tools, join(folder, 'buildkit'));
    const layout = join(folder, 'layout');
    await succeed(
      'build-image',
      { layout, tools },
      join(folder, 'temp'),
      { BUILDKIT_HOST: buildkit.address },
      workspace,
    );
    return layout;
  }

  async function succeed(
    action: string,
    inputs: Readonly<Record<string, string>>,
    temp: string,
    env: Readonly<Record<string, string>>,
    workspace = folder,
  ): Promise<number> {
    const event = { repository: { default_branch: 'main' } };
    const { exitCode, log, milliseconds } = await runBundle({ action, temp, workspace, inputs, env, event });
    if (exitCode !== 0) throw new Error(`${action} failed:\n${log.join('\n')}`);
    return milliseconds / 1000;
  }

  /** Both leave evidence in the layout: each turn has a fresh one. */
  async function withCopy(work: (layout: string) => Promise<number>): Promise<number> {
    const place = await mkdtemp(join(folder, 'turn-'));
    try {
      await cp(image, join(place, 'layout'), { recursive: true });
      return await work(join(place, 'layout'));
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  }

  /** In a process of their own; the time is that of the stages, without the start of Node. */
  async function runStages(layout: string): Promise<number> {
    const script = fileURLToPath(new URL('scan-stages.ts', import.meta.url));
    const { stdout } = await run(process.execPath, [script, layout, tools, join(folder, 'db'), database.url]);
    return Number(stdout);
  }

  async function runActions(layout: string): Promise<number> {
    const temp = join(layout, '..', 'temp');
    const env = { RUNNER_TOOL_CACHE: join(folder, 'tool-cache') };
    const cataloged = await succeed('generate-sbom', { layout, tools }, temp, env);
    // The findings do not matter here: both sides have the same.
    const policy = { 'fail-on': 'none', 'unknown-severity': 'report' };
    const mirror = { 'db-mirror': database.url, 'db-cache': join(folder, 'db') };
    return cataloged + (await succeed('scan-image', { layout, tools, ...policy, ...mirror }, temp, env));
  }

  async function runPeers(): Promise<{ syft: number; grype: number }> {
    const temp = await mkdtemp(join(folder, 'peers-'));
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: temp,
      SYFT_CHECK_FOR_APP_UPDATE: 'false',
      GRYPE_CHECK_FOR_APP_UPDATE: 'false',
      GRYPE_DB_CACHE_DIR: join(folder, 'peers-db'),
      GRYPE_DB_UPDATE_URL: `${database.url}/v6/latest.json`,
    };
    const timed = async (program: string, ...argv: string[]) => {
      const started = performance.now();
      await run(join(tools, program), argv, { cwd: temp, env, maxBuffer: 1 << 28 });
      return (performance.now() - started) / 1000;
    };
    const documents = ['spdx-json=spdx.json', 'cyclonedx-json=cyclonedx.json'].flatMap((one) => ['-o', one]);
    const times = {
      syft: await timed('syft', 'scan', `oci-dir:${image}`, '-q', ...documents),
      grype: await timed('grype', `oci-dir:${image}`, '-q', '-o', 'json', '--file', 'grype.json'),
    };
    await rm(temp, { recursive: true, force: true });
    return times;
  }
} finally {
  await cleanup.disposeAsync();
}
