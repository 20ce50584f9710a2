/**
 * The whole chain against what a team runs today, on the same commit, registry, BuildKit and machine, in one run:
 *   peers: buildx build --push, syft and grype on the registry's image, cosign sign and attest ×3 with a key
 *   smart peers: the same, but grype reads the document that syft wrote, and catalogs nothing again
 *   ours:  the shipped root action, which besides signs provenance and verdict, and reads everything back
 * Of commits of several shapes, the cells of chain/cells.ts.
 * Command: `npm run bench -- chain`, or some cells: `npm run bench -- chain "2 GB" "10 platforms"`. BENCH_RUNS is the
 * number of runs of each. Writes the cells into test/bench/figures/chain.json and docs/performance.md.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureDebianPackages, serveFolder, toolsFolder, vulnerabilityDatabase } from '@tidegate/testkit';
import { startBuildkitd } from '../support/servers.ts';
import { CELLS, type Cell } from './chain/cells.ts';
import { figuresOf } from './chain/figures.ts';
import { recordTools } from './chain/recorded-tools.ts';
import { runCell, type World } from './chain/run-cell.ts';
import { BOOTSTRAP } from './debian.ts';
import { writeCell } from './figures.ts';
import { writeTables } from './tables.ts';

const run = promisify(execFile);
const say = (line: string) => console.error(line);

const folder = await mkdtemp(join(tmpdir(), 'tidegate-bench-'));
const cleanup = new AsyncDisposableStack();
cleanup.defer(() => rm(folder, { recursive: true, force: true }));
try {
  const cells = cellsNamed(process.argv.slice(3));
  await ensureDebianPackages(['runc', 'docker-registry', ...BOOTSTRAP], { log: say });
  const tools = await toolsFolder({ log: say });
  const database = cleanup.use(await serveFolder((await vulnerabilityDatabase({ log: say })).folder)).url;
  const recorded = await recordTools(tools, join(folder, 'recorded'));
  const key = await makeKey(tools);
  for (const [name, cell] of cells) await measure(name, cell, { tools, recorded, database, key, say });
} finally {
  await cleanup.disposeAsync();
}

async function measure(name: string, cell: Cell, world: World): Promise<void> {
  const place = join(folder, name.replaceAll(/\W+/g, '-'));
  await mkdir(place);
  try {
    const buildx = (argv: readonly string[]) => buildWith(world.tools, place, argv);
    const checkout = await cell.make({ folder: place, buildx, say });
    const measured = await runCell(name, cell, checkout, place, world);
    await writeCell('chain', 'npm run bench -- chain', name, figuresOf(cell, measured));
    await writeTables();
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

function cellsNamed(names: readonly string[]): readonly (readonly [string, Cell])[] {
  const unknown = names.filter((name) => !(name in CELLS));
  if (unknown.length > 0) {
    throw new Error(`There is no cell ${unknown.join(', ')}. The cells are ${Object.keys(CELLS).join('; ')}.`);
  }
  return Object.entries(CELLS).filter(([name]) => names.length === 0 || names.includes(name));
}

/** With a BuildKit that only this build uses. */
async function buildWith(tools: string, place: string, argv: readonly string[]): Promise<void> {
  const state = join(place, 'first-build');
  await using daemon = await startBuildkitd(tools, state);
  const env = { PATH: process.env.PATH ?? '', HOME: place, BUILDX_CONFIG: join(place, 'first-buildx') };
  const program = join(tools, 'buildx');
  await run(program, ['create', '--use', '--name', 'bench', '--driver', 'remote', daemon.address], { env });
  await run(program, [...argv], { env, maxBuffer: 1 << 26 });
}

async function makeKey(tools: string): Promise<string> {
  await run(join(tools, 'cosign'), ['generate-key-pair', '--output-key-prefix', join(folder, 'bench')], {
    env: { ...process.env, COSIGN_PASSWORD: '' },
  });
  await readFile(join(folder, 'bench.pub'));
  return join(folder, 'bench.key');
}
