/**
 * Real npm and pip on bases as people name them: what they install, upgrade, downgrade and remove leaves lists, and is
 * not hidden from scanners.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { contents } from '@tidegate/pipeline';
import { type RegistryServer, startRegistry } from '@tidegate/testkit';
import { strToU8, zipSync } from 'fflate';
import { serveBases } from '../first-run/bases.ts';
import { builtImage, type ContextFile } from '../support/built-image.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
let registry: RegistryServer;

beforeAll(async () => {
  registry = await startRegistry();
  await serveBases(registry.host, ['node:24-slim', 'python:3.11-slim']);
}, 1_200_000);
afterAll(() => registry?.close());

/** Every package that counts as hidden in an image of these lines. */
async function hidden(base: string, lines: readonly string[], files: Readonly<Record<string, ContextFile>>) {
  const dockerfile = [`FROM ${registry.host}/library/${base}`, ...lines, ''].join('\n');
  const { target, services } = await builtImage(suite, dockerfile, files);
  const found = await contents(target, undefined, services);
  const packages = found.flatMap(({ contents: { layers, traces } }) =>
    traces
      .filter(({ kind }) => kind === 'hidden-package')
      .map(({ path, what, layer }) => `${path}: ${what} (${layers[layer]?.line})`),
  );
  return { layers: found[0]?.contents.layers.length ?? 0, packages };
}

/** `name-version.tgz`, as npm packs it. */
async function npmPackage(name: string, version: string): Promise<Readonly<Record<string, Buffer>>> {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-npm-'));
  try {
    await mkdir(join(folder, 'lib'));
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name, version, main: 'lib/index.js' }));
    await writeFile(join(folder, 'lib/index.js'), `module.exports = '${version}';\n`);
    // The same in each version: a file that an upgrade does not change.
    await writeFile(join(folder, 'lib/same.js'), 'module.exports = 0;\n');
    await promisify(execFile)('npm', ['pack', '--silent', '--offline'], { cwd: folder });
    const file = `${name}-${version}.tgz`;
    return { [file]: await readFile(join(folder, file)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function wheel(name: string, version: string): Readonly<Record<string, Buffer>> {
  const info = `${name}-${version}.dist-info`;
  const paths = [
    `${name}/__init__.py`,
    `${name}/same.py`,
    ...['METADATA', 'WHEEL', 'RECORD'].map((one) => `${info}/${one}`),
  ];
  const files = {
    [`${name}/__init__.py`]: `version = '${version}'\n`,
    [`${name}/same.py`]: 'same = 0\n',
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${info}/RECORD`]: paths.map((path) => `${path},,\n`).join(''),
  };
  const entries = Object.entries(files).map(([path, text]) => [path, strToU8(text)] as const);
  return { [`${name}-${version}-py3-none-any.whl`]: Buffer.from(zipSync(Object.fromEntries(entries))) };
}

test('npm installs, upgrades, downgrades, removes, prunes and starts again', async () => {
  const names = ['upgraded', 'downgraded', 'removed', 'pruned', 'everywhere'];
  const made = names.flatMap((name) => ['1.0.0', '2.0.0'].map((version) => npmPackage(name, version)));
  const files = Object.assign({ 'package.json': '{"name":"app","version":"1.0.0"}' }, ...(await Promise.all(made)));
  const npm = (argv: string) => `RUN npm ${argv} --offline --no-audit --no-fund`;
  const lines = [
    'WORKDIR /app',
    'COPY package.json *.tgz ./',
    npm('install ./upgraded-1.0.0.tgz ./downgraded-2.0.0.tgz ./removed-1.0.0.tgz'),
    npm('install --save-dev ./pruned-1.0.0.tgz'),
    npm('install ./upgraded-2.0.0.tgz'),
    npm('install ./downgraded-1.0.0.tgz'),
    npm('uninstall removed'),
    npm('prune --omit=dev'),
    npm('install --global ./everywhere-1.0.0.tgz'),
    npm('install --global ./everywhere-2.0.0.tgz'),
    npm('ci --omit=dev'),
  ];
  const { layers, packages } = await hidden('node:24-slim', lines, files);
  expect(layers).toBeGreaterThan(10);
  expect(packages).toEqual([]);
});

test('pip installs, upgrades, downgrades and removes', async () => {
  const names = ['upgraded', 'downgraded', 'removed', 'renewed'];
  const files = Object.assign({}, ...names.flatMap((name) => ['1.0', '2.0'].map((version) => wheel(name, version))));
  const pip = (argv: string) => `RUN pip ${argv}`;
  const install = (...wheels: readonly string[]) =>
    pip(`install --no-index ${wheels.map((one) => `/w/${one}-py3-none-any.whl`).join(' ')}`);
  const lines = [
    'COPY *.whl /w/',
    install('upgraded-1.0', 'downgraded-2.0', 'removed-1.0', 'renewed-1.0'),
    install('upgraded-2.0'),
    install('downgraded-1.0'),
    pip('uninstall --yes removed'),
    pip('install --no-index --force-reinstall --no-compile /w/renewed-1.0-py3-none-any.whl'),
    pip('uninstall --yes renewed'),
    install('renewed-2.0'),
  ];
  const { layers, packages } = await hidden('python:3.11-slim', lines, files);
  expect(layers).toBeGreaterThan(8);
  expect(packages).toEqual([]);
});
