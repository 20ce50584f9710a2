/**
 * Checks the layers of the design: which package may import which, what core may use, and what must be loaded lazily.
 */
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importCycles } from './cycles.ts';
import { readSource, type SourceFacts } from './imports.ts';
import { ROOT } from './repository.ts';

/** For each package, those of our packages that it may import. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  oci: ['core'],
  attest: ['core'],
  tools: ['core'],
  source: ['core'],
  pipeline: ['core', 'oci', 'attest', 'tools', 'source'],
  runner: ['core', 'tools'],
  actions: ['core', 'oci', 'attest', 'tools', 'source', 'pipeline', 'runner'],
  cli: ['core', 'oci', 'attest', 'tools', 'source', 'pipeline', 'runner', 'actions'],
  testkit: ['core', 'oci', 'attest', 'tools', 'source', 'pipeline', 'runner'],
  tooling: ['core', 'runner'],
};

/** Pure: hashing is arithmetic, `vm` stops a user's expression that runs too long; all other modules of Node are effects. */
const CORE_MAY_LOAD = new Set(['node:crypto', 'node:vm']);
/** Packages that use the environment and the terminal; all others get what they need as arguments. */
const AT_THE_EDGE = new Set(['runner', 'cli', 'testkit', 'tooling']);
/** Each adds 50 ms or more to the start, and most runs need none of them. */
const LAZY =
  /^(@actions\/(exec|github|http-client|tool-cache|artifact|cache|glob)|@sigstore\/(sign|tuf|verify)|undici)(\/|$)/;

/** The command line runs the actions, but never their entries, and has the version of the repository. */
const OPEN_TO_CLI = /^actions\/(?!.*\/main\.ts$).+\.ts$|^package\.json$/;

/** Files whose imports are not shipped. */
const TEST = /\.(test|fixture|e2e)\.ts$|\/testdata\//;

/** @returns one sentence for each import or use that breaks a rule, and for each cycle. */
async function checkLayering(root: string): Promise<string[]> {
  const broken: string[] = [];
  const files = new Map<string, SourceFacts>();
  for await (const path of glob('{actions,packages/*/src,packages/*/testdata}/**/*.ts', { cwd: root })) {
    const facts = readSource(path, await readFile(join(root, path), 'utf8'));
    files.set(path, facts);
    broken.push(...complaintsAbout(path, facts));
  }
  broken.push(...importCycles(files));
  return broken.sort();
}

export function complaintsAbout(path: string, facts: SourceFacts): string[] {
  const owner = path.startsWith('actions/') ? 'actions' : (path.split('/')[1] ?? '');
  const shipped = !TEST.test(path);
  const complaints: string[] = [];
  const complain = (line: number, what: string) => complaints.push(`${path}:${line} ${what}`);
  const arrows = ARROWS[owner];
  if (!arrows) return [`${path}:1 is in a package without rules: ${owner}`];

  for (const { from, line, kind, names, forEffects } of facts.imports) {
    const [, other, deeper] = /^@tidegate\/([^/]+)(\/.*)?$/.exec(from) ?? [];
    if (deeper !== undefined) complain(line, `reaches into @tidegate/${other}: only its index is open`);
    if (leaves(path, from) && !(owner === 'cli' && OPEN_TO_CLI.test(join(path, '..', from))))
      complain(line, `reaches into another package by path: ${from}`);
    if (!shipped) continue;
    // package.json declares this for every module ("sideEffects": false), so that a bundle contains only what it uses.
    if (forEffects) complain(line, `imports ${from} for its effects: a bundle leaves such a module out`);
    if (other !== undefined && !arrows.includes(other)) complain(line, `imports ${from}: ${owner} may not`);
    if (owner === 'core' && from.startsWith('node:') && !CORE_MAY_LOAD.has(from)) {
      complain(line, `imports ${from}: core does no I/O`);
    }
    if (AT_THE_EDGE.has(owner) && owner !== 'runner' && owner !== 'cli') continue;
    if (/^(node:)?process$/.test(from) && !AT_THE_EDGE.has(owner)) {
      complain(line, `imports ${from}: only runner reads the environment`);
    }
    if (kind === 'static' && LAZY.test(from)) complain(line, `loads ${from} at start: use import() where it is needed`);
    if (from.endsWith('child_process')) {
      if (names.some((name) => name === 'exec' || name === 'execSync')) {
        complain(line, 'runs a shell: use argument vectors');
      }
      // That package gives each child its own folder, HOME and settings.
      if (owner !== 'tools') complain(line, `imports ${from}: only tools starts programs`);
    }
  }
  if (shipped && !AT_THE_EDGE.has(owner)) {
    for (const { what, line } of facts.uses) {
      if (what === 'process.env' || what === 'process.?') complain(line, 'reads the environment: only runner does');
      if (what.startsWith('console.') || what === 'process.stdout') complain(line, `prints by ${what}: use the log`);
    }
  }
  return complaints;
}

/** A relative import that leads into another package, or from a package into an action. */
function leaves(path: string, from: string): boolean {
  if (!from.startsWith('.')) return false;
  const target = join(path, '..', from);
  const roomOf = (file: string) => (file.startsWith('actions/') ? 'actions' : file.split('/').slice(0, 2).join('/'));
  return roomOf(target) !== roomOf(path);
}

if (import.meta.main) {
  const broken = await checkLayering(ROOT);
  for (const complaint of broken) console.log(complaint);
  if (broken.length > 0) process.exitCode = 1;
}
