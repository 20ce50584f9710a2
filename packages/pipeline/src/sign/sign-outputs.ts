import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  MAX_OUTPUTS_BYTES,
  outputsDocument,
  readOutputs,
  type Signer,
  signBundle,
  type Witness,
} from '@tidegate/attest';
import { MediaType } from '@tidegate/core';
import type { ExportedOutput } from '../build/outputs.ts';
import { attachLocal, readContent } from '../evidence/store.ts';
import type { Target } from '../target.ts';

/** Keep the provenance of exported files in the layout, for the signer of the image. */
export async function keepOutputs({ layout, image }: Target, exported: readonly ExportedOutput[]): Promise<void> {
  const statements = exported.flatMap(({ parts }) => parts.map(({ name, made }) => ({ name, bytes: made.bytes })));
  if (statements.length === 0) return;
  const document = outputsDocument(image.root.digest, statements);
  await attachLocal(layout, image.root, document, MediaType.outputs);
}

interface OutputSigner {
  readonly signer: Signer;
  readonly witnesses: readonly Witness[];
  /** Path for the bundle, by the name of the provenance. */
  readonly bundleOfOutput?: ((name: string) => string) | undefined;
}

/**
 * Sign the provenance of the files that were exported with the image. Each bundle becomes a file.
 * @returns their paths
 */
export async function signOutputs(
  { layout, image }: Target,
  { signer, witnesses, bundleOfOutput }: OutputSigner,
): Promise<readonly string[]> {
  if (!bundleOfOutput) return [];
  const paths: string[] = [];
  for (const record of await layout.referrers(image.root.digest, MediaType.outputs)) {
    const document = await readContent(layout, record, MAX_OUTPUTS_BYTES);
    for (const { name, bytes } of readOutputs(document, image.root.digest)) {
      const path = bundleOfOutput(name);
      const { content } = await signBundle(bytes, signer, witnesses);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
      paths.push(path);
    }
  }
  return paths;
}
