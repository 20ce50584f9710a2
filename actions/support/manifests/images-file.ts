import type { ImagesOfFile, ManifestFile } from '@tidegate/core';
import type { SourceFile } from './workspace-paths.ts';

/** A file of manifests with its images. */
export interface ImagesFile extends SourceFile, ImagesOfFile {
  readonly file: ManifestFile;
}
