import { posix } from 'node:path';
import { mapLimited } from '@tidegate/core';
import {
  declaredMounts,
  declaredVolumes,
  isKustomization,
  kustomizedImages,
  mayDeclareMounts,
  type SourceRuleSettings,
} from '@tidegate/source';
import type { CommittedText } from './committed-sources.ts';

const FILES_AT_ONCE = 8;

/**
 * Facts that files of the repository state about each other: manifests mount the folders of a Dockerfile, Dockerfiles declare
 * the volumes of a manifest, and kustomizations set the images of manifests.
 */
export async function declaredIn(
  files: readonly string[],
  dockerfiles: readonly string[],
  read: (file: string) => Promise<CommittedText>,
): Promise<Required<Pick<SourceRuleSettings, 'mounts' | 'volumes' | 'setImages' | 'charts'>>> {
  const all = async (from: readonly string[], of: (text: string) => readonly string[] | Promise<readonly string[]>) => {
    const found = await mapLimited(from, FILES_AT_ONCE, async (file) => {
      const source = await read(file);
      return 'text' in source ? of(source.text) : [];
    });
    return found.flat();
  };
  return {
    mounts: await all(files.filter(mayDeclareMounts), declaredMounts),
    volumes: await all(dockerfiles, declaredVolumes),
    setImages: await all(files.filter(isKustomization), kustomizedImages),
    charts: files
      .filter((file) => posix.basename(file) === 'Chart.yaml')
      .map((file) => posix.dirname(file).replace(/^\.$/, '')),
  };
}
