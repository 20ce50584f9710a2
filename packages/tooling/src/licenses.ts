import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A module of a bundle; a concatenated one contains the modules that it was made of. */
export interface BundledModule {
  readonly resource?: string;
  readonly modules?: Iterable<BundledModule>;
}

/** Licences that require only attribution, which licenses.txt provides. */
const PERMISSIVE = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
  // Data lists of the SPDX project, not code.
  'CC0-1.0',
  'CC-BY-3.0',
]);

/**
 * The licences of every npm package with a module in the bundle. (ncc's own list omits packages whose modules were
 * concatenated, and a licence must not depend on an optimisation.)
 * @throws Error for a package without a permissive licence.
 */
export function licensesOf(modules: Iterable<BundledModule>): string {
  const folders = new Set([...filesOf(modules)].map(packageFolder).filter((folder) => folder !== undefined));
  return [...new Set([...folders].map(licenseOf))].sort().join('\n');
}

/** The files in a bundle. */
function filesOf(modules: Iterable<BundledModule>): Set<string> {
  const files = new Set<string>();
  const visit = (module: BundledModule): void => {
    if (module.resource) files.add(module.resource);
    for (const inner of module.modules ?? []) visit(inner);
  };
  for (const module of modules) visit(module);
  return files;
}

/** `…/node_modules/@scope/name` for a file in it; undefined for a file of ours. */
export function packageFolder(resource: string): string | undefined {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(resource)?.[0];
}

function licenseOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  const named = typeof license === 'string' ? license : '';
  if (!named.split(/ OR |[()]/).some((choice) => PERMISSIVE.has(choice.trim()))) {
    throw new Error(
      `${name}@${version} has the licence ${JSON.stringify(license)}: it may not go into a bundle unseen`,
    );
  }
  const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)(\.\w+)?$/i.test(file));
  const body = texts.sort().map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim());
  return `${[`${name} ${version} (${named})`, ...body].join('\n\n')}\n`;
}
