import {
  type ImageTests,
  isNonDistributable,
  layerPath,
  MANIFEST_LIMIT,
  type Manifest,
  parseStrictJson,
  readConfig,
  TidegateError,
} from '@tidegate/core';
import { type ContentSink, type TarEntry, walkLayer } from '@tidegate/oci';
import type { Target } from '../target.ts';
import { contentProblems, fileProblems, metadataProblems, type TestResult } from './checks.ts';
import { expanded, type ImageConfig } from './image-config.ts';
import { type ImageFile, ImageFiles } from './image-files.ts';

/** Maximum size of a file whose content is tested, in bytes. */
const MAX_CONTENT = 8 * 1024 * 1024;

interface Looked {
  readonly target: Target;
  readonly manifest: Manifest;
  readonly signal: AbortSignal;
}

/** Tests of files and metadata. The layers are read once, and once more if there are tests of contents. */
export async function lookAt(
  looked: Looked,
  config: ImageConfig,
  tests: readonly ImageTests[],
): Promise<readonly TestResult[]> {
  const fileTests = tests.flatMap(({ fileExistenceTests }) => fileExistenceTests);
  const contentTests = tests.flatMap(({ fileContentTests }) => fileContentTests);
  const files = new ImageFiles();
  if (fileTests.length + contentTests.length > 0) {
    await walk(looked, looked.manifest.layers.length, (entry, layer) => {
      files.add(entry, layer);
      return undefined;
    });
  }
  const wanted = contentTests.map(({ path }) => {
    const found = files.find(expanded(path, config), true);
    return found && files.content(found);
  });
  const contents = await contentsOf(looked, wanted);
  return [
    ...fileTests.map((test) => ({
      name: `File Existence Test: ${test.name}`,
      problems: fileProblems(test, files.find(expanded(test.path, config))),
    })),
    ...contentTests.map((test, at) => {
      const file = wanted[at];
      const problems = contentProblems(test, file && contents.get(keyOf(file)));
      return { name: `File Content Test: ${test.name}`, problems };
    }),
    ...tests.flatMap(({ metadataTest }) =>
      metadataTest ? [{ name: 'Metadata Test', problems: metadataProblems(metadataTest, config) }] : [],
    ),
  ];
}

const keyOf = ({ layer, path }: Pick<ImageFile, 'layer' | 'path'>) => `${layer} ${path}`;

async function contentsOf(
  looked: Looked,
  wanted: readonly (ImageFile | undefined)[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map(wanted.flatMap((file) => (file ? [[keyOf(file), file] as const] : [])));
  const contents = new Map<string, Uint8Array>();
  const layers = Math.max(0, ...[...files.values()].map(({ layer }) => layer + 1));
  await walk(looked, layers, (entry, layer) => {
    const key = keyOf({ layer, path: layerPath(entry.path) });
    if (!files.has(key) || entry.type !== 'file') return undefined;
    if (entry.size > MAX_CONTENT) {
      throw new TidegateError(
        'image-tests-invalid',
        `${entry.path} has ${entry.size} bytes; the content of files up to ${MAX_CONTENT} bytes is tested.`,
        { next: 'Test a smaller file, or its content with a command.' },
      );
    }
    const pieces: Buffer[] = [];
    contents.set(key, new Uint8Array());
    return (piece, last) => {
      pieces.push(Buffer.from(piece));
      if (last) contents.set(key, Buffer.concat(pieces));
    };
  });
  return contents;
}

/** Read the lowest `count` layers. Each is verified against its digest and its diff_id. */
async function walk(
  { target: { layout }, manifest, signal }: Looked,
  count: number,
  onEntry: (entry: TarEntry, layer: number) => ContentSink | undefined,
): Promise<void> {
  if (count === 0) return;
  const where = `config ${manifest.config.digest}`;
  const bytes = await layout.fetchBytes(manifest.config, { signal, limit: MANIFEST_LIMIT });
  const { rootfs } = readConfig(parseStrictJson(bytes, where), manifest.layers.length, where);
  for (const [at, layer] of manifest.layers.slice(0, count).entries()) {
    const diffId = rootfs.diffIds[at];
    if (diffId === undefined) throw new TidegateError('image-inconsistent', `${where}: no diff_id for layer ${at}.`);
    if (isNonDistributable(layer) && !(await layout.exists(layer))) {
      throw new TidegateError(
        'layer-absent',
        `The layer ${layer.digest} is not in the layout, so it cannot be tested.`,
      );
    }
    await walkLayer(layout, layer, diffId, (entry) => onEntry(entry, at), { signal });
  }
}
