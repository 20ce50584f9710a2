/**
 * How long each bundle takes to start and find that there is nothing to do (an input is missing), against bare Node.
 * Command: `npm run bench -- startup`. Writes test/bench/figures/startup.json.
 */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { node24, repositoryRoot } from '@tidegate/testkit';
import { summary, writeFigures } from './figures.ts';

const run = promisify(execFile);
const RUNS = Number(process.env.BENCH_RUNS ?? 11);

const program = await node24();
const timed = async (...argv: string[]) => {
  const started = performance.now();
  // Exit code 1 is what is expected: one input is missing, and to lint-source, which needs none, one is wrong.
  const env = { PATH: process.env.PATH ?? '', HOME: tmpdir(), RUNNER_TEMP: tmpdir(), INPUT_LEVELS: 'no-rule=error' };
  await run(program, argv, { env }).catch(() => {});
  return (performance.now() - started) / 1000;
};

const times = new Map<string, number[]>([['bare node', []]]);
const actions = (await readdir(join(repositoryRoot, 'dist'))).toSorted();
for (let turn = 0; turn <= RUNS; turn += 1) {
  for (const name of ['bare node', ...actions]) {
    const seconds =
      name === 'bare node' ? await timed('-e', '0') : await timed(join(repositoryRoot, 'dist', name, 'index.js'));
    if (turn > 0) times.set(name, [...(times.get(name) ?? []), seconds]);
  }
}
await writeFigures('startup', {
  command: 'npm run bench -- startup',
  runs: RUNS,
  seconds: Object.fromEntries([...times].map(([name, values]) => [name, summary(values)])),
});
