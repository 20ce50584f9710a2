import { readManifestFile } from '@tidegate/core';
import type { Remark } from '../finding.ts';
import { imageRemarks } from './rules/images.ts';
import { YamlMap } from './yaml-map.ts';

export function isKustomization(file: string): boolean {
  return /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/.test(file);
}

/** Names of the images whose version a kustomization sets: the manifests that it uses need none. */
export async function kustomizedImages(text: string): Promise<string[]> {
  // The rules report a file that cannot be read.
  const file = await readManifestFile(Buffer.from(text), 'kustomization.yaml').catch(() => undefined);
  const documents = file?.documents.flatMap(({ root }) => YamlMap.of(root) ?? []) ?? [];
  return documents.flatMap((document) =>
    document.maps('images').flatMap((image) => {
      const name = image.text('name')?.text;
      return name !== undefined && (image.has('newTag') || image.has('digest')) ? [name] : [];
    }),
  );
}

/** The images that a kustomization names. */
export function kustomizationRemarks(document: YamlMap): Remark[] {
  return document.maps('images').flatMap((image) => {
    const [name, tag, digest] = ['newName', 'newTag', 'digest'].map((key) => image.text(key));
    const shown = name?.text ?? image.text('name')?.text ?? '';
    const at = tag ?? digest;
    if (!at) return [];
    const text = `${shown}${tag ? `:${tag.text}` : ''}${digest ? `@${digest.text}` : ''}`;
    const fix = 'Write the digest of the verified image as digest: sha256:….';
    return imageRemarks('The kustomization', { text, line: at.line }, fix);
  });
}
