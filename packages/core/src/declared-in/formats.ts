import type { Entry } from './entry.ts';
import { readGradle, readPom } from './jvm.ts';
import { readPnpmLock, readYarnLock } from './node-locks.ts';
import { readNpmLock } from './npm-lock.ts';
import { readComposerLock, readGemfileLock, readGoMod, readNugetLock } from './other-locks.ts';
import { readPipfileLock, readRequirements } from './python.ts';
import { readTomlLock } from './toml-lock.ts';

/** A kind of file that names the packages of a project. */
export interface Format {
  /** Syft's type of these packages. */
  readonly type: string;
  readonly read: (text: string) => readonly Entry[];
}

const FORMATS: ReadonlyMap<string, Format> = new Map([
  ['package-lock.json', { type: 'npm', read: readNpmLock }],
  ['npm-shrinkwrap.json', { type: 'npm', read: readNpmLock }],
  ['yarn.lock', { type: 'npm', read: readYarnLock }],
  ['pnpm-lock.yaml', { type: 'npm', read: readPnpmLock }],
  ['poetry.lock', { type: 'python', read: readTomlLock }],
  ['uv.lock', { type: 'python', read: readTomlLock }],
  ['pdm.lock', { type: 'python', read: readTomlLock }],
  ['Pipfile.lock', { type: 'python', read: readPipfileLock }],
  ['Cargo.lock', { type: 'rust-crate', read: readTomlLock }],
  ['go.mod', { type: 'go-module', read: readGoMod }],
  ['pom.xml', { type: 'java-archive', read: readPom }],
  ['build.gradle', { type: 'java-archive', read: readGradle }],
  ['build.gradle.kts', { type: 'java-archive', read: readGradle }],
  ['gradle.lockfile', { type: 'java-archive', read: readGradle }],
  ['Gemfile.lock', { type: 'gem', read: readGemfileLock }],
  ['composer.lock', { type: 'php-composer', read: readComposerLock }],
  ['packages.lock.json', { type: 'dotnet', read: readNugetLock }],
]);

const REQUIREMENTS: Format = { type: 'python', read: readRequirements };

/** The format of a file, by its path with slashes. Undefined for other files, and for installed or vendored packages. */
export function formatOf(path: string): Format | undefined {
  const parts = path.split('/');
  const name = parts.pop() ?? '';
  if (parts.includes('node_modules') || parts.includes('vendor')) return undefined;
  const known = FORMATS.get(name);
  if (known || !name.endsWith('.txt')) return known;
  return name.includes('requirements') || parts.at(-1) === 'requirements' ? REQUIREMENTS : undefined;
}
