/**
 * `bundle-worker.ts OUT [NAME ENTRY]…`: creates one bundle after the other, in the checkout that is the current folder.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type BundledModule, licensesOf } from './licenses.ts';
import { minifyScript } from './minify.ts';

interface Bundle {
  readonly code: string;
  readonly assets: Readonly<Record<string, { readonly source: string | Buffer }>>;
  readonly stats: {
    readonly compilation: {
      readonly modules: Iterable<BundledModule>;
      readonly chunkGraph: { getNumberOfModuleChunks(module: BundledModule): number };
    };
  };
}
type Ncc = (entry: string, options: Readonly<Record<string, unknown>>) => Promise<Bundle>;

const root = process.cwd();
const ncc = createRequire(join(root, 'package.json'))('@vercel/ncc') as Ncc;
const [out = '', ...pairs] = process.argv.slice(2);

for (let at = 0; at < pairs.length; at += 2) {
  const [name = '', entry = ''] = pairs.slice(at, at + 2);
  const began = performance.now();
  const { code, assets, stats } = await bundle(entry);
  const { modules, chunkGraph } = stats.compilation;
  const bundled = [...modules].filter((module) => chunkGraph.getNumberOfModuleChunks(module) > 0);
  const files: Record<string, { readonly source: string | Buffer }> = {
    ...assets,
    'index.js': { source: code },
    'licenses.txt': { source: licensesOf(bundled) },
  };
  const folder = join(out, name);
  for (const [path, { source }] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), path.endsWith('.js') ? await minifyScript(String(source)) : source);
  }
  console.log(`bundled ${name} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

function bundle(entry: string): Promise<Bundle> {
  return ncc(entry, {
    esm: true,
    // ncc's own minifier would skip the chunks.
    minify: false,
    filterAssetBase: root,
    // A separate stage checks types.
    transpileOnly: true,
    // The key of ncc's cache does not cover everything that a bundle is made from.
    cache: false,
    quiet: true,
  });
}
