/**
 * The applications of examples/, as commits that can be built without package registries: what a registry would serve is
 * made here, by name and version, because those are what a scanner reads. An ordinary Dockerfile of each, not hardened
 * by anybody, lies in apps/.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { node24 } from '@tidegate/testkit';
import { strToU8, zipSync } from 'fflate';
import { auditableBinary } from './auditable-binary.ts';

const run = promisify(execFile);
const APPS = fileURLToPath(new URL('apps', import.meta.url));
const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));
/** Belongs to a whole example: its ordinary variant has no policy, and a Dockerfile of its own. */
const HARDENED = ['.github', '.dockerignore', 'Dockerfile', 'README.md'];

export interface App {
  readonly name: string;
  /** Folder below examples/ and apps/. */
  readonly source: string;
  /** Path of the Dockerfile. */
  readonly file: string;
  /** An advisory of critical severity, with a fix, that `vulnerable` brings in. */
  readonly advisory: string;
  readonly prepare: (folder: string, state: 'sound' | 'vulnerable') => Promise<void>;
  /** The example's Dockerfile without requests to package registries. */
  readonly offline: (dockerfile: string) => string;
}

const app = (name: string, advisory: string, prepare: App['prepare'], offline: App['offline']): App => ({
  ...{ name, source: name, file: 'Dockerfile', advisory, prepare, offline },
});
const goImage = (name: string): App => ({
  ...{ name: `go-${name}`, source: 'go', file: `cmd/${name}/Dockerfile` },
  ...{ advisory: 'GHSA-v778-237x-gjrc', prepare: vendorModules, offline: (dockerfile) => dockerfile },
});
/** The stage that builds becomes one that has what was built. */
const builtAlready =
  (from: string, to: string): App['offline'] =>
  (dockerfile) =>
    dockerfile.replace(/^FROM \S+ AS build\n[\s\S]*?(?=^FROM )/m, `FROM scratch AS build\nCOPY ${from} ${to}\n\n`);

export const applications: readonly App[] = [
  app('node', 'GHSA-xvch-5gv4-984h', packMinimist, (dockerfile) =>
    dockerfile.replace('RUN npm ci', 'COPY vendor ./vendor\nRUN npm ci'),
  ),
  app('python', 'GHSA-8q59-q68h-6hv4', makeWheel, (dockerfile) =>
    dockerfile.replace('RUN pip install', 'COPY wheels ./wheels\nRUN pip install --no-index --find-links wheels'),
  ),
  app('java', 'GHSA-jfh8-c2jp-5v3q', makeJar, builtAlready('made/app.jar', '/src/target/app.jar')),
  app('static', 'CVE-2023-38545', chooseNginx, (dockerfile) => dockerfile),
  goImage('api'),
  goImage('worker'),
];

/** Without an advisory: the database of these tests has none for its only crate. */
export const rust: App = app('rust', '', makeRustBinary, builtAlready('made/greeter', '/src/target/release/greeter'));

/** The files of a commit with an ordinary Dockerfile. */
export async function makeApp({ source, prepare }: App, folder: string, state: 'sound' | 'vulnerable'): Promise<void> {
  await cp(join(EXAMPLES, source), folder, {
    recursive: true,
    filter: (path) => !HARDENED.includes(basename(path)),
  });
  await cp(join(APPS, source), folder, { recursive: true });
  await prepare(folder, state);
}

/**
 * The files of a commit that is a copy of the example. Its Dockerfile takes the packages that are made here in place of
 * a registry's, and bases with the digests of the made ones.
 * @param digests by reference as the Dockerfile names it, without a digest
 */
export async function makeExample(
  { source, file, prepare, offline }: App,
  folder: string,
  digests: ReadonlyMap<string, string>,
): Promise<void> {
  await cp(join(EXAMPLES, source), folder, { recursive: true });
  await prepare(folder, 'sound');
  const path = join(folder, file);
  const written = await readFile(path, 'utf8');
  const pinned = written.replace(/^(FROM (?:--\S+ )?)(\S+)@sha256:\w+/gm, (whole, start: string, name: string) => {
    const digest = digests.get(name);
    // The stage of a base that is not made here is replaced below.
    return digest === undefined ? whole : `${start}${name}@${digest}`;
  });
  await writeFile(path, offline(pinned));
}

