import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasKind } from '@tidegate/core';
import { cacheFolder } from './cache-folder.ts';
import { developerEnvironment, developerRun } from './developer.ts';

/** A program in one of our Go modules, whose go.sum pins its source. */
export interface GoProgram {
  readonly name: string;
  /** Folder of the module, absolute. */
  readonly module: string;
  /** Its import path; `.` is the module's own program. */
  readonly package: string;
  /** Variables that releases set at link time, and `go build` of a module does not: `importpath.name=value`. */
  readonly variables?: readonly string[];
  /** Build tags; `cgo` if it contains C. */
  readonly tags?: readonly string[];
  readonly cgo?: boolean;
}

/** Go's own settings: mirror, cache, toolchain. GOFLAGS is set only by us. */
const GO_SETTINGS = [
  ...['GOPROXY', 'GONOPROXY', 'GOPRIVATE', 'GOSUMDB', 'GONOSUMDB', 'GOVCS', 'GOAUTH', 'NETRC'],
  ...['GOPATH', 'GOMODCACHE', 'GOCACHE', 'GOROOT', 'GOTOOLCHAIN', 'GOENV', 'GOMAXPROCS', 'GOTMPDIR', 'GOTELEMETRY'],
];

function goEnvironment({ cgo = false }: Pick<GoProgram, 'cgo'> = {}): Record<string, string> {
  return developerEnvironment({ CGO_ENABLED: cgo ? '1' : '0', GOFLAGS: '', GOWORK: 'off' }, GO_SETTINGS);
}

/** The oldest Go that can download the toolchain that a go.mod requires. */
const OLDEST = [1, 21] as const;

/** @returns `go1.26.8` as used in `module` (its go.mod may require a newer one), or undefined without a usable Go. */
export async function goVersion(module: string): Promise<string | undefined> {
  try {
    const { stdout } = await developerRun('go', ['env', 'GOVERSION'], {
      cwd: module,
      env: goEnvironment(),
      timeout: 300_000,
    });
    const [, major, minor] = /^go(\d+)\.(\d+)/.exec(stdout) ?? [];
    const isOld = Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1]);
    return major === undefined || isOld ? undefined : stdout.trim();
  } catch (error) {
    if (hasKind(error, 'tool')) return undefined;
    throw error;
  }
}

/** The path of the program after it is built: in a folder for everything that its bytes depend on. */
export async function builtPath(program: GoProgram, version: string): Promise<string> {
  const hash = createHash('sha256');
  const names = (await readdir(program.module, { recursive: true })).filter((name) =>
    /^go\.(mod|sum)$|\.go$/.test(name),
  );
  for (const name of names.toSorted()) hash.update(`${name}\0`).update(await readFile(join(program.module, name)));
  const { tags = [], cgo = false } = program;
  hash.update(JSON.stringify([version, program.package, program.variables ?? [], ...(cgo ? [tags, cgo] : tags)]));
  return join(cacheFolder(), 'tools', hash.digest('hex').slice(0, 16), program.name);
}

/**
 * Compiles it into the cache. It is built elsewhere and then moved: an aborted build leaves nothing, and two may run at
 * once.
 */
export async function goBuild(program: GoProgram, path: string, signal?: AbortSignal): Promise<void> {
  const folder = dirname(path);
  await mkdir(dirname(folder), { recursive: true });
  const scratch = await mkdtemp(`${folder}.`);
  try {
    const flags = ['-s', '-w', ...(program.variables ?? []).flatMap((variable) => ['-X', variable])];
    const built = join(scratch, program.name);
    const tags = program.tags ? ['-tags', program.tags.join(',')] : [];
    const linked = ['-ldflags', flags.join(' '), ...tags, '-o', built, program.package];
    const argv = ['build', '-buildvcs=false', '-trimpath', ...linked];
    await developerRun('go', argv, {
      cwd: program.module,
      env: goEnvironment(program),
      timeout: 3_600_000,
      ...(signal ? { signal } : {}),
    });
    await mkdir(folder, { recursive: true });
    await rename(built, path);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The folder of a module's dependency, downloaded if missing and verified by go.sum. */
export async function goModuleFolder(module: string, dependency: string): Promise<string> {
  const argv = ['mod', 'download', '-json', dependency];
  const { stdout } = await developerRun('go', argv, { cwd: module, env: goEnvironment(), timeout: 1_800_000 });
  const { Dir } = JSON.parse(stdout) as { Dir?: string };
  if (Dir === undefined || !(await stat(Dir)).isDirectory())
    throw new Error(`go mod download gave no folder for ${dependency}`);
  return Dir;
}
