/**
 * Six applications as people have them: a Dockerfile that nobody hardened, and dependencies in the form of their
 * language. What a package registry would serve is made here, by name and version: those are what a scanner reads.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { strToU8, zipSync } from 'fflate';

const run = promisify(execFile);
const APPS = fileURLToPath(new URL('apps', import.meta.url));

export interface App {
  readonly name: string;
  /** Folder below apps/. */
  readonly source: string;
  /** Path of the Dockerfile. */
  readonly file: string;
  /** An advisory of critical severity, with a fix, that `vulnerable` brings in. */
  readonly advisory: string;
  readonly prepare: (folder: string, state: 'sound' | 'vulnerable') => Promise<void>;
}

const app = (name: string, advisory: string, prepare: App['prepare']): App => ({
  ...{ name, source: name, file: 'Dockerfile', advisory, prepare },
});
const goImage = (name: string): App => ({
  ...{ name: `go-${name}`, source: 'go', file: `cmd/${name}/Dockerfile` },
  ...{ advisory: 'GHSA-v778-237x-gjrc', prepare: vendorModules },
});

export const applications: readonly App[] = [
  app('node', 'GHSA-xvch-5gv4-984h', packMinimist),
  app('python', 'GHSA-8q59-q68h-6hv4', makeWheel),
  app('java', 'GHSA-jfh8-c2jp-5v3q', makeJar),
  app('static', 'CVE-2023-38545', chooseNginx),
  goImage('api'),
  goImage('worker'),
];

/** The files of a commit. */
export async function makeApp({ source, prepare }: App, folder: string, state: 'sound' | 'vulnerable'): Promise<void> {
  await cp(join(APPS, source), folder, { recursive: true });
  await prepare(folder, state);
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
  await run('npm', ['install', '--package-lock-only', '--offline', '--no-audit', '--no-fund'], { cwd: folder });
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
  await write(join(folder, 'target/app.jar'), jar);
}

/** The outdated base is of the tag before. */
async function chooseNginx(folder: string, state: 'sound' | 'vulnerable'): Promise<void> {
  if (state === 'vulnerable') await run('sed', ['-i', 's/nginx:1.22/nginx:1.21/', join(folder, 'Dockerfile')]);
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

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