async function packMinimist(folder: string, state: 'sound' | 'vulnerable'): Promise<void> {
  const version = state === 'sound' ? '1.2.8' : '1.2.5';
  const scratch = await mkdtemp(join(tmpdir(), 'minimist-'));
  await write(join(scratch, 'package.json'), JSON.stringify({ name: 'minimist', version, main: 'index.js' }));
  await write(join(scratch, 'index.js'), 'module.exports = () => ({});\n');
  await run('npm', ['pack', '--silent', '--offline'], { cwd: scratch });
  await mkdir(join(folder, 'vendor'));
  await cp(join(scratch, `minimist-${version}.tgz`), join(folder, 'vendor/minimist.tgz'));
  await rm(scratch, { recursive: true });
  await edit(join(folder, 'package.json'), /"minimist": "[^"]+"/, '"minimist": "file:vendor/minimist.tgz"');
  await rm(join(folder, 'package-lock.json'), { force: true });
  // npm runs on the first `node` that it finds. The example requires Node 24.
  const env = { ...process.env, PATH: [dirname(node24()), process.env.PATH].join(delimiter) };
  await run('npm', ['install', '--package-lock-only', '--offline', '--no-audit', '--no-fund'], { cwd: folder, env });
}

async function makeWheel(folder: string, state: 'sound' | 'vulnerable'): Promise<void> {
  const version = state === 'sound' ? '6.0.2' : '5.3';
  const info = `PyYAML-${version}.dist-info`;
  const wheel = zip({
    'yaml/__init__.py': '',
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: PyYAML\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: bdist_wheel\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${info}/RECORD`]: ['yaml/__init__.py', ...['METADATA', 'WHEEL', 'RECORD'].map((one) => `${info}/${one}`)]
      .map((path) => `${path},,\n`)
      .join(''),
  });
  await write(join(folder, 'wheels', `PyYAML-${version}-py3-none-any.whl`), wheel);
  await write(join(folder, 'requirements.txt'), `PyYAML==${version}\n`);
}

async function makeJar(folder: string, state: 'sound' | 'vulnerable'): Promise<void> {
  const version = state === 'sound' ? '2.25.3' : '2.14.1';
  const properties = (group: string, artifact: string, of: string) => ({
    [`META-INF/maven/${group}/${artifact}/pom.properties`]: `groupId=${group}\nartifactId=${artifact}\nversion=${of}\n`,
  });
  const jar = zip({
    'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\nMain-Class: com.example.App\n',
    ...properties('com.example', 'app', '1.0.0'),
    ...properties('org.apache.logging.log4j', 'log4j-core', version),
  });
  await write(join(folder, 'made/app.jar'), jar);
}

/** The crates of Cargo.lock, as `cargo auditable` lists them in the binary. */
async function makeRustBinary(folder: string): Promise<void> {
  const locked = await readFile(join(folder, 'Cargo.lock'), 'utf8');
  const crates = [...locked.matchAll(/^name = "(.+)"\nversion = "(.+)"\n(source = )?/gm)];
  await write(
    join(folder, 'made/greeter'),
    auditableBinary(
      crates.map(([, name = '', version = '', source]) => ({
        ...{ name, version, isRoot: source === undefined },
      })),
    ),
  );
}

/** The outdated base is of the tag before. */
async function chooseNginx(folder: string, state: 'sound' | 'vulnerable'): Promise<void> {
  if (state === 'vulnerable') await edit(join(folder, 'Dockerfile'), 'nginx:1.22', 'nginx:1.21');
}

async function vendorModules(folder: string, state: 'sound' | 'vulnerable'): Promise<void> {
  const version = state === 'sound' ? 'v0.59.0' : 'v0.30.0';
  const env = { ...process.env, GOFLAGS: '-mod=mod', GOWORK: 'off' };
  await run('go', ['get', `golang.org/x/crypto@${version}`], { cwd: folder, env });
  await run('go', ['mod', 'tidy'], { cwd: folder, env });
  await run('go', ['mod', 'vendor'], { cwd: folder, env });
}

/** The same bytes each time. */
function zip(files: Readonly<Record<string, string>>): Uint8Array {
  const entries = Object.entries(files).map(([path, text]) => [path, strToU8(text)] as const);
  return zipSync(Object.fromEntries(entries), { mtime: '2026-01-01T00:00:00', level: 0 });
}

async function edit(path: string, from: string | RegExp, to: string): Promise<void> {
  await writeFile(path, (await readFile(path, 'utf8')).replace(from, to));
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
