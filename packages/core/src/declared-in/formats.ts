import type { Entry, Variable } from './readers/entry.ts';
import { gradleProperties, gradleVariables, readGradle } from './readers/gradle.ts';
import { pomProperties, readPom } from './readers/maven.ts';
import { readNpmLock } from './readers/npm-lock.ts';
import { readComposerLock, readGemfileLock, readGoMod, readNugetLock } from './readers/other-locks.ts';
import { readPnpmLock } from './readers/pnpm-lock.ts';
import { readPipfileLock, readRequirements } from './readers/python.ts';
import { readCargoLock, readPythonLock, readUvLock } from './readers/toml-lock.ts';
import { catalogVersions, readVersionCatalog } from './readers/version-catalog.ts';
import { readYarnLock } from './readers/yarn-lock.ts';

/** A kind of file that names the packages of a project. */
export interface Format {
  /** Syft's type of these packages. */
  readonly type: string;
  /** @param companion the text of that file, if it exists */
  readonly read: (text: string, companion?: string) => readonly Entry[];
  /** The name of a file in the same folder that says what the project requires itself. */
  readonly companion?: string;
  /** Versions with names, for all files of one kind. */
  readonly variables?: { readonly kind: string; readonly read: (text: string) => readonly Variable[] };
  /** It is generated from another file, in which the version is changed. */
  readonly generated?: boolean;
}

const GRADLE: Format = {
  ...{ type: 'java-archive', read: readGradle },
  variables: { kind: 'gradle', read: gradleVariables },
};
const CATALOG: Format = {
  ...{ type: 'java-archive', read: readVersionCatalog },
  variables: { kind: 'catalog', read: catalogVersions },
};

const FORMATS: ReadonlyMap<string, Format> = new Map([
  ['package-lock.json', { type: 'npm', read: readNpmLock }],
  ['npm-shrinkwrap.json', { type: 'npm', read: readNpmLock }],
  ['yarn.lock', { type: 'npm', read: readYarnLock, companion: 'package.json' }],
  ['pnpm-lock.yaml', { type: 'npm', read: readPnpmLock }],
  ['poetry.lock', { type: 'python', read: readPythonLock, companion: 'pyproject.toml' }],
  ['uv.lock', { type: 'python', read: readUvLock }],
  ['pdm.lock', { type: 'python', read: readPythonLock, companion: 'pyproject.toml' }],
  ['Pipfile.lock', { type: 'python', read: readPipfileLock }],
  ['Cargo.lock', { type: 'rust-crate', read: readCargoLock }],
  ['go.mod', { type: 'go-module', read: readGoMod }],
  ['pom.xml', { type: 'java-archive', read: readPom, variables: { kind: 'maven', read: pomProperties } }],
  ['gradle.lockfile', { type: 'java-archive', read: readGradle, generated: true }],
  [
    'gradle.properties',
    { type: 'java-archive', read: () => [], variables: { kind: 'gradle', read: gradleProperties } },
  ],
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
  if (known) return known;
  // Scripts that others apply, such as gradle/versions.gradle.
  if (name.endsWith('.gradle') || name.endsWith('.gradle.kts')) return GRADLE;
  if (name.endsWith('.versions.toml')) return CATALOG;
  if (!name.endsWith('.txt')) return undefined;
  return name.includes('requirements') || parts.at(-1) === 'requirements' ? REQUIREMENTS : undefined;
}
